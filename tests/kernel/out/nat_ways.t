#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# NAT on each way of the source: for the policy's ports, by the device that a rule of routing leads to, below IP on a
# bridge, outside of the service's network namespace; and NAT of the destination.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/doctor/doctor.sh
. "$WORLD_HERE/../doctor/doctor.sh" || exit 1
# shellcheck source=tests/kernel/out/nat.sh
. "$WORLD_HERE/../out/nat.sh" || exit 1

V6=".source == \"$A\"" V4=".source == \"$A4\""
REWRITES="NAT of this host rewrites what leaves from the source"
NONE="no rule of NAT on this host rewrites what leaves from the source"
nft 'table ip6 n { chain post { type nat hook postrouting priority 100; }; }' || skip_all "this kernel has no NAT for ip6"
masquerades() { nft "table $1 n { chain post { type nat hook postrouting priority 100; $2 masquerade; }; }"; }

# the policy's own ports
nft flush chain ip6 n post
nft add rule ip6 n post 'tcp dport { 80, 443, 2525 } masquerade'
put "source = $A"$'\n'"ports = 443"
PORT=443 judged tcp $PEER "$DROPPED" 1 "NAT for a port of the policy"
finding nat "$REWRITES: rule .*" "doctor finds it" "$V6"
put "source = $A"$'\n'"ports = 25, 2525"
finding nat "$REWRITES: rule .*" "also for the last port of two" "$V6"
put "source = $A"$'\n'"ports = 25"
PORT=25 judged tcp $PEER $A 0 "and for none of them"
has nat ok "$NONE" "doctor: no" "$V6"
put "source = $A"
has nat note "NAT of this host may rewrite what leaves from the source: rule .*" "all ports are pinned: it may" "$V6"

# mode = observe: no timeout is to be told of
nft flush chain ip6 n post
nft add rule ip6 n post masquerade
put "source = $A"$'\n'"mode = observe"
is "$(leaves tcp $PEER)" $SHARED "observe: it leaves from the shared address"
doctor --json
like "$(of why)" "^it leaves from another address, as mode = observe changes nothing; without that, the guard drops it" "and doctor says so"
put "source = $A"
doctor --json
like "$(of why)" "^the guard drops what is rewritten, .*: put it where the rules are made at boot, too$" "enforced: it is dropped, and where the remedy belongs"
ok "the remedy can be pasted" "$BASH" -c "$(of remedy)"
ok "and once more" "$BASH" -c "$(of remedy)"
judged tcp $PEER $A 0 "it works"
nft delete table ip6 srcpin
nft delete table ip6 n

# the destination: a proxy on this host, and another host
nft 'table ip6 d { chain out { type nat hook output priority -100; tcp dport 25 redirect to :7777; }; }'
has nat note "NAT sends what goes from the source to this host instead: rule [0-9]+ of table ip6 d" "a redirect to a local proxy" "$V6"
doctor --json
like "$(of why)" "what a proxy there sends on leaves from the proxy's own address" "and why that matters"
nft flush chain ip6 d out
nft "add rule ip6 d out tcp dport 25 dnat to [2001:db8:9::2]:25"
has nat ok "$NONE" "to another one that is pinned to the same source: no" "$V6"
nft flush chain ip6 d out
nft "add rule ip6 d out tcp dport 25 dnat to fd00::25"
has nat note "NAT sends what goes from the source to fd00::25 instead: rule .*" "to an exempt one" "$V6"
nft flush chain ip6 d out
nft "add rule ip6 d out tcp dport 80 redirect"
has nat ok "$NONE" "another port than mail has: no" "$V6"
nft delete table ip6 d
put "source = $A"$'\n'"source4 = $A4"
nft "table ip d { chain out { type nat hook output priority -100; ip daddr 10.0.0.53 dnat to $FAR4; }; }"
judged tcp 10.0.0.53 "$DROPPED" 1 "an exempt destination that becomes a pinned one: dropped"
finding nat "NAT turns the exempt destination 10.0.0.53/32 into one that is pinned: rule .*" "doctor finds it" "$V4"
doctor --json
like "$(of remedy $A4)" "^exempt = $FAR4/32 in srcpin.conf as well; then load it$" "with its remedy"
like "$(jq -r '.checks[] | select(.id == "refused").remedy' <<<"$out")" "or exempt the destination that NAT gives it" "the refusal's remedy has it, too"
put "source = $A"$'\n'"source4 = $A4"$'\n'"exempt = $FAR4/32"
judged tcp 10.0.0.53 "10.0.0.5" 0 "after the remedy it leaves, from what the kernel chooses"
has nat ok "$NONE" "doctor: no" "$V4"
nft delete table ip d

