#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A load, a reload or an unload that is killed at any system call: the wire shows the state before or the state
# after, for each hook; status says which; and the next command clears what is left.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

A=2001:db8:2::25 B=2001:db8:2::26 A4=192.0.2.25
CONFIG=$WORLD_DIR/srcpin.conf
inner=$WORLD_CGROUP/inner other=$WORLD_CGROUP-other
mkdir "$inner" "$other"
trap 'vacate "$other"; rmdir "$other"; world_end' EXIT
occupy "$inner" "$other"
ip addr add $A4/32 dev vps
make_newer

# the peer asks for nobody's address meanwhile: the kernel's answers would be on the wire, too
mac=$(ip -j link show dev vps | jq -r '.[0].address')
for address in fe80::5 192.0.2.5 $A4; do
	in_peer ip neigh replace "$address" lladdr "$mac" nud permanent dev peer
done

coproc leaves { "$HELPERS/leaves" "$WORLD_CGROUP" "$inner"; }
exec {to_leaves}>&"${leaves[1]}" {from_leaves}<&"${leaves[0]}"

# what leaves from the cgroup, and from the one in it: in $wire
look() {
	echo >&"$to_leaves"
	read -r wire <&"$from_leaves" || bail_out "the wire cannot be seen"
}

# policies [OUTER INNER]: lines of their sections
policies() {
	printf '[%s]\n%b\n[inner]\n%b\n[%s-other]\nsource = %s\n' "$WORLD_SECTION" "${1-source = $A}" "${2-source = $B}" \
		"$WORLD_SECTION" "$A" >"$CONFIG"
}

load() { # CGROUP...
	local cgroup
	for cgroup; do
		"$SRCPIN" load --cgroup "$cgroup" -c "$CONFIG" >"$WORLD_DIR/out" 2>&1 || bail_out "cannot load $cgroup: $(<"$WORLD_DIR/out")"
	done
}

nothing_held() {
	"$SRCPIN" unload --all || bail_out "cannot unload"
}

# what there is, whatever its numbers are: as long as it stays the same, what comes next need not be tried again
shape() {
	sort <<<"${held//[0-9]/}"
}

# What status says of a cgroup fits the wire
said() { # CGROUP
	run "$SRCPIN" status --cgroup "$1" --json
	jq -r '.services[0].state // "none"' <<<"$out"
}

complain() {
	complaints=$((${complaints-0} + 1))
	((complaints > 10)) || diag "$1"
	return 1
}

# After a kill: is all well? BEFORE and AFTER are the wires; $target is what the command was for.
judge() {
	local state
	look
	case $wire in
	"$before") state=$state_before ;;
	"$after") state=$state_after ;;
	*)
		complain "killed at $n, and what leaves is neither before nor after: $wire"$'\n'"$before"$'\n'"$after"
		return
		;;
	esac
	held=$(state)
	now="$wire $(shape)"
	[[ $now != "$last" ]] || return 0
	last=$now
	shapes=$((shapes + 1))
	[[ $(said "$target") =~ ^($state)$ ]] ||
		complain "killed at $n, and status says $(said "$target") of $target, where it should be $state" || return
	recover
}

# Has each rule a service that is there? The next load, or the unload, of that one clears it. Of no service it would stay for ever.
rules_are_owned() {
	owners=$(bpftool -j map dump pinned /sys/fs/bpf/srcpin/maps/rules | jq '[.[].formatted.key.cgroup_id] | unique | length')
	services=$("$SRCPIN" status --json | jq '.services | length')
	[[ $owners == "$services" ]]
}

# One more load puts all right, and an unload leaves nothing
recover() {
	held=
	"$SRCPIN" load --cgroup "$WORLD_CGROUP-other" -c "$CONFIG" >"$WORLD_DIR/out" 2>&1 ||
		complain "killed at $n, and a load of another exits with $?: $(<"$WORLD_DIR/out")" || return
	look
	[[ $wire == "$before" || $wire == "$after" ]] || complain "killed at $n, and after a load of another: $wire" || return
	! "$SRCPIN" status --json | jq -e '.services[] | select(.state == "idle")' >/dev/null ||
		complain "killed at $n, and a load of another does not clear what is left" || return
	rules_are_owned || complain "killed at $n, and after a load of another there are rules of $owners cgroups, and $services services" || return
	"$SRCPIN" unload --all || complain "killed at $n, and unload exits with $?" || return
	state_is "$nothing" || complain "killed at $n and unloaded, and there is"$'\n'"$state_now" || return
}

