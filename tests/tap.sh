# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# TAP for bash: one line per fact, what went wrong as a comment below it.

tap_n=0
tap_failed=0

diag() {
	local line
	while IFS= read -r line; do
		printf '# %s\n' "$line"
	done <<<"$*"
}

pass() {
	tap_n=$((tap_n + 1))
	printf 'ok %d - %s\n' "$tap_n" "$1"
}

# fail WHAT [DETAIL]
fail() {
	tap_n=$((tap_n + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_n" "$1"
	[[ -z ${2-} ]] || diag "$2"
	return 0
}

# is GOT WANT WHAT
is() {
	if [[ $1 == "$2" ]]; then
		pass "$3"
	else
		fail "$3" "got:    $1"$'\n'"wanted: $2"
	fi
}

# like GOT REGEX WHAT
like() {
	if [[ $1 =~ $2 ]]; then
		pass "$3"
	else
		fail "$3" "got:       $1"$'\n'"not like:  $2"
	fi
}

# ok WHAT COMMAND...
ok() {
	local what=$1 said
	shift
	if said=$("$@" 2>&1); then
		pass "$what"
	else
		fail "$what" "failed: $*"$'\n'"$(tail -40 <<<"$said")"
	fi
}

# A skip names what is missing; with MUST_RUN=1 it is a failure.
skip_all() {
	if [[ ${MUST_RUN-} == 1 ]]; then
		printf 'not ok 1 - cannot run: %s\n1..1\n' "$1"
		exit 1
	fi
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

# skip WHAT MISSING
skip() {
	if [[ ${MUST_RUN-} == 1 ]]; then
		fail "$1" "cannot run: $2"
		return
	fi
	tap_n=$((tap_n + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_n" "$1" "$2"
}

bail_out() {
	printf 'Bail out! %s\n' "$*"
	exit 1
}

# need TOOL...
need() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null || skip_all "$tool is missing"
	done
}

# wait_until WHAT COMMAND...: a condition, not a time; the end of patience is a minute, or PATIENCE seconds
wait_until() {
	local what=$1 end=$((SECONDS + ${PATIENCE:-60}))
	shift
	until "$@"; do
		((SECONDS < end)) || bail_out "waited in vain until $what"
		sleep 0.02
	done
}

# A folder that is root's alone from / on, as srcpin wants it for a config. Not below /run, from which some hosts run no program.
trusted_folder() {
	mktemp -d "${TRUSTED:-/var/lib}/srcpin-test.XXXXXX"
}

done_testing() {
	printf '1..%d\n' "$tap_n"
	exit $((tap_failed > 0))
}
