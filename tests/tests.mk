# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What tests/run needs built: unit tests (also under sanitizers), the fuzzer, helpers of the kernel tests.

test_lib  := $(O)/tests/srcpin.a
unit      := $(patsubst tests/unit/%.c,$(O)/tests/unit/%,$(wildcard tests/unit/*/test_*.c))
test_libs := -lmnl -ljansson -lcares -lbpf -lelf -lz
GO        ?= go
sanitize  := -g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
sanitizer_options := $(O)/asan/tests/sanitize/options.o

fuzz      := $(patsubst tests/fuzz/%.c,$(O)/tests/%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz_lib  := $(O)/fuzz/srcpin.a

# One folder for what is built of all folders of tests/kernel, so that the tests find it: no two files have the same name.
helpers   := $(O)/tests/helpers
kernel_c  := $(filter-out %.bpf.c,$(wildcard tests/kernel/*/*.c))
kernel_main := $(shell grep -l '^int main' $(kernel_c))
kernel    := $(patsubst %.c,$(helpers)/%,$(notdir $(kernel_main)))
kernel_lib := $(helpers)/common.a
vpath %.c $(sort $(dir $(kernel_c)))
ifneq ($(words $(kernel_c)),$(words $(sort $(notdir $(kernel_c)))))
$(error two files of tests/kernel have the same name)
endif