# by the device that a rule of routing for the port leads to
peers=$(basename "$(dirname "$(dirname "$WORLD_PEER")")")
ip link add wg0 type veth peer name wgp netns "$peers"
ip link set wg0 addrgenmode none up
in_peer ip link set wgp addrgenmode none up
ip -6 addr add 2001:db8:70::2/64 dev wg0 nodad
in_peer ip -6 addr add 2001:db8:70::1/64 dev wgp nodad
ip -6 route add default via 2001:db8:70::1 dev wg0 table 100
ip -6 rule add ipproto tcp dport 25 lookup 100
masquerades ip6 'oifname "wg0"'
put "source = $A"
PORT=25 judged tcp $PEER "$DROPPED" 1 "by the device of a rule for port 25: dropped"
judged tcp $PEER $A 0 "other ports do not go there"
finding nat "$REWRITES by wg0: rule .*" "doctor finds it" "$V6"
put "source = $A"$'\n'"ports = 587"
has nat note "$REWRITES by wg0: rule .*" "port 25 is not pinned: a note, as of any device" "$V6"
ip -6 rule del ipproto tcp dport 25 lookup 100
put "source = $A"
has nat note "$REWRITES by wg0: rule .*" "no rule leads there: the same" "$V6"
(echo $BASHPID >"$WORLD_CGROUP/cgroup.procs" && exec setpriv --reuid=4711 --clear-groups sleep infinity) &
user=$!
ip -6 rule add uidrange 4711-4711 lookup 100
runs() { [[ $(awk '/^Uid/ { print $2 }' "/proc/$user/status") == 4711 ]]; }
wait_until "it runs" runs
finding nat "$REWRITES( by wg0)?: rule .*" "by a rule for the service's user: found" "$V6"
ip -6 rule del uidrange 4711-4711 lookup 100
kill $user
wait $user 2>/dev/null
nft delete table ip6 n
ip link del wg0

