#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A source that no device has, but a local route of the host covers ("AnyIP"): usable, and found and lost with the route.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/doctor/doctor.sh
. "$(dirname "${BASH_SOURCE[0]}")/doctor.sh" || exit 1

need python3
A=2001:db8:5::42 A4=203.0.113.9 PEER=2001:db8:9::1 PEER4=192.0.2.1
refused=$(refusal EADDRNOTAVAIL)
in_peer ip route add 203.0.113.0/24 via 192.0.2.5

# shellcheck source=tests/kernel/lib/peer.sh
. "$WORLD_HERE/peer.sh" || exit 1

# leaves KIND DEST: what the peer saw of the pinned cgroup, or the errno
leaves() {
	inside "$WORLD_CGROUP" python3 -c "
import errno, socket, sys
kind, dest = sys.argv[1:]
s = socket.socket(socket.AF_INET6 if ':' in dest else socket.AF_INET, socket.SOCK_STREAM if kind == 'tcp' else socket.SOCK_DGRAM)
s.settimeout(5)
try:
    if kind == 'sendto': s.sendto(b'x', (dest, 7777))
    else: s.connect((dest, 7777))
    if kind == 'udp': s.send(b'x')
    print(s.recv(99).decode())
except socket.timeout: print('silence')
except OSError as e: print(errno.errorcode[e.errno])
" "$1" "$2"
}

# all_leave WANT WANT4 WHAT
all_leave() {
	local kind
	for kind in tcp udp sendto; do
		is "$(leaves $kind $PEER)" "$1" "$3: IPv6, $kind"
		is "$(leaves $kind $PEER4)" "$2" "$3: IPv4, $kind"
	done
}

usable() { "$SRCPIN" status --json | jq -c '[.services[0].sources[] | .usable]'; }

put "source = $A"$'\n'"source4 = $A4"
is "$(usable)" "[false,false]" "no device has them, and no route"
finding address "the source is not an address of this host" "doctor: so" ".source == \"$A\""

ip -6 route add local 2001:db8:5::/48 dev lo
ip route add local 203.0.113.0/28 dev lo
is "$(usable)" "[false,true]" "a local route is enough for IPv4"
finding address "the source is local by a route, but no socket can be bound to it .*" "doctor: not for IPv6" ".source == \"$A\""
remedy=$(jq -r '.checks[] | select(.id == "address" and .level == "finding").remedy' <<<"$out")
like "$remedy" "^sysctl net.ipv6.ip_nonlocal_bind=1, and in /etc/sysctl.d/$" "doctor: and what helps"
${remedy%%,*} >/dev/null
is "$(usable)" "[true,true]" "with doctor's remedy, both are"
has address ok "on lo, usable" "doctor: so" ".source == \"$A\""
all_leave $A $A4 "by the route"
ok "load --wait does not wait" timeout 20 "$SRCPIN" load --wait 600 --cgroup "$WORLD_CGROUP" -c "$CONFIG"

ip -6 route add local 2001:db8:5::42 dev lo table local
ip -6 route del local 2001:db8:5::/48 dev lo
is "$(leaves sendto $PEER)" $A "a route for the address alone"
ip -6 route del local 2001:db8:5::42 dev lo
ip route del local 203.0.113.0/28 dev lo
is "$(usable)" "[false,false]" "the routes are gone, and so are they"
for kind in tcp udp sendto; do
	is "$(leaves $kind $PEER)" "$refused" "IPv6, $kind: refused"
done
is "$(leaves tcp $PEER4)" "$refused" "IPv4: refused"

# the most specific route counts
ip -6 route add local 2001:db8:5::/48 dev lo
ip -6 route add unreachable 2001:db8:5::/64 table local
is "$(usable)" "[false,false]" "a longer route that is not local"
is "$(leaves sendto $PEER)" "$refused" "and the kernel's program goes by it, too"
ip -6 route del unreachable 2001:db8:5::/64 table local
for length in 127 126 72 65 64 63 49; do
	ip -6 route add unreachable "2001:db8:5:8000::/$length" table local
done
is "$(leaves sendto $PEER)" $A "routes beside it do not matter"
ip -6 route del local 2001:db8:5::/48 dev lo
for length in 46 47 63 64 65 100 127 128; do
	ip -6 route add local "$(python3 -c "import ipaddress as i; print(i.ip_network('$A/$length', strict=False))")" dev lo
	is "$(leaves sendto $PEER)" $A "a route of length $length"
	ip -6 route del local "$(python3 -c "import ipaddress as i; print(i.ip_network('$A/$length', strict=False))")" dev lo
	is "$(leaves sendto $PEER)" "$refused" "and without it"
done

# a whole prefix is a source
P=2001:db8:5:1::/80 P4=203.0.113.16/28
sysctl -qw net.ipv6.ip_nonlocal_bind=0
config "source = $P"
run "$SRCPIN" check -c "$CONFIG"
is "$? $err" "1 $CONFIG:2:10: a prefix as a source needs 'spread = hash', 'random' or 'round-robin'" "a prefix with spread = first is an error"
put "source = $P"$'\n'"source4 = $P4"$'\n'"spread = hash"
like "$err" "warning: source $P is not local: no route makes all of it addresses of this host: what is pinned to it is refused" "load: what is missing"
is "$(usable)" "[false,false]" "a prefix: no route"
is "$(leaves tcp $PEER) $(leaves sendto $PEER) $(leaves tcp $PEER4)" "$refused $refused $refused" "a prefix: refused"
finding address "the source is not local: no route makes all of it addresses of this host" "doctor: so" ".source == \"$P\""
# shellcheck disable=SC2016 # of jq
remedies='[.checks[] | select(.id == "address" and .level == "finding").remedy | split(", where")[0]][]'
ip -6 route add local 2001:db8:5:1::/81 dev lo
is "$(usable)" "[false,false]" "a prefix: a route for the half of it"
ip -6 route del local 2001:db8:5:1::/81 dev lo
while read -r remedy; do $remedy; done < <(jq -r "$remedies" <<<"$out")
is "$(usable)" "[false,true]" "a prefix: with doctor's remedies, IPv4"
like "$("$SRCPIN" status)" "source $P is local by a route, but no socket can be bound to it" "a prefix: status says what is still missing"
is "$(leaves tcp $PEER)" "$refused" "a prefix: refused"
finding address "the source is local by a route, but no socket can be bound to it .*" "doctor: so" ".source == \"$P\""
remedy=$(jq -r "$remedies" <<<"$out")
${remedy%%,*} >/dev/null
is "$(usable)" "[true,true]" "a prefix: with doctor's remedy, both"
has address ok "on lo, usable" "doctor: so" ".source == \"$P\""
has deprecated ok "it is on no device.*" "doctor: the kernel chooses it for nobody" ".source == \"$P\""
for kind in tcp udp sendto; do
	like "$(leaves $kind $PEER) $(leaves $kind $PEER4)" "^2001:db8:5:1:[0-9a-f:]+ 203.0.113.(1[6-9]|2[0-9]|3[01])\$" "a prefix: leaves from it, $kind"
done
ok "a prefix: load --wait does not wait" timeout 20 "$SRCPIN" load --wait 600 --cgroup "$WORLD_CGROUP" -c "$CONFIG"
ok "unload" "$SRCPIN" unload --all
done_testing
