#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The table of ways out (out.h): what the peer sees on the wire, before load and after, and with each hook taken away.
# WAYS-OUT.md has it too, and says the same. out.t --write: makes it say so.

begin='<!-- ways out: made by tests/kernel/out/out.t -->'
end='<!-- end -->'

# in_page: what the page holds between the two marks
in_page() {
	awk -v begin="$begin" -v end="$end" '$0 == end { on = 0 } on; $0 == begin { on = 1 }' "$PAGE"
}

# with_table TABLE: the page with TABLE in that place
with_table() {
	awk -v begin="$begin" -v end="$end" -v table="$1" '$0 == end { on = 0 } !on; $0 == begin { on = 1; print table }' "$PAGE"
}

if [[ ${1-} == --write ]]; then
	here=$(dirname "${BASH_SOURCE[0]}") PAGE=$(dirname "${BASH_SOURCE[0]}")/WAYS-OUT.md
	out=${HELPERS:-$here/../../../build/tests/helpers}/out
	table=$("$out" --page) && text=$(with_table "$table") && printf '%s\n' "$text" >"$PAGE"
	exit
fi

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1

# what the world has not: a source of IPv4, another network of it, a way to multicast groups, sockets for ping
ip addr add 192.0.2.25/32 dev vps
ip addr add 192.0.2.26/32 dev vps
in_peer ip addr add 203.0.113.1/32 dev lo
ip route add 203.0.113.0/24 via 192.0.2.1
ip route add 224.0.0.0/4 dev vps
sysctl -qw net.ipv4.ping_group_range='0 0'
# neighbours that are known: a packet that waits for one would be overtaken by the fence
mac=$(in_peer ip -j link show dev peer | jq -r '.[0].address')
for i in fe80::1 fd00:1::1 192.0.2.1 10.0.0.1; do
	ip neigh replace "$i" lladdr "$mac" dev vps
done
mac=$(ip -j link show dev vps | jq -r '.[0].address')
for i in fe80::5 fd00:1::5 192.0.2.5 192.0.2.25 192.0.2.26 10.0.0.5; do
	in_peer ip neigh replace "$i" lladdr "$mac" dev peer
done

# the program goes on in its TAP where we stop
PAGE=$WORLD_TOP/tests/kernel/out/WAYS-OUT.md
is "$(in_page)" "$("$HELPERS/out" --page)" "the page has this table of ways out (else: tests/kernel/out/out.t --write)"

# another service keeps the programs in the kernel: else each load from nothing would be a slow one
other=$WORLD_CGROUP-other
other_end() {
	local status=$?
	rmdir "$other"
	return "$status"
}
trap 'other_end; world_end' EXIT
mkdir "$other"
config "source = 2001:db8:2::25" "${other##*/}"
"$SRCPIN" load --cgroup "$other" -c "$CONFIG" >/dev/null || bail_out "cannot load"

export HELPERS
"$HELPERS/out" "$tap_n" && ((tap_failed == 0))
