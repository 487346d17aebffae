#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The source is formatted, and clean under the analysers of Debian 12. Those of other releases find and format differently, and are
# not asked.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh || exit 1

defines=(-D_GNU_SOURCE "-DSRCPIN_VERSION=\"lint\"")
mapfile -t c < <(find user tests bpf include -name '*.[ch]')
mapfile -t sh < <(grep -rlE '^#!(/bin/|/usr/bin/env )(ba)?sh' tests tools findings .ci debian && echo user/completion/srcpin)
mapfile -t user < <(find user -name '*.c')

# of Debian 12
declare -A lints=([clang-format]=14 [clang]=14 [clang-tidy]=14 [cppcheck]=2.10 [shellcheck]=0.9)

# lint TOOL WHAT COMMAND...
lint() {
	local tool=$1 what=$2 is
	shift 2
	is=$("$tool" --version 2>/dev/null | grep -oEm1 '[0-9]+\.[0-9]+')
	case $is. in
	"${lints[$tool]}".*) ok "$what ($tool)" "$@" ;;
	*) skip "$what ($tool)" "lint goes by Debian 12's $tool ${lints[$tool]}; this is ${is:-none}" ;;
	esac
}

clang_builds() {
	local f
	for f in "${user[@]}"; do
		clang -std=gnu11 -Wall -Wextra -Wshadow -Wconversion -Werror "${defines[@]}" -Iinclude -Iuser -isystem "${O:-build}" \
			-fsyntax-only "$f" || return 1
	done
}

# one at a time: clang-tidy 14 carries what it believes of a va_list over from file to file
tidy() {
	local said
	said=$(printf '%s\n' "${user[@]}" | xargs -P "$(nproc)" -I{} \
		clang-tidy --quiet {} -- -std=gnu11 "${defines[@]}" -Iinclude -Iuser -isystem "${O:-build}" 2>&1) && return
	grep -v ' warnings* generated\.$' <<<"$said"
	return 1
}

# other kernels lay the same types out otherwise: it has to serve, not to be equal
vmlinux_serves() {
	local dir status
	dir=$(mktemp -d)
	tools/vmlinux >"$dir/vmlinux.h" &&
		clang --target=bpf -mcpu=v3 -O2 -g -I"$dir" -Iinclude -I/usr/include -c bpf/srcpin.bpf.c -o "$dir/o"
	status=$?
	rm -r "$dir"
	return "$status"
}

no_paths_of_one_machine() {
	! grep -rnE "$PWD/|/home/[a-z]|https?://[a-z.]*(mirror|proxy|registry)" --include='*' user tests/*.t tests/unit tests/kernel tests/systemd tests/bench tools bpf \
		debian include findings README.md Makefile .ci | grep -v 'tests/lint.t'
}

# without its world a test would go on in the host's
stops_without_its_world() {
	! grep -rnE --include='*.t' --include='*.sh' '^\. ["t]' tests | grep -v '|| exit 1$'
}

lint clang-format 'C is formatted' clang-format --dry-run -Werror "${c[@]}"
lint clang 'no warning' clang_builds
# ctuuninitvar: takes what a function is to fill for what it reads; memleak: does not know __attribute__((cleanup))
lint cppcheck 'nothing is found' cppcheck --quiet --suppress=ctuuninitvar --suppress=memleak --std=c11 --enable=warning,performance,portability --inline-suppr \
	--error-exitcode=1 "${defines[@]}" -Iinclude -Iuser user
lint clang-tidy 'nothing is found' tidy
lint shellcheck 'nothing is found' shellcheck -x "${sh[@]}"
ok 'what tools/vmlinux makes of this kernel serves the programs' vmlinux_serves
ok 'a test without the files that it reads ends' stops_without_its_world
ok 'no path of one machine and no mirror is named' no_paths_of_one_machine
done_testing
