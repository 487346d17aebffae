#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A load that fails at any step leaves exactly what was before.

# shellcheck disable=SC2034 # faults.sh reads what is set here
# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/life/faults.sh
. "$(dirname "${BASH_SOURCE[0]}")/faults.sh" || exit 1

# A fault that the load got over must not show either: then the new policy is in force, whole.
as_before() {
	local got
	case $fault_status in
	0)
		got=$(source_of "$WORLD_CGROUP")
		[[ $got == "$B" ]] || complain "$1" "$2" "exits with 0, but leaves from $got" || return
		# the next load clears away what is left of the other build's programs, and where the config was before
		state_is '' || [[ $(grep -v /programs_old <<<"$state_now" | sort -u | wc -l) == "$full" ]] ||
			complain "$1" "$2" "exits with 0, but there is"$'\n'"$state_now"
		return
		;;
	1) [[ $err == *"$CONFIG"* ]] || complain "$1" "$2" "exits with 1: $err" || return ;;
	2) ;;
	*) complain "$1" "$2" "exits with $fault_status: $err" || return ;;
	esac
	one_sentence "$err" || complain "$1" "$2" "not one sentence: $err" || return
	state_is "$before" ||
		complain "$1" "$2" "not as before, said: $err"$'\n'"$(diff <(echo "$before") <(echo "$state_now"))" || return
	got=$(source_of "$WORLD_CGROUP")
	[[ $got == "$source_before" ]] || complain "$1" "$2" "now leaves from $got"
}

nothing_held() {
	"$SRCPIN" unload --all || bail_out "cannot unload"
	before=$(state)
}

older_in_force() {
	put "source = $A" || bail_out "cannot load: $err"
	before=$(state)
	config "source = $B"
}

older_in_force
full=$(wc -l <<<"$before")

BINARY=$SRCPIN
situation="nothing loaded before" restore=nothing_held source_before=$SHARED
nothing_held
each_fault error=EPERM as_before
each_fault error=ENOMEM as_before

situation="an older policy in force" restore=older_in_force source_before=$A
older_in_force
each_fault error=EPERM as_before
each_fault error=ENOMEM as_before

# a first pool: what is held does not know lists, and is replaced
first_pool() {
	nothing_held
	older_in_force
	config "source = $B 2001:db8:2::99"
}
situation="programs without lists in force" restore=first_pool
first_pool
each_fault error=ENOMEM as_before

# with another build of ours, which replaces the held programs
make_newer
BINARY=$NEWER
situation="an older build in force" restore=older_in_force
older_in_force
each_fault error=ENOMEM as_before

# with threads, if there are CPUs for them: one of them fails, or cannot be made
BINARY=$SRCPIN WHERE='' FAULT_CALLS=(bpf clone3)
situation="nothing loaded before, several CPUs" restore=nothing_held source_before=$SHARED
nothing_held
each_fault error=ENOMEM as_before

nothing_held
done_testing
