#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# 16 processes connect as fast as they can while the policy goes to and fro between two sources.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/lib/hammer.sh
. "$WORLD_HERE/hammer.sh" || exit 1

A=2001:db8:2::25
B=2001:db8:2::26
A4=192.0.2.25
B4=192.0.2.26

world_ipv4_sources

# load_of FILE: a load, and nothing else, so that the flips follow one another closely
load_of() {
	"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$WORLD_DIR/$1" >/dev/null 2>>"$WORLD_DIR/flips.err" ||
		failed=$((failed + 1))
}

# flips CONFIG-A CONFIG-B FLIPS CONNECTS SOURCE...: at least so many of both
flips() {
	local a=$1 b=$2 want_flips=$3 want_connects=$4 what start=$SECONDS n=0 count=0
	shift 4
	what="$want_flips flips, $# sources"
	config "$b"
	cp "$CONFIG" "$WORLD_DIR/b.conf"
	put "$a" || bail_out "cannot load: $err"
	cp "$CONFIG" "$WORLD_DIR/a.conf"
	local loaded
	loaded=$(state)
	failed=0
	hammer_start "$@"
	while ((n < want_flips || count < want_connects)); do
		load_of b.conf
		load_of a.conf
		n=$((n + 2))
		((n % 20)) || count=$(hammer_count)
	done
	hammer_end
	diag "$n flips in $((SECONDS - start)) s"
	diag "$hammer_said"
	is "$failed" 0 "$what: no load fails"
	is "$hammer_status" 0 "$what: no connect and no send fails, no third address, here or on the wire"
	ok "$what: at least $want_connects connects" test "$(hammer_sum 'connect good')" -ge "$want_connects"
	for source; do
		like "$hammer_said" "$source here [1-9][0-9]* there [1-9]" "$what: $source was in use"
	done
	is "$(dropped)" 0 "$what: the guard has dropped nothing"
	ok "$what: the guard has seen the packets" test "$(counter passed)" -ge "$(hammer_sum 'connect good')"
	diag "$("$SRCPIN" status --json | jq -c '.services[0].counters.reasons | with_entries(select(.value > 0))')"
	same_state "$loaded" "$what: nothing is left behind"
	"$SRCPIN" unload --all
}

flips "source = $A" "source = $B" 1000 1000000 "$A" "$B"
flips "source = $A"$'\n'"source4 = $A4" "source = $B"$'\n'"source4 = $B4" 300 300000 "$A" "$B" "$A4" "$B4"

done_testing
