# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What the scripts of the demo share. Sourced.
# shellcheck shell=bash

heading() { printf '\n== %s\n' "$*"; }
indent() { sed 's/^/    /'; }

# fail SENTENCE [LOG]: say what failed, show the end of the log that tells more, and give up.
fail() {
	if [ -s "${2-}" ]; then
		printf '\n-- the end of %s:\n' "$2"
		tail -n 15 "$2" | indent
	fi >&2
	printf '\ndemo: FAILED: %s\n' "$1" >&2
	exit 1
}

# From here on, a command that fails unexpectedly is named.
catch_errors() {
	set -E
	trap 'fail "line $LINENO of ${BASH_SOURCE[0]}: $BASH_COMMAND"' ERR
}

# wait_until SECONDS WHAT COMMAND...: till the command succeeds. Names what it waited for if it never does;
# shows $log, if set, then.
wait_until() {
	local limit=$((SECONDS + $1)) what=$2
	shift 2
	until "$@"; do
		[ "$SECONDS" -lt "$limit" ] || fail "waited in vain for $what" "${log-}"
		sleep 0.05
	done
}