bench_c   := $(filter-out %.bpf.c,$(wildcard tests/bench/*.c))
bench_main := $(shell grep -l '^int main' $(bench_c))
bench     := $(bench_main:%.c=$(O)/%)

.PHONY: unit check asan fuzz kernel bench-programs bench check-kernels check-releases check-arm64 check-everywhere check-systemd check-programs
tests: all unit asan fuzz kernel bench-programs
unit: $(unit)

check: $(unit)
	$(Q)for t in $^; do $$t || exit 1; done

# All of srcpin but main(), for tests that call its functions.
$(test_lib): $(filter-out $(O)/user/cli/main.o,$(objects))
	$(call say,AR)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(O)/tests/unit/%: tests/unit/%.c $(test_lib) $(O)/flags
	$(call say,TEST)
	@mkdir -p $(@D)
	$(Q)$(CC) $(cppflags) $(cflags) -MT $@ -MF $@.d $(ldflags) -o $@ $< $(test_lib) -lcmocka $(test_libs)

# srcpin itself and the unit tests. _FORTIFY_SOURCE hides from the sanitizer what it is to see; of GCC's shared libraries that
# of UBSan, beside the other one, does not keep to log_path.
asan: $(sanitizer_options)
	$(Q)+$(MAKE) O=$(O)/asan CFLAGS='$(sanitize) -U_FORTIFY_SOURCE -Wno-error' \
		LDFLAGS='$(LDFLAGS) -static-libasan -static-libubsan $(abspath $<)' all unit

$(sanitizer_options): tests/sanitize/options.c
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) -D_GNU_SOURCE -std=gnu11 $(warnings) -O1 -g -fPIE -c -o $@ $<

# All of srcpin but main(), built by Clang for libFuzzer
fuzz: $(fuzz)
# Clang 14 dies of __builtin_assume_aligned() of an array
$(O)/fuzz/user/policy/explain.o $(O)/fuzz/user/host/older.o: sanitize += -fno-sanitize=alignment
$(O)/fuzz/%.o: %.c $(O)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(cppflags) -std=gnu11 -MMD -MP $(sanitize) -fsanitize=fuzzer-no-link -c -o $@ $<

$(O)/fuzz/user/kernel/objects.o $(O)/fuzz/user/kernel/programs.o: $(skeletons)
$(fuzz_lib): $(O)/fuzz/tests/fuzz/fuzz.o $(patsubst %.c,$(O)/fuzz/%.o,$(filter-out user/cli/main.c,$(sources)))
	$(call say,AR)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(fuzz): $(O)/tests/%: $(O)/fuzz/tests/fuzz/%.o $(fuzz_lib)
	$(call say,FUZZ)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(sanitize) -fsanitize=fuzzer -o $@ $^ $(test_libs)

# What runs in the cgroups of the kernel tests: programs that share the rest of tests/kernel.
kernel: $(kernel) $(helpers)/dial-static $(helpers)/dial-go $(helpers)/foreign.bpf.o
$(helpers)/%.o: %.c $(O)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(cppflags) -Itests/kernel $(cflags) -c -o $@ $<

$(kernel_lib): $(patsubst %.c,$(helpers)/%.o,$(notdir $(filter-out $(kernel_main),$(kernel_c))))
	$(call say,AR)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# lookup calls srcpin's own resolver
$(helpers)/lookup: $(test_lib)
$(kernel): %: %.o $(kernel_lib)
	$(call say,TEST)
	$(Q)$(CC) $(CFLAGS) $(ldflags) -o $@ $^ -ljansson -lcares -lbpf -luring

$(helpers)/dial-static: tests/kernel/ways/dial.c $(O)/flags
	$(call say,TEST)
	@mkdir -p $(@D)
	$(Q)$(CC) -D_GNU_SOURCE -std=gnu11 $(warnings) $(CFLAGS) -static -o $@ $<

$(helpers)/dial-go: tests/kernel/ways/dial.go
	$(call say,GO)
	@mkdir -p $(@D)
	$(Q)CGO_ENABLED=0 GO111MODULE=off GOCACHE=$(abspath $(O))/tests/go-cache $(GO) build -o $@ $<

# BPF programs of others, for the tests to attach beside ours
$(helpers)/foreign.bpf.o: tests/kernel/lib/foreign.bpf.c
$(O)/tests/bench/nothing.bpf.o: tests/bench/nothing.bpf.c
$(helpers)/foreign.bpf.o $(O)/tests/bench/nothing.bpf.o: $(O)/flags
	$(call say,BPF)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(bpf_flags) -MMD -MP -MT $@ -MF $(@:.o=.d) -c -o $@ $(filter %.bpf.c,$^)

# Measures, which takes minutes; as root.
bench:
	$(Q)O=$(O) tests/bench/run

# KERNELS="5.10 newest" and TESTS="table out": those alone
check-kernels:
	$(Q)tools/setup build test vm
	$(Q)+$(MAKE) all kernel
	$(Q)O=$(abspath $(O)) tests/vm/kernels.t

# SUITES="trixie sid", KERNELS="5.10 newest", TIMES=1: those alone
check-releases:
	$(Q)tools/setup test vm
	$(Q)O=$(abspath $(O)) tests/releases/check $(SUITES)
	$(Q)O=$(abspath $(O)) SUITES="$(SUITES)" KERNELS="$(KERNELS)" tests/vm/releases.t
	$(Q)O=$(abspath $(O)) tests/releases/dist-upgrade.t

# KERNELS="6.1 newest", TESTS="table out": those alone
check-arm64:
	$(Q)tools/setup package vm
	$(Q)O=$(abspath $(O)) tests/vm/arm64.t

# Writes tests/EVERYWHERE.md.
check-everywhere:
	$(Q)tools/setup test package vm
	$(Q)O=$(abspath $(O)) tests/everywhere

# SUITES="trixie sid" and KERNELS="5.10 newest": those alone; RESTARTS=100: of Postfix, instead of ten
check-systemd:
	$(Q)tools/setup build test package vm
	$(Q)+$(MAKE) all kernel
	$(Q)O=$(abspath $(O)) tests/systemd/check $(SUITES)
	$(Q)O=$(abspath $(O)) SUITES="$(SUITES)" KERNELS="$(KERNELS)" tests/vm/systemd.t

# Writes tests/PROGRAMS.md. TABLES="mail proxies", ONLY='dig*': those alone, and no page
check-programs:
	$(Q)tools/setup build test
	$(Q)+$(MAKE) all kernel
	$(Q)O=$(abspath $(O)) TABLES="$(TABLES)" ONLY="$(ONLY)" tests/programs/check

bench-programs: $(bench) $(O)/tests/bench/nothing.bpf.o
$(O)/tests/bench/%.o: tests/bench/%.c $(O)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(cppflags) $(cflags) -c -o $@ $<

$(bench): $(O)/%: $(O)/%.o $(patsubst %.c,$(O)/%.o,$(filter-out $(bench_main),$(bench_c))) $(helpers)/world.o
	$(call say,BENCH)
	$(Q)$(CC) $(CFLAGS) $(ldflags) -o $@ $^ -lbpf

-include $(wildcard $(O)/tests/bench/*.d $(O)/tests/unit/*/*.d $(O)/fuzz/user/*/*.d $(O)/fuzz/tests/fuzz/*.d $(helpers)/*.d)
