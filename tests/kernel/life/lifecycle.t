#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Load, load again, unload, a cgroup made anew; with one service and with several.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

SHARED=2001:db8:1::5
A=2001:db8:2::25
B=2001:db8:2::26

status_is() {
	run "$SRCPIN" status --cgroup "$1"
	is "$?" "$2" "$3"
}

state_of() {
	"$SRCPIN" status --cgroup "$1" --json | jq -r '.services[0].state'
}

nothing=$(state)
is "$(source_of "$WORLD_CGROUP")" "$SHARED" "before: the kernel prefers the shared address"
status_is "$WORLD_CGROUP" 3 "before: status exits with 3"
run "$SRCPIN" status --json
is "$(jq -c .services <<<"$out")" "[]" "before: status --json is one document with no service"

config "source = $A"
(umask 0777 && "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" >/dev/null)
is "$(find /sys/fs/bpf/srcpin ! -type l ! -perm 0700 ! -perm 0600)" "" "a umask that leaves nothing: it is root's to read and write all the same"
"$SRCPIN" unload --all

put "source = $A"
is "$?" 0 "load exits with 0"
is "$err" "" "load says nothing on stderr"
is "$(source_of "$WORLD_CGROUP")" "$A" "loaded: connects leave from the source"
status_is "$WORLD_CGROUP" 0 "loaded: status exits with 0"
is "$(state_of "$WORLD_CGROUP")" "in-force" "loaded: status says in-force"
is "$(pgrep --ns $$ --nslist net -f "^$SRCPIN" || true)" "" "loaded: no process of ours remains"
is "$(find /sys/fs/bpf/srcpin/services -mindepth 2 -printf '%f\n' | sort | paste -sd' ')" \
	"bind6 cgroup config1 connect6 guard sendmsg6" "loaded: bpffs has the links and the two names"
# (not `bpftool cgroup show`: of Debian 12 it shows nothing before Linux 6.0)
programs_on() {
	local id
	bpftool --json link show | jq --argjson cgroup "$(stat -c %i "$1")" '.[] | select(.cgroup_id == $cgroup).prog_id' |
		while read -r id; do bpftool --json prog show id "$id"; done | jq -r .name | sort | paste -sd' '
}
is "$(programs_on "$WORLD_CGROUP")" \
	"srcpin_bind6 srcpin_connect6 srcpin_guard srcpin_sendmsg6" "loaded: bpftool shows our programs by name"

with_a=$(state)
put "source = $B"
is "$?" 0 "load again exits with 0"
is "$(source_of "$WORLD_CGROUP")" "$B" "load again replaces the policy"
same_state "$with_a" "load again keeps links and programs, and adds nothing"

config "sauce = $A"
run "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG"
is "$?" 1 "a bad config: load exits with 1"
is "$(source_of "$WORLD_CGROUP")" "$B" "a bad config: the old policy stays"
same_state "$with_a" "a bad config: nothing changes in the kernel"

config "source = $A"
run "$SRCPIN" load -n --cgroup "$WORLD_CGROUP" -c "$CONFIG"
is "$?" 0 "load -n exits with 0"
is "$(source_of "$WORLD_CGROUP")" "$B" "load -n changes nothing"

config "source = $A"
run inside "$WORLD_CGROUP" "$SRCPIN" load --cgroup self -c "$CONFIG"
is "$?" 0 "load --cgroup self, from inside, exits with 0"
is "$(source_of "$WORLD_CGROUP")" "$A" "load --cgroup self loads the caller's own"
run "$SRCPIN" load --cgroup "$WORLD_SECTION" -c "$CONFIG"
is "$?" 0 "load by name exits with 0"
run "$SRCPIN" load --cgroup "/$WORLD_SECTION" -c "$CONFIG"
is "$?" 0 "load by a path below the mount exits with 0"
same_state "$with_a" "load by any name is the same service"

# a path means the cgroup that it leads to, and no other that ends alike
run "$SRCPIN" unload --cgroup "/no/such/$WORLD_SECTION" || status=$?
is "${status-0}" 1 "unload of another path with the same end exits with 1"
same_state "$with_a" "unload of another path with the same end changes nothing"

# names are any bytes: not so what is printed
odd=$WORLD_CGROUP/$'odd\e\xff.service'
mkdir "$odd"
config "source = $B"$'\n'"ipv4 = leave" "*.service"
"$SRCPIN" unload --cgroup "$WORLD_CGROUP"
run "$SRCPIN" load --cgroup "$odd" -c "$CONFIG"
is "$out" "odd??.service: in force, source $B" "an odd name is printed harmlessly"
is "$("$SRCPIN" status --json | jq -r '.services[0].name')" "odd??.service" "and is valid JSON"
ok "unload of an odd name" "$SRCPIN" unload --cgroup "$odd"
rmdir "$odd"
config "source = $A"
"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" >/dev/null
with_a=$(state)

run "$SRCPIN" unload --cgroup "$WORLD_CGROUP"
is "$?" 0 "unload of the last exits with 0"
same_state "$nothing" "unload of the last leaves nothing in bpffs and nothing attached"
wait_until "the kernel has freed the objects" none_left "$(ids_of "$with_a")"
pass "unload of the last leaves none of its links, maps and programs: $(ids_of "$with_a" | wc -l)"
is "$(source_of "$WORLD_CGROUP")" "$SHARED" "unload of the last: the kernel chooses again"
run "$SRCPIN" unload --cgroup "$WORLD_CGROUP"
is "$?" 1 "unload of what is not loaded exits with 1"
ok "unload of what is not loaded says so in one sentence" one_sentence "$err"
same_state "$nothing" "unload of what is not loaded changes nothing"

