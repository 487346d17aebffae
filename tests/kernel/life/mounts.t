#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Under `ip netns exec`, which has a mount namespace of its own: what srcpin advises leads to no pin that ends with it.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/doctor/doctor.sh
. "$WORLD_TOP/tests/kernel/doctor/doctor.sh" || exit 1

A=2001:db8:2::25
warning="^srcpin: .*$WORLD_SECTION: the pin ends with this mount namespace, as the bpffs on /sys/fs/bpf is not the host's \\(leave it; .*nsenter --net=/run/netns/NAME srcpin \\.\\.\\.\\)$"

# in_netns COMMANDS: as ip netns exec has it, /sys mounted anew, but with this network, which has the addresses
in_netns() {
	unshare --mount --propagation slave -- "$BASH" -c 'umount -l /sys && mount -t sysfs sysfs /sys || exit 99'$'\n'"$1"
}
export CONFIG
mount_by_hand='mount -t cgroup2 cgroup2 /sys/fs/cgroup && mount -t bpf -o mode=700 bpf /sys/fs/bpf || exit 99'
# shellcheck disable=SC2016 # $ is the other shell's
load='"$SRCPIN" load --cgroup "/$WORLD_SECTION" -c "$CONFIG"'
config "source = $A"

# advice ID: what doctor says is to be done
advice() {
	jq -r ".checks[] | select(.id == \"$1\").remedy" <<<"$out"
}

run in_netns "$load"
is "$?" 2 "no bpffs, no cgroup2: load exits with 2"
ok "and names no mount" test "${err/mount -t/}" = "$err"
like "$err" "nsenter --net=/run/netns/NAME srcpin" "but what to do in place of it"
# shellcheck disable=SC2016 # likewise
run in_netns '"$SRCPIN" doctor -c "$CONFIG" --json'
is "$?" 4 "doctor finds it"
for id in cgroup2 bpffs; do
	is "$(advice $id)" "this mount namespace is not the host's: leave it; in place of ip netns exec: nsenter --net=/run/netns/NAME srcpin ..." "and advises the same: $id"
done

run in_netns "$mount_by_hand"$'\n'"$load"
is "$?" 0 "both are mounted by hand: load exits with 0"
like "$err" "$warning" "and warns that the pin ends"
ends() {
	[[ $(source_of "$WORLD_CGROUP") != "$A" ]]
}
wait_until "the namespace has ended, and the pin with it" ends
pass "as it does"
# shellcheck disable=SC2016 # likewise
run in_netns "$mount_by_hand"$'\n"$SRCPIN" doctor -c "$CONFIG" --json'
like "$(jq -r '.checks[] | select(.id == "bpffs") | .level + " " + .seen' <<<"$out")" "^finding .* is mounted in this mount namespace only$" "doctor finds it"
is "$(advice bpffs)" "this mount namespace is not the host's: leave it; in place of ip netns exec: nsenter --net=/run/netns/NAME srcpin ..." "and advises to leave it"

# the host's bpffs in another mount namespace, as a unit with PrivateMounts= has it
run unshare --mount -- "$BASH" -c "$load"
is "$? $err" "0 " "with the host's bpffs: nothing is said"
is "$(source_of "$WORLD_CGROUP")" "$A" "and the pin stays"
run unshare --mount -- "$SRCPIN" doctor -c "$CONFIG" --json
like "$(jq -r '.checks[] | select(.id == "bpffs") | .level + " " + .seen' <<<"$out")" "^ok " "doctor finds nothing"
"$SRCPIN" unload --all

# what was advised
unshare --net -- sleep infinity &
other=$!
run nsenter --net="/proc/$other/ns/net" "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG"
kill "$other"
like "$? $err" "^0 " "nsenter --net: load exits with 0"
ok "and does not warn" test "${err/the pin ends/}" = "$err"
is "$(source_of "$WORLD_CGROUP")" "$A" "and the pin stays"
"$SRCPIN" unload --all
done_testing
