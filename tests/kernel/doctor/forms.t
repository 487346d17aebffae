#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Sources in other forms: what status and doctor say of an anycast address, of one that only another node has, of one that
# a DHCP client removes; and an error that looks like a missing source.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/doctor/doctor.sh
. "$(dirname "${BASH_SOURCE[0]}")/doctor.sh" || exit 1

need python3
FAR=2001:503:ba3e::2:30

problem() {
	run "$SRCPIN" status --cgroup "$WORLD_CGROUP"
	sed -n 's/^  problem *//p' <<<"$out"
}

remedy() { # ID
	doctor --json
	jq -r ".checks[] | select(.id == \"$1\" and .level == \"finding\").remedy" <<<"$out"
}

why() { # ID
	doctor --json
	jq -r ".checks[] | select(.id == \"$1\" and .level == \"finding\").why" <<<"$out"
}

# ---- the first address of a prefix, on a host that forwards and has another one of it

N=2001:db8:2::
sysctl -qw net.ipv6.conf.vps.forwarding=1
ip addr add "$N/64" dev vps nodad preferred_lft 0
put "source = $N"
is "$(source_of "$WORLD_CGROUP")" "$(refusal EADDRNOTAVAIL)" "forwarding first, then the address: it is refused"
seen="on vps, as the anycast address of its subnet's routers, of which this host is one"
is "$(problem)" "source $N is $seen: what is pinned to it is refused until it is usable" "status says why"
finding address "the source is $seen" "doctor says why"
is "$(remedy address)" "name another address of its prefix; or add it while net.ipv6.conf.vps.forwarding is 0" "the remedy"
ip addr del "$N/64" dev vps
sysctl -qw net.ipv6.conf.vps.forwarding=0
ip addr add "$N/64" dev vps nodad preferred_lft 0
wait_until "the addresses are usable" world_usable
sysctl -qw net.ipv6.conf.vps.forwarding=1
is "$(source_of "$WORLD_CGROUP")" "$N" "the address first, then forwarding: it is pinned"
healthy "the address first"
sysctl -qw net.ipv6.conf.vps.forwarding=0
ip addr del "$N/64" dev vps

# ---- IPv4, and a bind to any address succeeds

put "source4 = 192.0.2.77"$'\n'"missing = pass"
is "$(source_of "$WORLD_CGROUP" ::ffff:192.0.2.1)" 192.0.2.5 "missing = pass: it leaves unpinned"
is "$(problem)" "source 192.0.2.77 is not an address of this host: what is pinned to it leaves unpinned" "status says so"
sysctl -qw net.ipv4.ip_nonlocal_bind=1
# connect and its errno, as the service sees it
connect4() {
	inside "$WORLD_CGROUP" python3 -c 'import errno, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
try:
    s.connect(("192.0.2.1", 25))
except OSError as e:
    print(errno.errorcode[e.errno])'
}
is "$(connect4)" ENETUNREACH "ip_nonlocal_bind: it does not leave, in spite of missing = pass"
is "$(problem)" "source 192.0.2.77 is not an address of this host: what is pinned to it counts as pinned and fails with ENETUNREACH, also with missing = pass, as net.ipv4.ip_nonlocal_bind is 1" \
	"status says so"
finding address "the source is not an address of this host" "doctor finds it"
is "$(why address)" "with net.ipv4.ip_nonlocal_bind = 1 what is pinned to it fails with ENETUNREACH, and missing = pass does not pass" "doctor says why it matters"
put "source4 = 192.0.2.5"
is "$(problem)" "" "an address of this host: nothing is said of it"
sysctl -qw net.ipv4.ip_nonlocal_bind=0

# ---- a DHCP client that removes addresses

put "source = 2001:db8:2::25"
has lifetime ok static "no DHCP client"
# a program of that name that waits: dhclient OPTION...
cp "$BASH" "$WORLD_DIR/dhclient"
dhclient() {
	# shellcheck disable=SC2016 # for that shell
	exec "$WORLD_DIR/dhclient" -c 'read -r _ <"$0"' "$WORLD_DIR/fifo" "$@"
}
runs() { grep -qx dhclient "/proc/$client/comm"; }
mkfifo "$WORLD_DIR/fifo"
dhclient -4 vps &
client=$!
wait_until "it runs" runs
has lifetime ok static "dhclient for IPv4"
kill "$client"
dhclient -6 vps &
client=$!
wait_until "it runs" runs
has lifetime note "static; but dhclient -6 \(process $client\) removes such addresses of vps when it starts: add the source after that, or to lo" "dhclient -6 on its device"
kill "$client"
wait "$client" 2>/dev/null

# ---- a host with a /128 only, or with one address only

put "source = 2001:db8:2::25"
ip addr del 2001:db8:2::25/64 dev vps
is "$(remedy address)" "give it to the host: ip addr add 2001:db8:2::25/64 dev DEVICE preferred_lft 0 (/128, if only this address is the host's)" \
	"the source is gone: a /128 may be all there is"
