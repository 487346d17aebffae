# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make              build $(O)/srcpin (default: build/)
# make install      into $(DESTDIR)$(PREFIX)
# make tests        what tests/run runs
# make bench        measure what a pin costs: $(O)/bench.json, .md and .svg; as root, two minutes
# make clean
#
# O=DIR builds elsewhere; V=1 shows the commands; CC, CFLAGS, LDFLAGS, CLANG
# and BPFTOOL are honoured. Neither root, nor the network, nor the BTF of the
# build host is needed.

VERSION  := 0.1.0
O        ?= build
PREFIX   ?= /usr/local
SBINDIR  ?= $(PREFIX)/sbin
MANDIR   ?= $(PREFIX)/share/man
CLANG    ?= clang
BPFTOOL  ?= $(or $(shell PATH="$$PATH:/usr/sbin" command -v bpftool),bpftool)
INSTALL  ?= install
CFLAGS   ?= -O2 -g

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

warnings  := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wno-format-nonliteral -Werror
hardening := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
cppflags   = -D_GNU_SOURCE -DSRCPIN_VERSION='"$(VERSION)"' -Iinclude -Iuser -isystem $(O) $(CPPFLAGS)
cflags     = -std=gnu11 $(warnings) $(hardening) -MMD -MP $(CFLAGS)
ldflags    = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS)
bpf_flags := --target=bpf -mcpu=v3 -O2 -g -std=gnu11 -Wall -Wextra -Wshadow -Werror -Wno-unused-command-line-argument \
	-Ivmlinux -Iinclude -I/usr/include
libs      := -lbpf -lelf -lz -lmnl -ljansson

sources := $(wildcard user/*.c)
objects := $(sources:%.c=$(O)/%.o)

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all install clean tests
all: $(O)/srcpin

$(O)/srcpin: $(objects)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(ldflags) -o $@ $^ $(libs)

$(O)/user/objects.o: $(O)/srcpin.skel.h
$(O)/user/%.o: user/%.c $(O)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(cppflags) $(cflags) -c -o $@ $<

# The skeleton is written by bpftool as it goes: under another name until it is whole.
$(O)/srcpin.skel.h: $(O)/bpf/srcpin.bpf.o
	$(call say,SKEL)
	$(Q)$(BPFTOOL) gen skeleton $< name srcpin_bpf >$@.part && mv $@.part $@

# bpftool's linker leaves the debug sections out and BTF in.
$(O)/bpf/srcpin.bpf.o: bpf/srcpin.bpf.c $(O)/flags
	$(call say,BPF)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(bpf_flags) -MMD -MP -MT $@ -MF $(@:.o=.d) -c -o $(@:.o=.dbg.o) $<
	$(Q)$(BPFTOOL) gen object $@.part $(@:.o=.dbg.o) && mv $@.part $@ && rm $(@:.o=.dbg.o)

# A change of the flags or of the version rebuilds everything.
$(O)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(VERSION) $(CC) $(CLANG) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)' | cmp -s - $@ || \
		echo '$(VERSION) $(CC) $(CLANG) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)' >$@
FORCE:

install: all
	$(Q)$(INSTALL) -D -m 755 $(O)/srcpin "$(DESTDIR)$(SBINDIR)/srcpin"
	$(Q)$(INSTALL) -D -m 644 user/man/srcpin.8 "$(DESTDIR)$(MANDIR)/man8/srcpin.8"
	$(Q)$(INSTALL) -D -m 644 user/man/srcpin.conf.5 "$(DESTDIR)$(MANDIR)/man5/srcpin.conf.5"
	$(Q)$(INSTALL) -D -m 644 user/man/srcpin-messages.7 "$(DESTDIR)$(MANDIR)/man7/srcpin-messages.7"

clean:
	$(Q)rm -rf $(O)/srcpin $(O)/srcpin.skel.h* $(O)/flags $(O)/user $(O)/bpf $(O)/tests $(O)/asan $(O)/demo \
		$(O)/bench.* $(O)/bench-quick.*

include tests/tests.mk

-include $(objects:.o=.d) $(O)/bpf/srcpin.bpf.d
