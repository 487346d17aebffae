#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Programs of others on the same hooks: theirs and ours both do what they do,
# whoever was first, and theirs stay when ours come, are replaced, and go.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/lib/hammer.sh
. "$WORLD_HERE/hammer.sh" || exit 1

SHARED=2001:db8:1::5
A=2001:db8:2::25
B=2001:db8:2::26

service=$WORLD_CGROUP/service
child=$service/child
mkdir -p "$child"
occupy "$service"
mkdir /sys/fs/bpf/foreign
bpftool prog loadall "$HELPERS/foreign.bpf.o" /sys/fs/bpf/foreign >/dev/null || bail_out "cannot load the foreign programs"
programs=(foreign_egress:egress foreign_deny:connect6 foreign_port:connect6 foreign_dest:connect6 foreign_bind:bind6
	foreign_sendmsg:sendmsg6)

# foreign attach|detach CGROUP [FLAG]: as systemd does it, without a link (BPF_PROG_ATTACH)
foreign() {
	local p
	for p in "${programs[@]}"; do
		bpftool cgroup "$1" "$2" "${p#*:}" pinned "/sys/fs/bpf/foreign/${p%:*}" ${3+"$3"} ||
			bail_out "cannot $1 ${p%:*}"
	done
}

# theirs CGROUP: what is attached there and not ours
theirs() {
	bpftool -j cgroup show "$1" | jq -r '.[] | "\(.name) \(.id) \(.attach_flags)"' | grep -v '^srcpin_' | sort
}

load() {
	config "$1" service
	run "$SRCPIN" load --cgroup "$service" -c "$CONFIG"
}

# reached HOW DEST PORT...: from a process in the child, all answers in one line
reached() {
	"$HELPERS/reach" "$child" "$@" | paste -sd,
}

# What each does by itself: first theirs, then what they rewrite to, which goes by who came first
deny=(tcp 2001:db8:77::d 25 udp 2001:db8:77::d 25 sendto 2001:db8:77::d 25 bind :: 6666)
egress=(tcp 2001:db8:78::1 25 udp 2001:db8:78::1 25)
pin=(tcp 2001:db8:77::1 25 udp 2001:db8:77::1 25 sendto 2001:db8:77::1 25 tcp fd00:1::1 25)
port=(tcp 2001:db8:77::1 2500 udp 2001:db8:77::1 2500)
to_exempt=(tcp 2001:db8:77::e 25 udp 2001:db8:77::e 25)
to_pinned=(tcp fd00:1::e 25 udp fd00:1::e 25)
source=(sendto 2001:db8:77::f 25)

pinned_to() {
	local to=$1 from=$2 n=$3 i
	for ((i = 0; i < n; i++)); do
		printf '%sfrom %s to %s' "${i/#0/}" "$from" "$to"
	done | sed 's/[1-9]from/,from/g; s/^,//'
}

# both_hold WHAT FIRST SOURCE: FIRST is theirs or ours
both_hold() {
	local what=$1 first=$2 s=$3 d
	is "$(reached "${deny[@]}")" "EPERM,EPERM,EPERM,EPERM" "$what: what they deny is denied"
	is "$(reached "${egress[@]}")" "silence,EPERM" "$what: what they drop is dropped"
	is "$(reached "${pin[@]}")" "$(pinned_to 2001:db8:77::1 "$s" 3),from fd00:1::5 to fd00:1::1" "$what: what we pin is pinned"
	is "$(reached "${port[@]}")" "$(pinned_to 2001:db8:77::1 "$s" 2)" "$what: a port that they rewrite: pinned"
	d=$(dropped)
	if [[ $first == theirs ]]; then
		is "$(reached "${to_exempt[@]}")" "$(pinned_to fd00:1::1 fd00:1::5 2)" "$what: what they lead to an exempt destination: exempt"
		is "$(reached "${to_pinned[@]}")" "$(pinned_to 2001:db8:77::1 "$s" 2)" "$what: what they lead to a pinned destination: pinned"
		is "$(reached "${source[@]}")" "from $s to 2001:db8:77::f" "$what: the source that they set: ours instead"
		is "$(dropped)" "$d" "$what: nothing is left to the guard"
	else
		is "$(reached "${to_exempt[@]}")" "$(pinned_to fd00:1::1 "$s" 2)" "$what: what they lead to an exempt destination: pinned before"
		is "$(reached "${to_pinned[@]}")" "silence,EPERM" "$what: what they lead to a pinned destination: the guard drops it"
		is "$(reached "${source[@]}")" "EPERM" "$what: the source that they set: the guard drops it"
		ok "$what: the guard has counted them" test "$(dropped)" -ge $((d + 3))
	fi
}

# only_theirs WHAT
only_theirs() {
	is "$(reached "${deny[@]}")" "EPERM,EPERM,EPERM,EPERM" "$1: what they deny is denied"
	is "$(reached "${egress[@]}")" "silence,EPERM" "$1: what they drop is dropped"
	is "$(reached "${pin[@]}" "${source[@]}")" \
		"$(pinned_to 2001:db8:77::1 "$SHARED" 3),from fd00:1::5 to fd00:1::1,from $SHARED to 2001:db8:77::f" \
		"$1: nothing is pinned"
}

