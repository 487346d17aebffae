#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Why a source is not usable: its device is down, its route was removed, IPv6 is switched off. status and doctor name it.
# Each remedy of doctor is tried, and the source is pinned again.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/doctor/doctor.sh
. "$(dirname "${BASH_SOURCE[0]}")/doctor.sh" || exit 1

A=2001:db8:2::25 A4=192.0.2.77
missing=$(refusal EADDRNOTAVAIL)

problem() {
	run "$SRCPIN" status --cgroup "$WORLD_CGROUP"
	sed -n 's/^  problem *//p' <<<"$out"
}

remedy() {
	doctor --json
	jq -r '.checks[] | select(.id == "address" and .level == "finding").remedy' <<<"$out"
}

# obey WHAT: does what the remedy says, up to its first "add its" or "(", and the source is pinned again
obey() {
	local command
	while read -r command; do
		$command >/dev/null || bail_out "cannot do: $command"
	done < <(remedy | sed "s/, and add its.*//; s/DEVICE/$device/; s/, and /\n/")
	[[ $device != vps ]] || routes
	wait_until "$1: the source is usable" is_pinned
	pass "$1: the remedy puts it right"
	has address ok "on $device, usable" "$1: usable, says doctor"
}

is_pinned() {
	[[ $(source_of "$WORLD_CGROUP" "$dest") == "$source" ]]
}

# unusable SOURCE DEST SEEN WHAT: it is refused, and status and doctor say so
unusable() {
	source=$1 dest=$2
	is "$(source_of "$WORLD_CGROUP" "$dest")" "$missing" "$4: it is refused"
	is "$(problem)" "source $1 is $3: what is pinned to it is refused until it is usable" "$4: status"
	finding address "the source is ${3//[()]/.}" "$4: doctor"
}

# a device of its own, with a route to the addresses that are called
device=spare
ip link add spare type veth peer name spare2
ip link set spare2 up
sysctl -qw net.ipv6.conf.spare.keep_addr_on_down=1

# ---- the device is down

for options in nodad ""; do
	ip link set spare up
	# shellcheck disable=SC2086 # none, or one word
	ip addr add 2001:db8:5::25/64 dev spare $options preferred_lft 0
	put "source = 2001:db8:5::25"
	source=2001:db8:5::25 dest=2001:db8:9::1
	wait_until "the source is usable" is_pinned
	ip link set spare down
	unusable 2001:db8:5::25 2001:db8:9::1 "on spare, which is down" "IPv6, down, '$options'"
	is "$(remedy)" "ip link set spare up, and add its routes again" "IPv6, down, '$options': the remedy"
	obey "IPv6, down, '$options'"
	ip addr del 2001:db8:5::25/64 dev spare
done

# the kernel keeps the local route of an IPv4 address; removed as well, it comes back when the device is up
ip addr add "$A4/32" dev spare
put "source4 = $A4"
ip link set spare down
is "$(source_of "$WORLD_CGROUP" ::ffff:192.0.2.1) $(problem)" "$A4 " "IPv4, down: pinned, and no problem"
ip route del local "$A4" dev spare table local
unusable "$A4" ::ffff:192.0.2.1 "on spare, which is down" "IPv4, down, no route"
obey "IPv4, down, no route"

# ---- the local route was removed

gone="on spare, but not in the local routing table (its route was removed)"
ip route del local "$A4" dev spare table local
unusable "$A4" ::ffff:192.0.2.1 "$gone" "IPv4, no route"
is "$(remedy)" "ip route add local $A4 dev spare table local proto kernel scope host src $A4" "IPv4, no route: the remedy"
obey "IPv4, no route"

ip addr del "$A/64" dev vps
for length in 64 128; do
	ip addr add "$A/$length" dev spare nodad preferred_lft 0
	put "source = $A"
	source=$A dest=2001:db8:9::1
	wait_until "the source is usable" is_pinned
	ip -6 route del local "$A" dev spare table local
	unusable "$A" 2001:db8:9::1 "$gone" "IPv6, /$length, no route"
	is "$(remedy)" "ip addr del $A/$length dev spare, and ip addr add $A/$length dev spare preferred_lft 0" "IPv6, /$length, no route: the remedy"
	obey "IPv6, /$length, no route"
	ip addr del "$A/$length" dev spare
done

# ---- IPv6 is switched off

off() { # DEVICE: as the end of the sentence
	echo "where IPv6 is switched off (net.ipv6.conf.$1.disable_ipv6 = 1)"
}

# gives the routes back that the kernel has forgotten
routes() {
	ip addr add fe80::5/64 dev vps nodad
	ip -6 route replace default via fe80::1 dev vps
}

device=vps
put "source = $A"
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
unusable "$A" 2001:db8:9::1 "not an address of this host, $(off all)" "IPv6 is off"
is "$(remedy)" "sysctl net.ipv6.conf.all.disable_ipv6=0, and ip addr add $A/64 dev DEVICE preferred_lft 0, and add its routes again; or name only a source4" \
	"IPv6 is off: the remedy"
like "$(ip addr add "$A/64" dev vps 2>&1)" "IPv6 is disabled" "IPv6 is off: the address alone cannot be added"
obey "IPv6 is off"

ip route add default via 192.0.2.1
sysctl -qw net.ipv6.conf.vps.disable_ipv6=1
unusable "$A" 2001:db8:9::1 "not an address of this host, $(off vps)" "IPv6 is off where IPv4 leaves"
obey "IPv6 is off where IPv4 leaves"
ip route del default

ip addr del "$A/64" dev vps
sysctl -qw net.ipv6.conf.spare.disable_ipv6=1
unusable "$A" 2001:db8:9::1 "not an address of this host" "IPv6 is off on another device"
ip route add default dev spare
unusable "$A" 2001:db8:9::1 "not an address of this host" "IPv6 is off on a VPN's device, for IPv4 alone"
ip route del default dev spare
sysctl -qw net.ipv6.conf.spare.disable_ipv6=0
ok "unload" "$SRCPIN" unload --all
done_testing