ip addr add 2001:db8:1::25/128 dev vps nodad preferred_lft 0
# as a router gives it
ip addr change 2001:db8:1::5/64 dev vps valid_lft 86400 preferred_lft 14400
wait_until "the addresses are usable" world_usable
put "source = 2001:db8:1::25"
finding without "without srcpin the kernel would choose 2001:db8:1::5, of the same /64" "a /128 of the shared /64"
is "$(remedy without)" "ask the provider for a /64 of the host's own, and name a source in that: a /128 shares its /64" "what to do about a /128"
ip -6 addr flush dev vps scope global
ip addr add 2001:db8:1::5/64 dev vps nodad
ip -6 route replace default via fe80::1 dev vps
wait_until "the addresses are usable" world_usable
put "source = 2001:db8:1::5"
is "$(source_of "$WORLD_CGROUP" "$FAR") $(source_of "$WORLD_MOUNT" "$FAR")" "2001:db8:1::5 2001:db8:1::5" "one address only: with the pin and without"
healthy "one address only"
has deprecated note "no: but the host has no other address, so all services use it" "one address only: it cannot be kept from others"
has without note "the source is the only IPv6 address of this host: a pin changes nothing until it has another one; a blocklist that lists its /64 lists it, too" \
	"one address only: what the pin does"

# ---- a host with a private IPv6 address only, or with no IPv6 at all

ip addr add fd00:1::5/64 dev vps nodad
ip -6 addr del 2001:db8:1::5/64 dev vps
wait_until "the addresses are usable" world_usable
put "source = fd00:1::5"
is "$(source_of "$WORLD_CGROUP" "$FAR")" fd00:1::5 "a private address only"
has without note "the source is the only IPv6 address of this host: a pin changes nothing until it has another one" "a private address only: no blocklist lists it"
# as a router gives it
ip addr add fd00:1::6/64 dev vps nodad valid_lft 86400 preferred_lft 14400
wait_until "the addresses are usable" world_usable
has without ok "without srcpin the kernel would choose fd00:1::[56]" "two private addresses of one /64: no blocklist lists them" '.source == "fd00:1::5"'
healthy "two private addresses of one /64"
ip -6 addr flush dev vps scope global
put "source = 2001:db8:2::25"
give="give it to the host: ip addr add 2001:db8:2::25/64 dev DEVICE preferred_lft 0 (/128, if only this address is the host's)"
is "$(remedy address)" "$give" "no IPv6 address, but a route: there is IPv6"
ip -6 route flush default
is "$(remedy address)" "$give; this host has no IPv6: without it, name only a source4" "no IPv6 at all"
like "$(ip -6 addr show dev vps)" "inet6 fe80::5/64" "but a link-local address"
ip addr add 2001:db8:1::5/64 dev vps nodad
is "$(remedy address)" "$give" "an IPv6 address, and no route: there is IPv6"

# ---- source4 is gone, and IPv6 goes on

ip -6 route replace default via fe80::1 dev vps
wait_until "the addresses are usable" world_usable
put "source = 2001:db8:1::5"$'\n'"source4 = 192.0.2.77"
is "$(source_of "$WORLD_CGROUP" ::ffff:192.0.2.1) $(source_of "$WORLD_CGROUP" "$FAR")" "$(refusal EADDRNOTAVAIL) 2001:db8:1::5" "source4 is gone: IPv6 goes on"
is "$(why address)" "what is pinned to it is refused; mail goes on by IPv6, which is pinned, and is deferred for what has IPv4 alone" "doctor says so"
put "source4 = 192.0.2.77"$'\n'"exempt = ::/0"
is "$(why address)" "what is pinned to it is refused, and a mail server sends by IPv6 instead, unpinned" "IPv6 is exempt, and goes on"

# ---- all ports are in use

put "source4 = 192.0.2.5"
run "$SRCPIN" status --cgroup "$WORLD_CGROUP" --reset
nsenter --net="$WORLD_PEER" -- python3 -c 'import socket, sys, time
s = socket.create_server(("192.0.2.1", 25))
open(sys.argv[1], "w")
time.sleep(60)' "$WORLD_DIR/listening" &
server=$!
wait_until "the peer listens" test -e "$WORLD_DIR/listening"
sysctl -qw net.ipv4.ip_local_port_range="40001 40001"
said=$(inside "$WORLD_CGROUP" python3 -c 'import errno, socket
open_sockets = []
for i in range(2):
    s = socket.socket()
    open_sockets.append(s)
    try:
        s.connect(("192.0.2.1", 25))
        print("connected")
    except OSError as e:
        print(errno.errorcode[e.errno])')
is "${said//$'\n'/ }" "connected EADDRNOTAVAIL" "the ports are used up: the same error as for a missing source"
run "$SRCPIN" status --cgroup "$WORLD_CGROUP"
like "$? $out" "^0 .*denied  0.*dropped 0" "status: all is in force, and nothing was refused"
kill "$server"
ok "unload" "$SRCPIN" unload --all
done_testing
