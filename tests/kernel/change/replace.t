#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Loads while the service connects, and loads beside loads.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

A=2001:db8:2::25
B=2001:db8:2::26

nothing=$(state)

# replaced under load
put "source = $A" || bail_out "cannot load: $err"
loaded=$(state)
coproc HAMMER { "$HELPERS/hammer" "$A" "$B"; }
# shellcheck disable=SC2153 # the shell sets it
hammer_pid=$HAMMER_PID
read -r line <&"${HAMMER[0]}"
is "$line" "ready" "16 processes connect"
failed=0
for ((i = 0; i < 100; i++)); do
	put "source = $B" || failed=$((failed + 1))
	put "source = $A" || failed=$((failed + 1))
done
is "$failed" 0 "200 loads under way, none fails"
eval "exec ${HAMMER[1]}>&-"
read -r line <&"${HAMMER[0]}"
wait "$hammer_pid"
is "$?" 0 "no connect failed, none left from a third address: $line"
diag "$line"
like "$line" "^$A here [1-9][0-9]* there [1-9][0-9]*, $B here [1-9][0-9]* there [1-9]" "both sources were seen"
same_state "$loaded" "200 loads leave nothing behind"

# loads at once
at_once() {
	local n=$1 what=$2 i pids=() failed=0
	for ((i = 0; i < n; i++)); do
		printf '[%s]\nsource = 2001:db8:2::%d\n' "$WORLD_SECTION" $((25 + i % 3)) >"$WORLD_DIR/at-once-$i"
		"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$WORLD_DIR/at-once-$i" >/dev/null 2>"$WORLD_DIR/err-$i" &
		pids+=($!)
	done
	for i in "${!pids[@]}"; do
		wait "${pids[i]}" || {
			failed=$((failed + 1))
			diag "$(<"$WORLD_DIR/err-$i")"
		}
	done
	is "$failed" 0 "$n loads at once, $what: none fails"
	like "$(source_of "$WORLD_CGROUP")" '^2001:db8:2::2[567]$' "$n loads at once, $what: one of them is in force"
}

at_once 2 "over an older policy"
at_once 8 "over an older policy"
same_state "$loaded" "loads at once leave nothing behind"
for n in 2 8; do
	"$SRCPIN" unload --all
	same_state "$nothing" "unloaded"
	at_once "$n" "from nothing"
	is "$(state | wc -l)" "$(wc -l <<<"$loaded")" "$n loads at once, from nothing: the usual state"
done

# loads beside unloads: whatever came last, all of it or nothing
for ((i = 0; i < 20; i++)); do
	"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" >/dev/null 2>"$WORLD_DIR/err-load" &
	load=$!
	"$SRCPIN" unload --all >/dev/null 2>"$WORLD_DIR/err-unload" &
	unload=$!
	wait "$load" || fail "a load beside an unload" "$(<"$WORLD_DIR/err-load")"
	wait "$unload" || fail "an unload beside a load" "$(<"$WORLD_DIR/err-unload")"
	got=$(source_of "$WORLD_CGROUP")
	if [[ -d /sys/fs/bpf/srcpin ]]; then
		[[ $got == "$A" ]] || fail "after a load and an unload at once: loaded, yet $got"
	else
		[[ $got == 2001:db8:1::5 ]] || fail "after a load and an unload at once: not loaded, yet $got"
	fi
done
pass "20 loads beside 20 unloads"
"$SRCPIN" unload --all
same_state "$nothing" "after all that nothing is left"

done_testing