# beside WHAT CGROUP FIRST: theirs are attached to CGROUP before ours are loaded, or after
beside() {
	local what=$1 cgroup=$2 first=$3 before
	if [[ $first == theirs || $cgroup != "$service" ]]; then
		foreign attach "$cgroup" multi
		before=$(theirs "$cgroup")
		load "source = $A" || fail "$what: load" "$err"
	else
		load "source = $A" || fail "$what: load" "$err"
		foreign attach "$cgroup" multi
		before=$(theirs "$cgroup")
	fi
	is "$(wc -l <<<"$before")" 6 "$what: six programs of theirs"
	is "$(theirs "$cgroup")" "$before" "$what, loaded: theirs are attached"
	both_hold "$what, loaded" "$first" "$A"
	load "source = $B" || fail "$what: load again" "$err"
	is "$(theirs "$cgroup")" "$before" "$what, loaded again: theirs are attached"
	both_hold "$what, loaded again" "$first" "$B"
	config "source = $A" service
	run "$SRCPIN" reload --cgroup "$service"
	is "$?" 0 "$what: reload exits with 0"
	is "$(theirs "$cgroup")" "$before" "$what, reloaded: theirs are attached"
	both_hold "$what, reloaded" "$first" "$A"
	run "$SRCPIN" status
	is "$?" 0 "$what: status: all in force"
	"$SRCPIN" unload --all
	is "$(theirs "$cgroup")" "$before" "$what, unloaded: theirs are attached"
	only_theirs "$what, unloaded"
	foreign detach "$cgroup"
}

nothing=$(state)
beside "theirs on the same cgroup, before" "$service" theirs
beside "theirs on the same cgroup, after" "$service" ours
beside "theirs on the parent" "$WORLD_CGROUP" ours
beside "theirs on a child" "$child" theirs
same_state "$nothing" "nothing is left behind"

# they are gone while ours are there
foreign attach "$service" multi
load "source = $A"
foreign detach "$service"
is "$(reached "${pin[@]}")" "$(pinned_to 2001:db8:77::1 "$A" 3),from fd00:1::5 to fd00:1::1" "theirs detached: what we pin is pinned"
is "$(reached "${deny[@]:0:3}")" "from $A to 2001:db8:77::d" "theirs detached: what they denied is free"
"$SRCPIN" unload --all

# a port that ours exempts and theirs, which come after, make one that is pinned
load "source = $A"$'\n'"ports = 25"
foreign attach "$service" multi
is "$(reached "${port[@]}")" "silence,EPERM" "a port is rewritten to a pinned one after us: the guard drops it"
load "source = $A"$'\n'"ports = 25"$'\n'"guard = off"
is "$(reached "${port[@]}")" "$(pinned_to 2001:db8:77::1 "$SHARED" 2)" "the same without the guard: it leaves unpinned"
foreign detach "$service"
"$SRCPIN" unload --all

# exclusive: nobody can be attached beside such a program or below it
# refused_beside WHAT CGROUP HOOK PROGRAM
refused_beside() {
	local what=$1 before all
	bpftool cgroup attach "$2" "$3" pinned "/sys/fs/bpf/foreign/$4"
	before=$(theirs "$2")
	all=$(state)
	load "source = $A"
	is "$?" 2 "$what: load exits with 2"
	ok "$what: one sentence: $err" one_sentence "$err"
	is "$(theirs "$2")" "$before" "$what: it stays"
	same_state "$all" "$what: nothing of ours is left"
}
refused_beside "beside an exclusive bind6" "$service" bind6 foreign_bind
like "$err" 'exclusively' "beside an exclusive bind6: that is what the sentence says"
bpftool cgroup detach "$service" bind6 pinned /sys/fs/bpf/foreign/foreign_bind
refused_beside "below an exclusive egress" "$WORLD_CGROUP" egress foreign_egress
like "$err" 'exclusively' "below an exclusive egress: that is what the sentence says"
bpftool cgroup detach "$WORLD_CGROUP" egress pinned /sys/fs/bpf/foreign/foreign_egress
refused_beside "beside an exclusive egress" "$service" egress foreign_egress
load "source = $A"$'\n'"guard = off"
is "$?" 0 "beside an exclusive egress, without the guard: load exits with 0"
is "$(reached "${pin[@]:0:3}" "${egress[@]}")" "from $A to 2001:db8:77::1,silence,EPERM" \
	"beside an exclusive egress, without the guard: both hold"
bpftool cgroup detach "$service" egress pinned /sys/fs/bpf/foreign/foreign_egress
load "source = $A"
is "$?" 0 "the exclusive egress gone: load exits with 0"
run bpftool cgroup attach "$service" egress pinned /sys/fs/bpf/foreign/foreign_egress
like "$?" '^[1-9]' "an exclusive program cannot push ours out"
is "$(reached "${pin[@]:0:3}")" "from $A to 2001:db8:77::1" "ours hold"
"$SRCPIN" unload --all

same_state "$nothing" "nothing is left behind in the end"

done_testing