# in another network namespace, for which this host forwards
(echo $BASHPID >"$WORLD_CGROUP/cgroup.procs" && exec unshare --net -- sleep infinity) &
there=$!
moved() { [[ $(readlink "/proc/$there/ns/net") != "$(readlink /proc/self/ns/net)" ]]; }
wait_until "it has a network namespace" moved
in_there() { nsenter --net="/proc/$there/ns/net" -- "$@"; }
ip link add c0 type veth peer name c1 netns $there
ip link set c0 addrgenmode none up
in_there ip link set lo up
in_there ip link set c1 addrgenmode none up
ip -6 addr add fe80::a/64 dev c0 nodad
in_there ip -6 addr add fe80::b/64 dev c1 nodad
ip -6 addr del $A/64 dev vps
in_there ip -6 addr add $A/128 dev c1 nodad
in_there ip -6 route add default via fe80::a dev c1
ip -6 route add $A/128 via fe80::b dev c0
ip addr add 172.17.0.1/16 dev c0
in_there ip addr add 172.17.0.2/16 dev c1
in_there ip route add default via 172.17.0.1
sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv4.ip_forward=1
from_there() {
	: >"$WORLD_DIR/peer"
	inside "$WORLD_CGROUP" nsenter --net="/proc/$there/ns/net" -- python3 -c "import socket; socket.create_connection(('$PEER', 7777), 9)"
	wait_until "the peer has seen it" test -s "$WORLD_DIR/peer"
	head -1 "$WORLD_DIR/peer"
}
put "source = $A"$'\n'"source4 = 172.17.0.2"
is "$(from_there)" $A "a service in a network namespace leaves from the source"
has nat ok "no rule of NAT in its network namespace, or of this host, which forwards it, rewrites what leaves from the source" "doctor has looked here, too" "$V6"
masquerades inet "oifname vps"
is "$(from_there)" $SHARED "NAT of this host rewrites what it forwards"
finding nat "NAT of this host rewrites what this host forwards from the source: rule [0-9]+ of table inet n" "doctor finds it" "$V6"
has nat note "NAT of this host rewrites the private source: rule [0-9]+ of table inet n" "as it is meant for a private source" '.source == "172.17.0.2"'
doctor --json
like "$(of why)" "the guard is in another network namespace" "and why nothing counts it"
ok "the remedy" "$BASH" -c "$(of remedy)"
is "$(from_there)" $A "works"
nft delete table ip6 srcpin
nft delete table inet n
masquerades inet "iifname != c0 oifname vps"
is "$(from_there)" $A "for what comes in by another device: no"
has nat ok "no rule of NAT in its network namespace, or of this host, .*" "doctor: no" "$V6"
nft delete table inet n
in_there nft 'table ip6 n { chain post { type nat hook postrouting priority 100; masquerade; }; }'
has nat note "NAT of its network namespace may rewrite what leaves from the source: rule .*" "NAT in the namespace itself, which may choose the source" "$V6"
doctor --json
like "$(of remedy)" "^nsenter --net=/proc/$there/ns/net nft " "its remedy can be pasted"
ok "and works" "$BASH" -c "$(of remedy)"
has nat ok "no rule of NAT in its network namespace, .*" "doctor: no more" "$V6"
kill $there
wait $there 2>/dev/null
ip -6 addr add $A/64 dev vps nodad
ip route replace default via $PEER4

# below IP: a bridge's chains, and those at its port
ip link add br0 type bridge
ip link set br0 addrgenmode none up
ip addr flush dev vps
ip link set vps master br0
ip addr add 192.0.2.5/24 dev br0
ip addr add $A4/24 dev br0
ip route replace default via $PEER4
put "source4 = $A4"
if nft "table bridge e { chain c { type filter hook output priority 0; ip saddr $A4 ip saddr set 192.0.2.5; }; }" 2>/dev/null; then
	judged udp $FAR4 192.0.2.5 0 "the bridge's own chain: it leaves from the other address"
	finding nat "a rule that is no NAT rewrites what leaves from the source: rule [0-9]+ of table bridge e" "doctor finds it" "$V4"
	nft delete table bridge e
	nft "table bridge e { chain c { type filter hook postrouting priority 0; oifname vps ether type ip ip saddr set 192.0.2.5; }; }"
	judged udp $FAR4 192.0.2.5 0 "by the bridge's port"
	finding nat "a rule that is no NAT rewrites what leaves from the source: rule [0-9]+ of table bridge e" "doctor finds it" "$V4"
	nft delete table bridge e
	nft "table bridge e { chain c { type filter hook output priority 0; ip saddr $PEER4 ip saddr set 192.0.2.5; }; }"
	has nat ok "$NONE" "for another address: no" "$V4"
	nft delete table bridge e
fi
if nft "table netdev e { chain c { type filter hook egress device vps priority 0; ip saddr set 192.0.2.5; }; }" 2>/dev/null; then # from Linux 5.16
	judged udp $FAR4 192.0.2.5 0 "at the bridge's port"
	like "$(seen nat "$V4")" "a rule that is no NAT (may rewrite|rewrites) what leaves from the source: rule [0-9]+ of table netdev e" "doctor tells of it"
	nft delete table netdev e
fi
done_testing
