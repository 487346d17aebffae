# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make              build $(O)/srcpin (default: build/)
# make install      into $(DESTDIR)$(PREFIX); the config, unless there is one, into $(DESTDIR)/etc
# make check        run the unit tests, which need no root
# make tests        build what tests/run runs
# make dist         the release: $(O)/srcpin-$(VERSION).tar.xz, which needs no git
# make asan         build srcpin and the unit tests with AddressSanitizer and UBSan, in $(O)/asan: SANITIZE=1 tests/run
# make fuzz         build the targets of libFuzzer, with the sanitizers: tests/fuzz.t runs them
# make bench        measure what a pin costs: $(O)/bench.json, .md and .svg; as root, two minutes; BENCH_BASE=COMMIT compares
# make check-kernels   the kernel tests on Debian's kernels from 5.10 to the newest, in VMs; as root
# make check-releases  both commands of the README on fresh Debian 12, 13 and sid, and what each builds on each kernel,
#                      in VMs; as root, needs the mirror
# make check-arm64     cross-builds for arm64, and runs the kernel tests on Debian's arm64 kernels, in VMs; as root
# make check-everywhere  releases, kernels and architectures in one table, tests/EVERYWHERE.md; as root, up to an hour
# make check-systemd   Postfix, Exim and OpenSMTPD on Debian's systemd from 247 to the newest, in namespaces; a service
#                      on each of these systemds and each of those kernels, in VMs; as root, needs the mirror
# make check-programs  real programs in a pinned cgroup: mail servers, resolvers, languages, proxies, in one table,
#                      tests/PROGRAMS.md; as root, needs the mirror and npm's, half an hour
# make clean
#
# O=DIR builds elsewhere; V=1 shows the commands; CC, CPPFLAGS, CFLAGS,
# LDFLAGS, CLANG and BPFTOOL are honoured. Neither root, nor the network, nor the BTF of the build host is needed.
# A warning stops no build: a compiler that came later may warn of more. WERROR=-Werror, as in CI: it does.

VERSION  := 0.1.0
O        ?= build
PREFIX   ?= /usr/local
SBINDIR  ?= $(PREFIX)/sbin
MANDIR   ?= $(PREFIX)/share/man
DOCDIR   ?= $(PREFIX)/share/doc/srcpin
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
CLANG    ?= clang
BPFTOOL  ?= $(or $(shell PATH="$$PATH:/usr/sbin" command -v bpftool),bpftool)
INSTALL  ?= install
CFLAGS   ?= -O2 -g
WERROR   ?=

V ?= 0
ifeq ($(V),0)
Q   := @
ifeq ($(findstring s,$(firstword -$(MAKEFLAGS))),)
say  = @printf '  %-7s %s\n' $(1) $(patsubst $(CURDIR)/%,%,$@)
endif
endif
ifneq ($(words $(O)),1)
$(error O names one folder, without blanks)
endif

warnings  := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wno-format-nonliteral $(WERROR)
# a distribution may say more of _FORTIFY_SOURCE
fortify   := $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
hardening := $(fortify) -fstack-protector-strong -fPIE
cppflags   = -D_GNU_SOURCE -DSRCPIN_VERSION='"$(VERSION)"' -Iinclude -Iuser -isystem $(O) $(CPPFLAGS)
cflags     = -std=gnu11 $(warnings) $(hardening) -MMD -MP $(CFLAGS)
ldflags    = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS)
# -ffile-prefix-map: BTF names the source files, and is part of the binary
bpf_flags := --target=bpf -mcpu=v3 -O2 -g -std=gnu11 -Wall -Wextra -Wshadow $(WERROR) -Wno-unused-command-line-argument \
	'-ffile-prefix-map=$(CURDIR)=.' -Ivmlinux -Iinclude -I/usr/include
libs      := -pthread -lbpf -lelf -lz -lmnl -ljansson -lcares

