#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A load that is killed at any step: what was pinned stays pinned, and one more load puts everything right.

# shellcheck disable=SC2034 # faults.sh reads what is set here
# shellcheck source=tests/kernel/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/world.sh"
# shellcheck source=tests/kernel/state.sh
. "$WORLD_HERE/state.sh"
# shellcheck source=tests/kernel/faults.sh
. "$WORLD_HERE/faults.sh"

one_more_helps() {
	local got
	[[ $fault_status == 137 ]] || complain "$1" "$2" "was not killed: exits with $fault_status: $err" || return
	got=$(source_of "$WORLD_CGROUP")
	[[ $got =~ ^($may_be)$ ]] || complain "$1" "$2" "killed, and leaves from $got" || return
	"$SRCPIN" status --json >"$WORLD_DIR/status" 2>&1 || jq . "$WORLD_DIR/status" >/dev/null ||
		complain "$1" "$2" "killed, and status says $(<"$WORLD_DIR/status")" || return
	run "$BINARY" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" ||
		complain "$1" "$2" "killed, and one more load exits with $?: $err" || return
	got=$(source_of "$WORLD_CGROUP")
	[[ $got == "$B" ]] || complain "$1" "$2" "loaded once more, and leaves from $got" || return
	run "$BINARY" status --cgroup "$WORLD_CGROUP" ||
		complain "$1" "$2" "loaded once more, and status exits with $?: $out" || return
	state_is '' || [[ $(wc -l <<<"$state_now") == "$full" ]] ||
		complain "$1" "$2" "loaded once more, and there is"$'\n'"$state_now"
}

unload_helps() {
	[[ $fault_status == 137 ]] || complain "$1" "$2" "was not killed: exits with $fault_status: $err" || return
	run "$BINARY" unload --all || complain "$1" "$2" "killed, and unload exits with $?: $err" || return
	state_is "$nothing" || complain "$1" "$2" "killed and unloaded, and there is"$'\n'"$state_now"
}

nothing_held() {
	"$SRCPIN" unload --all || bail_out "cannot unload"
}

older_in_force() {
	nothing_held
	put "source = $A" || bail_out "cannot load: $err"
	config "source = $B"
}

nothing=$(state)
older_in_force
full=$(state | wc -l)

BINARY=$SRCPIN
situation="nothing loaded before" restore=nothing_held may_be="$SHARED|$B"
nothing_held
each_fault signal=KILL one_more_helps
situation="nothing loaded before, unload"
each_fault signal=KILL unload_helps

situation="an older policy in force" restore=older_in_force may_be="$A|$B"
older_in_force
each_fault signal=KILL one_more_helps

# with another build of ours, which replaces the held programs
make_newer
BINARY=$NEWER
situation="an older build in force"
older_in_force
each_fault signal=KILL one_more_helps

nothing_held
is "$(state)" "$nothing" "nothing at the end"
done_testing