# several
printf '[one]\nsource = %s\n[two]\nsource = %s\n' "$A" "$B" >"$CONFIG"
one=$WORLD_CGROUP/one two=$WORLD_CGROUP/two none=$WORLD_CGROUP/none
mkdir "$one" "$two" "$none"
three() {
	"$HELPERS/inside" "$one" 2001:db8:9::1 "$two" 2001:db8:9::1 "$none" 2001:db8:9::1 | paste -sd' '
}
run "$SRCPIN" load --cgroup "$one" -c "$CONFIG"
is "$?" 0 "several: the first load exits with 0"
with_one=$(state)
run "$SRCPIN" load --cgroup "$two" -c "$CONFIG"
is "$?" 0 "several: the second load exits with 0"
with_two=$(state)
is "$(three)" "$A $B $SHARED" "several: each has its own source, a third none"
is "$("$SRCPIN" status --json | jq -r '.services[].name' | paste -sd' ')" "one two" "several: status shows all"
is "$(grep /programs/ <<<"$with_two")" "$(grep /programs/ <<<"$with_one")" "several: one set of programs"
run "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG"
is "$?" 1 "a cgroup without a section: load exits with 1"
run "$SRCPIN" unload --cgroup "$two"
is "$?" 0 "several: unload of one exits with 0"
is "$(three)" "$A $SHARED $SHARED" "several: unload of one leaves the other"
same_state "$with_one" "several: unload of one leaves nothing of it"

# a cgroup made anew under the same name
printf '[one]\nsource = %s\n[two]\nsource = %s\n' "$A" "$B" >"$CONFIG"
"$SRCPIN" load --cgroup "$two" -c "$CONFIG" >/dev/null
rmdir "$two"
status_is "$two" 4 "its cgroup is gone: status exits with 4"
is "$(state_of "$two")" "stale" "its cgroup is gone: status says stale"
run "$SRCPIN" unload --cgroup "$two"
is "$?" 0 "its cgroup is gone: unload exits with 0"
same_state "$with_one" "its cgroup is gone: unload leaves nothing of it"
mkdir "$two"
"$SRCPIN" load --cgroup "$two" -c "$CONFIG" >/dev/null
entries=$(state | wc -l)
rmdir "$two"
mkdir "$two"
status_is "$two" 4 "its cgroup is made anew: status exits with 4"
is "$(state_of "$two")" "stale" "its cgroup is made anew: status says stale"
is "$(three)" "$A $SHARED $SHARED" "its cgroup is made anew: not pinned"
run "$SRCPIN" load --cgroup "$two" -c "$CONFIG"
is "$?" 0 "its cgroup is made anew: load exits with 0"
is "$(three)" "$A $B $SHARED" "its cgroup is made anew: pinned again"
is "$(state | wc -l)" "$entries" "its cgroup is made anew: load clears what is stale"
occupy "$two"
status_is "$two" 0 "its cgroup is made anew: status exits with 0"

vacate "$two"
rmdir "$two"
run "$SRCPIN" unload --all
is "$?" 0 "unload --all exits with 0"
same_state "$nothing" "unload --all leaves nothing, nor of a cgroup that is gone"
run "$SRCPIN" unload --all
is "$?" 0 "unload --all of nothing exits with 0"

mkdir "$two"
# what only IPv4 needs is loaded when a policy first says something of it
printf '[one]\nsource = %s\n[two]\nsource = %s\nsource4 = 192.0.2.5\nguard = off\n' "$A" "$B" >"$CONFIG"
"$SRCPIN" load --cgroup "$one" -c "$CONFIG" >/dev/null || fail "load of one"
held() {
	find /sys/fs/bpf/srcpin/programs -type f -printf '%f\n' | sort | paste -sd' '
}
is "$(held)" "bind6 build connect6 guard hold sendmsg6" "IPv6 alone: no program for IPv4 is loaded"
"$SRCPIN" load --cgroup "$two" -c "$CONFIG" >/dev/null || fail "load of two"
is "$(held)" "bind4 bind6 build connect4 connect6 guard hold sendmsg4 sendmsg6" "IPv4 too: its programs are loaded"
is "$(find "/sys/fs/bpf/srcpin/services/$(stat -c %i "$two")" -type f -printf '%f\n' | sort | paste -sd' ')" \
	"bind4 bind6 connect4 connect6 sendmsg4 sendmsg6" "IPv4 too, without the guard: what is attached"
is "$(three)" "$A $B $SHARED" "IPv4 too: each has its own source"
is "$("$HELPERS/inside" "$two" 192.0.2.1 "$one" 192.0.2.1 | paste -sd' ')" "192.0.2.5 192.0.2.5" "IPv4 too: pinned, or left alone"
occupy "$one" "$two"
run "$SRCPIN" status
is "$?" 0 "IPv4 too: status exits with 0"
printf '[one]\nsource = %s\n[two]\nsource = %s\n' "$A" "$B" >"$CONFIG"
run "$SRCPIN" reload
is "$?" 0 "IPv4 no more: reload exits with 0"
is "$(find "/sys/fs/bpf/srcpin/services/$(stat -c %i "$two")" -type f -printf '%f\n' | sort | paste -sd' ')" \
	"bind6 connect6 guard sendmsg6" "IPv4 no more, the guard again: what is attached"
"$SRCPIN" unload --all
same_state "$nothing" "after all that nothing is left"

done_testing
