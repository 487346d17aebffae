#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What is attached, but not held in /sys/fs/bpf: a bpffs was mounted over the one that holds it. Nobody says that nothing
# is loaded then, and no second set is attached beside it.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

A=2001:db8:2::25
remedy='umount /sys/fs/bpf; or end each of them: bpftool link detach id ID'

programs() {
	bpftool -j cgroup show "$WORLD_CGROUP" | jq length
}

put "source = $A" || bail_out "cannot load: $err"
one_set=$(programs)
mount -t bpf bpf /sys/fs/bpf
is "$(source_of "$WORLD_CGROUP")" "$A" "a bpffs is mounted over: still pinned"
run "$SRCPIN" status
is "$?" 4 "status: exits with 4"
like "$out" "programs of srcpin are attached to cgroup /$WORLD_SECTION, and not held in /sys/fs/bpf/srcpin \\(.*$remedy\\)" "and says why"
ok "and not that nothing is loaded" test "${out/nothing is loaded/}" = "$out"
run "$SRCPIN" status --cgroup "$WORLD_CGROUP"
is "$? $(wc -l <<<"$out")" "4 1" "status --cgroup: likewise"
like "$out" "programs of srcpin are attached to cgroup /$WORLD_SECTION, " "and says why"
run "$SRCPIN" status --cgroup "$WORLD_CGROUP" --json
is "$? $(jq -c '[.services, .unheld]' <<<"$out")" "4 [[],[\"/$WORLD_SECTION\"]]" "status --json"
run "$SRCPIN" status --cgroup "$WORLD_CGROUP" --prometheus
is "$? $(grep '^srcpin_unheld_cgroups' <<<"$out")" "4 srcpin_unheld_cgroups 1" "status --prometheus"
run "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG"
is "$?" 2 "load: exits with 2"
ok "in one sentence" one_sentence "$err"
like "$err" "cannot load /$WORLD_SECTION: programs of srcpin are attached to it already, and not held .*$remedy" "which says why"
is "$(programs)" "$one_set" "and there is one set of programs, as before"
ok "and nothing is held" test ! -e /sys/fs/bpf/srcpin
run "$SRCPIN" unload --cgroup "$WORLD_CGROUP"
is "$?" 2 "unload: exits with 2"
like "$err" "programs of srcpin are attached to cgroup /$WORLD_SECTION, and not held .*$remedy" "and says why"
for command in "reload --cgroup $WORLD_CGROUP" reload "status --reset"; do
	read -ra words <<<"$command"
	run "$SRCPIN" "${words[@]}"
	is "$? $out" "2 " "${words[*]:0:2}: exits with 2"
	like "$err" "programs of srcpin are attached to cgroup /$WORLD_SECTION, and not held .*$remedy" "and says why"
done
# doctor names it, with and without a section, and does not say that nothing is pinned
loaded() {
	jq -r '.checks[] | select(.id == "loaded") | .level + " " + .seen, .remedy // empty' <<<"$out"
}
unheld="finding programs of srcpin are attached to /$WORLD_SECTION, and not held in /sys/fs/bpf/srcpin"
advice="umount /sys/fs/bpf, if a bpffs was mounted over the one that holds them; or end each of them: bpftool link detach id ID"
run "$SRCPIN" doctor --cgroup "$WORLD_CGROUP" -c "$CONFIG" --json
is "$? $(loaded)" "4 $unheld"$'\n'"$advice" "doctor --cgroup: finds it, and advises the same"
run "$SRCPIN" doctor -c "$CONFIG" --json
is "$? $(loaded)" "4 $unheld"$'\n'"$advice" "doctor: likewise"
config "source = $A" other.service
run "$SRCPIN" doctor -c "$CONFIG" --json
is "$? $(loaded)" "4 $unheld"$'\n'"$advice"$'\nnote no service that runs is of this section' "doctor, of what has no section: likewise"
config "source = $A"
# who may not read the programs' names does not know them
run setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$SRCPIN" status --cgroup "$WORLD_CGROUP"
is "$? $out" "3 nothing is loaded" "without CAP_SYS_ADMIN it is not known"

# one with a network of its own, as a container has, is for others to know
mkdir -p "$WORLD_CGROUP/box/one"
occupy "$WORLD_CGROUP/box/one"
config "source = $A" one
ok "another can be loaded" "$SRCPIN" load --cgroup "$WORLD_CGROUP/box/one" -c "$CONFIG"
mount -t bpf bpf /sys/fs/bpf
out=$("$SRCPIN" status)
like "$out" "cgroup /$WORLD_SECTION, and not held" "of two, both are said"
like "$out" "cgroup /$WORLD_SECTION/box/one, and not held" "of two, both are said"
vacate "$WORLD_CGROUP/box/one"
(echo "$BASHPID" >"$WORLD_CGROUP/box/one/cgroup.procs" && exec unshare --net sleep infinity) &
disown
has_another_network() {
	local pid
	read -r pid <"$WORLD_CGROUP/box/one/cgroup.procs" && [[ $(readlink "/proc/$pid/ns/net") != "$(readlink /proc/self/ns/net)" ]]
}
wait_until "it has another network" has_another_network
out=$("$SRCPIN" status)
like "$out" "cgroup /$WORLD_SECTION, and not held" "of two, one with another network: one is said"
ok "and the other is not" test "${out/box/}" = "$out"
run "$SRCPIN" status --cgroup "$WORLD_CGROUP/box/one"
is "$?" 4 "unless it is asked for"
umount /sys/fs/bpf
ok "unload" "$SRCPIN" unload --cgroup "$WORLD_CGROUP/box/one"

# the remedy
umount /sys/fs/bpf
config "source = $A"
run "$SRCPIN" status
is "$?" 0 "unmounted: status exits with 0"
put "source = $A"
is "$?" 0 "and load with 0"

# beside those that are held
bpftool cgroup attach "$WORLD_CGROUP" connect6 pinned /sys/fs/bpf/srcpin/programs/connect6 multi
run "$SRCPIN" status --json
is "$? $(jq -r '.services[0].state' <<<"$out")" "4 degraded" "attached once more by hand: degraded"
like "$(jq -r '.services[0].problems[]' <<<"$out")" "^programs of srcpin that are not held in /sys/fs/bpf/srcpin are attached to cgroup /$WORLD_SECTION, too " "and says why"
run "$SRCPIN" doctor --cgroup "$WORLD_CGROUP" -c "$CONFIG" --json
is "$? $(jq -r '.checks[] | select(.level == "finding") | .id + " " + .seen, .remedy' <<<"$out")" \
	"4 hooks programs of srcpin that are not held in /sys/fs/bpf/srcpin are attached to it, too"$'\n'"$advice" "doctor finds it"
bpftool cgroup detach "$WORLD_CGROUP" connect6 pinned /sys/fs/bpf/srcpin/programs/connect6
ok "detached: all is well" "$SRCPIN" status
"$SRCPIN" unload --all
done_testing