sources := $(wildcard user/*/*.c)
objects := $(sources:%.c=$(O)/%.o)
skeletons := $(patsubst bpf/%.bpf.c,$(O)/%.skel.h,$(wildcard bpf/*.bpf.c))

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all install clean tests dist
all: $(O)/srcpin

$(O)/srcpin: $(objects)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(ldflags) -o $@ $^ $(libs)

$(O)/user/kernel/objects.o $(O)/user/kernel/programs.o: $(skeletons)
$(O)/user/%.o: user/%.c $(O)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(cppflags) $(cflags) -c -o $@ $<

# The skeleton is written by bpftool as it goes: under another name until it is whole.
$(skeletons): $(O)/%.skel.h: $(O)/bpf/%.bpf.o
	$(call say,SKEL)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf >$@.part && mv $@.part $@

# bpftool's linker leaves the debug sections out and BTF in.
$(skeletons:$(O)/%.skel.h=$(O)/bpf/%.bpf.o): $(O)/bpf/%.bpf.o: bpf/%.bpf.c $(O)/flags
	$(call say,BPF)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(bpf_flags) -MMD -MP -MT $@ -MF $(@:.o=.d) -c -o $(@:.o=.dbg.o) $<
	$(Q)$(BPFTOOL) gen object $@.part $(@:.o=.dbg.o) && mv $@.part $@ && rm $(@:.o=.dbg.o)

# A change of the flags or of the version rebuilds everything.
$(O)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(VERSION) $(CC) $(CLANG) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(WERROR)' | cmp -s - $@ || \
		echo '$(VERSION) $(CC) $(CLANG) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(WERROR)' >$@
FORCE:

install: all
	$(Q)$(INSTALL) -D -m 755 $(O)/srcpin "$(DESTDIR)$(SBINDIR)/srcpin"
	$(Q)$(INSTALL) -D -m 644 user/man/srcpin.8 "$(DESTDIR)$(MANDIR)/man8/srcpin.8"
	$(Q)$(INSTALL) -D -m 644 user/man/srcpin.conf.5 "$(DESTDIR)$(MANDIR)/man5/srcpin.conf.5"
	$(Q)$(INSTALL) -D -m 644 user/man/srcpin-messages.7 "$(DESTDIR)$(MANDIR)/man7/srcpin-messages.7"
	$(Q)$(INSTALL) -D -m 644 user/completion/srcpin "$(DESTDIR)$(COMPLETIONDIR)/srcpin"
	$(Q)$(INSTALL) -d "$(DESTDIR)$(DOCDIR)/examples"
	$(Q)for f in user/systemd/* user/prometheus/*; do \
		sed 's,/usr/sbin/srcpin,$(SBINDIR)/srcpin,' $$f >"$(DESTDIR)$(DOCDIR)/examples/$${f##*/}" && \
		chmod 644 "$(DESTDIR)$(DOCDIR)/examples/$${f##*/}" || exit 1; done
	$(Q)for f in $$(find tools/fleet -type f); do \
		$(INSTALL) -D -m 644 $$f "$(DESTDIR)$(DOCDIR)/examples/$${f#tools/}" || exit 1; done
	$(Q)[ -e "$(DESTDIR)/etc/srcpin.conf" ] || $(INSTALL) -D -m 644 user/srcpin.conf "$(DESTDIR)/etc/srcpin.conf"

dist:
	$(call say,DIST)
	$(Q)tools/dist $(O)/srcpin-$(VERSION).tar.xz

clean:
	$(Q)rm -rf $(O)/srcpin $(O)/*.skel.h* $(O)/flags $(O)/user $(O)/bpf $(O)/tests $(O)/asan $(O)/fuzz $(O)/demo $(O)/systemd \
		$(O)/base $(O)/bench.* $(O)/bench-quick.* $(O)/srcpin-*.tar.xz $(O)/vm $(O)/releases

include tests/tests.mk

-include $(objects:.o=.d) $(wildcard $(O)/bpf/*.d)