# killed WHAT COMMAND...: $restore makes the state before it
killed() {
	local what=$1 bad=0 status last='' shapes=0 restored=''
	shift
	"$restore"
	look
	before=$wire
	"$@" >/dev/null 2>&1 || bail_out "$what: cannot $*"
	look
	after=$wire
	for ((n = 1; ; n++)); do
		if [[ ! $restored ]]; then
			"$restore"
			restored=$(state)
		fi
		"$HELPERS/killat" "$n" "$@" >/dev/null 2>&1
		status=$?
		((status == 0)) || break
		judge || bad=$((bad + 1))
		[[ $wire == "$before" && $held == "$restored" ]] || restored=
	done
	is "$status" 3 "$what: is killed at each system call, and ends"
	[[ $bad == 0 ]] && ((n > 10 && shapes > 2)) && pass "$what: killed at $((n - 1)) system calls: before or after, and cleared" && return
	fail "$what: killed at $((n - 1)) system calls: before or after, and cleared" "$bad are neither, of $shapes different states"
}

# who the neighbours are is learned first
wire_is_steady() {
	look
	last=$wire
	look
	[[ $wire == "$last" && $wire != *-* ]]
}

wait_until "all that is sent reaches the wire" wire_is_steady
policies
nothing=$(state)
load=(load --cgroup "$WORLD_CGROUP" -c "$CONFIG")

# the first load; status says nothing of a folder with nothing in it
restore=nothing_held target=$WORLD_CGROUP state_before='none|idle' state_after=in-force
policies "source = $A\nsource4 = $A4"
killed "a first load" "$SRCPIN" "${load[@]}"

both_families() {
	policies "source = $A\nsource4 = $A4"
	load "$WORLD_CGROUP"
}
restore=both_families state_before=in-force state_after='none|idle'
killed "an unload" "$SRCPIN" unload --all

beside_another() {
	policies "source = $A\nsource4 = $A4"
	load "$other" "$WORLD_CGROUP"
}
restore=beside_another
killed "an unload beside another" "$SRCPIN" unload --cgroup "$WORLD_CGROUP"
nothing_held

# from one policy to another: more hooks, and fewer
without_ipv4() {
	policies "source = $A\nguard = off"
	load "$WORLD_CGROUP"
	policies "source = $B\nsource4 = $A4"
}
restore=without_ipv4 state_before='in-force|degraded' state_after='in-force|degraded'
killed "a load that replaces, and has more hooks" "$SRCPIN" "${load[@]}"

with_ipv4() {
	policies "source = $B\nsource4 = $A4"
	load "$WORLD_CGROUP"
	policies "source = $A\nguard = off"
}
restore=with_ipv4
killed "a reload, with fewer hooks" "$SRCPIN" reload --cgroup "$WORLD_CGROUP"
restore=without_ipv4
killed "a load by another build" "$NEWER" "${load[@]}"
nothing_held

# one in another
outer_alone() {
	nothing_held
	policies
	load "$WORLD_CGROUP"
}
restore=outer_alone target=$inner state_before='none|idle' state_after=in-force
killed "a first load within another" "$SRCPIN" load --cgroup "$inner" -c "$CONFIG"

inner_alone() {
	nothing_held
	policies
	load "$inner"
}
restore=inner_alone target=$WORLD_CGROUP
killed "a first load around another" "$SRCPIN" "${load[@]}"

nested() {
	policies
	load "$WORLD_CGROUP" "$inner"
}
restore=nested target=$inner state_before=in-force state_after='none|idle'
killed "an unload within another" "$SRCPIN" unload --cgroup "$inner"
target=$WORLD_CGROUP
killed "an unload around another" "$SRCPIN" unload --cgroup "$WORLD_CGROUP"

to_observe() {
	nested
	policies "source = $A\nbound = deny" "source = $B\nmode = observe"
	load "$WORLD_CGROUP"
}
restore=to_observe target=$inner state_before='in-force|degraded' state_after='in-force|degraded'
killed "within another, from enforce to observe" "$SRCPIN" load --cgroup "$inner" -c "$CONFIG"

from_observe() {
	policies "source = $A\nbound = deny" "source = $B\nmode = observe"
	load "$WORLD_CGROUP" "$inner"
	policies "source = $A\nbound = deny"
}
restore=from_observe
killed "within another, from observe to enforce" "$SRCPIN" load --cgroup "$inner" -c "$CONFIG"
nothing_held

# unload --all of both: each of them before or after, the one around first
before_or_after() {
	local both
	look
	both=$wire
	[[ $both == "$before" || $both == "$after" || $both == "${after% | *} | ${before#* | }" ]] ||
		complain "killed at $n, and what leaves is neither: $both"
}
restore=nested
bad=0 total=0
nested
look
before=$wire
nothing_held
look
after=$wire
for ((n = 1; ; n++)); do
	nested
	"$HELPERS/killat" "$n" "$SRCPIN" unload --all >/dev/null 2>&1 || break
	total=$n
	before_or_after || bad=$((bad + 1))
done
is "$bad" 0 "an unload of all, one within another: killed at $total system calls: each of them before or after"

nothing_held
is "$(state)" "$nothing" "nothing at the end"
done_testing
