#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The source itself: formatted, and clean under the analysers. (The compilers' warnings are errors in every build.)
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh

defines=(-D_GNU_SOURCE "-DSRCPIN_VERSION=\"lint\"")
mapfile -t c < <(find user tests bpf include -name '*.[ch]')
mapfile -t sh < <(grep -rlE '^#!(/bin/|/usr/bin/env )(ba)?sh' tests tools .ci debian && echo user/completion/srcpin)
mapfile -t user < <(find user -name '*.c')

clang_builds() {
	local f
	for f in "${user[@]}"; do
		clang -std=gnu11 -Wall -Wextra -Wshadow -Wconversion -Werror "${defines[@]}" -Iinclude -Iuser -isystem "${O:-build}" \
			-fsyntax-only "$f" || return 1
	done
}

# one at a time: clang-tidy 14 carries what it believes of a va_list over from file to file
tidy() {
	printf '%s\n' "${user[@]}" | xargs -P "$(nproc)" -I{} \
		clang-tidy --quiet {} -- -std=gnu11 "${defines[@]}" -Iinclude -Iuser -isystem "${O:-build}"
}

# other kernels lay the same types out otherwise: it has to serve, not to be equal
vmlinux_serves() {
	local dir status
	dir=$(mktemp -d)
	tools/vmlinux >"$dir/vmlinux.h" &&
		clang --target=bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -I"$dir" -Iinclude -I/usr/include -c bpf/srcpin.bpf.c -o "$dir/o"
	status=$?
	rm -r "$dir"
	return "$status"
}

no_paths_of_one_machine() {
	! grep -rnE "$PWD/|/home/[a-z]|https?://[a-z.]*(mirror|proxy|registry)" --include='*' user tests/*.t tests/unit tests/kernel tests/systemd tests/bench tools bpf \
		debian include README.md Makefile .ci | grep -v 'tests/lint.t'
}

ok 'C is formatted (clang-format)' clang-format --dry-run -Werror "${c[@]}"
ok 'clang warns of nothing' clang_builds
# ctuuninitvar: takes what a function is to fill for what it reads; memleak: does not know __attribute__((cleanup))
ok 'cppcheck finds nothing' cppcheck --quiet --suppress=ctuuninitvar --suppress=memleak --std=c11 --enable=warning,performance,portability --inline-suppr \
	--error-exitcode=1 "${defines[@]}" -Iinclude -Iuser user
ok 'clang-tidy finds nothing' tidy
ok 'shellcheck finds nothing' shellcheck -x "${sh[@]}"
ok 'what tools/vmlinux makes of this kernel serves the programs' vmlinux_serves
ok 'no path of one machine and no mirror is named' no_paths_of_one_machine
done_testing
