# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# TAP for tests in shell: `check WHAT COMMAND...` is one test, which passes if the command does; `done_testing` at the end.
n_tests=0 n_failed=0

check() {
	local what=$1 said
	shift
	n_tests=$((n_tests + 1))
	if said=$("$@" 2>&1); then
		echo "ok $n_tests - $what"
	else
		n_failed=$((n_failed + 1))
		echo "not ok $n_tests - $what"
		[ -z "$said" ] || sed 's/^/# /' <<<"$said" | tail -40
	fi
}

done_testing() {
	echo "1..$n_tests"
	[ $n_failed = 0 ]
}
