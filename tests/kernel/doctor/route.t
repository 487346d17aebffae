#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What doctor says of the way that a source takes, on hosts where it is pinned and nothing comes back. Each remedy is
# tried: a connect to a closed port is refused by the other end, or times out.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/doctor/doctor.sh
. "$(dirname "${BASH_SOURCE[0]}")/doctor.sh" || exit 1
# shellcheck source=tests/kernel/doctor/uplinks.sh
. "$(dirname "${BASH_SOURCE[0]}")/uplinks.sh" || exit 1

need nft
is_on_lo() {
	[[ $(ip -6 route show table local) == *"local $1 dev lo"* ]]
}

is_answered() {
	[[ $(answer "$1") == refused ]]
}

second_uplink
wait_until "the second device is usable" second_is_usable

# ---- the ordinary host

put "source = 2001:db8:2::25"$'\n'"source4 = 192.0.2.5"
is "$(answer "$FAR6") $(answer "$FAR4")" "refused refused" "one device, one router: it is answered"
has route ok "to the internet by vps via fe80::1" "IPv6: the route"
has route ok "to the internet by vps via 192.0.2.1" "IPv4: the route"
lacks router "nothing is said of routers"

is "$(source_of "$WORLD_CGROUP" 2001:db8:1::5) $(answer 2001:db8:1::5)" "2001:db8:2::25 refused" "the host's own address, pinned, answers"

# ---- the device has no carrier, or is down

put "source = 2001:db8:2::25"$'\n'"source4 = 192.0.2.5"
in_peer ip link set peer down
is "$(answer "$FAR4")" timeout "no carrier: it times out"
for only in '.source == "2001:db8:2::25"' '.source == "192.0.2.5"'; do
	finding route "it leaves by vps, which has no carrier" "no carrier: $only" "$only"
done
is "$(remedy route)" "see what vps is connected to, and whether that is up (ip link show dev vps)" "no carrier: the remedy"
lacks router "no carrier: nothing is said of its router"
sysctl -qw net.ipv4.conf.vps.ignore_routes_with_linkdown=1
finding route "no route to the internet from the source: Network is unreachable" "no carrier, and its routes do not count" '.source == "192.0.2.5"'
sysctl -qw net.ipv4.conf.vps.ignore_routes_with_linkdown=0
in_peer ip link set peer up
in_peer ip -6 route replace default via fe80::5 dev peer
in_peer ip addr replace fe80::1/64 dev peer nodad
wait_until "the router is there again" answers
healthy "the carrier is back"

put "source4 = 203.0.113.25"
ip route replace default via 203.0.113.1
is "$(answer "$FAR4")" refused "the second device is the uplink: it is answered"
ip link set vps2 down
finding route "no route to the internet from the source: Network is unreachable" "the uplink is down"
is "$(remedy route)" "ip link set vps2 up, and add its routes again: it is down" "the uplink is down: the remedy"
ip link set vps2 up
ip route add default via 203.0.113.1
is "$(answer "$FAR4")" refused "the remedy: it is answered"
healthy "the uplink is up"
# as it was
ip route replace default via 192.0.2.1
ip addr add fe80::6/64 dev vps2 nodad
ip addr add 2001:db8:b::25/64 dev vps2 nodad preferred_lft 0
wait_until "the second device is usable" second_is_usable

# ---- the source is on another device than its route

put "source4 = 203.0.113.25"
filter 0
is "$(answer "$FAR4")" refused "IPv4, another device, no filter: it is answered"
has route note "to the internet by vps via 192.0.2.1, while the source is on vps2: right only if that router takes it" "it is a note"
# as a VPN has it
ip route add default via 192.0.2.1 table 51820
ip rule add not fwmark 51820 lookup 51820
has route note "to the internet by vps via 192.0.2.1, while the source is on vps2: right only if that router takes it" "a rule for all is none for the source"
ip rule del not fwmark 51820 lookup 51820
ip route flush table 51820
filter 1
is "$(answer "$FAR4")" timeout "rp_filter = 1: the answers are dropped"
finding route "it leaves by vps via 192.0.2.1, but the source is on vps2, where rp_filter = 1 drops the answers" "rp_filter = 1"
like "$(remedy route)" "; or sysctl net.ipv4.conf.all.rp_filter=2$" "it names a looser filter"
sysctl -qw net.ipv4.conf.all.rp_filter=2
is "$(answer "$FAR4")" refused "rp_filter = 2 for all: it is answered"
healthy "rp_filter = 2 for all"
filter 1
ip route add default via 203.0.113.1 dev vps2 metric 9999
finding route "it leaves by vps via 192.0.2.1, but the source is on vps2, where rp_filter = 1 drops the answers" "with a router of its own"
obey route "no router to be filled in"
is "$(answer "$FAR4")" refused "the remedy names it: it is answered"
healthy "the remedy names it"
ip rule del from 203.0.113.25 lookup 100
ip route flush table 100
ip route del default via 203.0.113.1 dev vps2 metric 9999
obey route 203.0.113.1
is "$(answer "$FAR4")" refused "the rule of the remedy: it is answered"
healthy "the rule of the remedy"
has route ok "to the internet by vps2 via 203.0.113.1" "the route is that of the rule"
ip rule del from 203.0.113.25 lookup 100
ip route flush table 100
filter 0

ip route add default via 203.0.113.1 dev vps2 metric 200
in_peer nft add table ip f
in_peer nft 'add chain ip f in { type filter hook input priority 0 ; }'
in_peer nft add rule ip f in iifname peer ip saddr 203.0.113.0/24 drop
is "$(answer "$FAR4")" timeout "the first router takes only its own prefix"
finding route "it leaves by vps via 192.0.2.1, but the source is on vps2, which has a router of its own, 203.0.113.1" "two uplinks"
obey route
is "$(answer "$FAR4")" refused "two uplinks, the rule of the remedy: it is answered"
healthy "two uplinks, the rule of the remedy"
ip rule del from 203.0.113.25 lookup 100
ip route flush table 100
ip route del default via 203.0.113.1 dev vps2 metric 200
in_peer nft delete table ip f

put "source = 2001:db8:b::25"
has route note "to the internet by vps via fe80::1, while the source is on vps2: .*" "IPv6: another device"
ip -6 route add default via fe80::2 dev vps2 metric 2000
finding route "it leaves by vps via fe80::1, but the source is on vps2, which has a router of its own, fe80::2" "IPv6: two uplinks"
obey route
is "$(answer "$FAR6")" refused "IPv6: the rule of the remedy: it is answered"
healthy "IPv6: the rule of the remedy"
has route ok "to the internet by vps2 via fe80::2" "IPv6: the route is that of the rule"
ip -6 rule del from 2001:db8:b::25 lookup 100
ip -6 route flush table 100
ip -6 route del default via fe80::2 dev vps2 metric 2000

# as firewalld has it
nft 'table inet firewalld { chain pre { type filter hook prerouting priority -290; meta nfproto ipv6 icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept; meta nfproto ipv6 fib saddr . mark . iif oif missing drop; }; }'
is "$(answer "$FAR6")" timeout "IPv6: nftables drops what would be answered by another device"
finding route "it leaves by vps via fe80::1, but the source is on vps2, where nftables \(fib saddr . iif oif missing drop\) drops the answers" "IPv6: a filter of the reverse path"
like "$(remedy route)" "; or IPv6_rpfilter=no in firewalld.conf$" "it names firewalld's setting"
obey route fe80::2
is "$(answer "$FAR6")" refused "IPv6: the rule of the remedy: it is answered"
healthy "IPv6: the rule of the remedy"
ip -6 rule del from 2001:db8:b::25 lookup 100
ip -6 route flush table 100
nft delete table inet firewalld
has route note "to the internet by vps via fe80::1, while the source is on vps2: .*" "IPv6: no filter any more"

# on lo, of the second link's prefix, with a route of its own
ip addr add 2001:db8:b::77/128 dev lo preferred_lft 0
ip -6 route add default from 2001:db8:b::/64 via fe80::2 dev vps2
wait_until "the source is on lo" is_on_lo 2001:db8:b::77
put "source = 2001:db8:b::77"
like "$(answer "$FAR6")" "timeout|No route to host" "on lo, its prefix is on-link: nobody answers for it"
has route ok "to the internet by vps2 via fe80::2" "on lo: a default route from its prefix is its own"
has router note "nobody answers for the source on vps2, on whose link it is, as it is on lo: right only if the router has a route to it by this host; else ip -6 addr add 2001:db8:b::77/128 dev vps2 preferred_lft 0" "on lo: a note"
ip -6 addr add 2001:db8:b::77/128 dev vps2 preferred_lft 0
in_peer ip -6 neigh flush dev peer2
wait_until "it is answered" is_answered "$FAR6"
pass "on the device, too: it is answered"
ip -6 addr del 2001:db8:b::77/128 dev vps2
in_peer ip -6 neigh flush dev peer2
in_peer ip -6 route add 2001:db8:b::77/128 via fe80::6 dev peer2
is "$(answer "$FAR6")" refused "on lo, and the router has a route to it: it is answered"
in_peer ip -6 route del 2001:db8:b::77/128 via fe80::6 dev peer2
ip -6 route del default from 2001:db8:b::/64 via fe80::2 dev vps2
ip addr del 2001:db8:b::77/128 dev lo

# a mark that a rule refuses
put "source = 2001:db8:2::25"
ip -6 rule add fwmark 7 prohibit
nft 'table ip6 m { chain o { type route hook output priority -150; tcp dport 25 meta mark set 7; }; }'
is "$(answer "$FAR6")" timeout "what is marked is refused"
has route note "ip rule [0-9]+ goes by fwmark 0x7: what is marked so has no route; whether mail is marked .*" "a rule that refuses a mark is noted"
nft delete table ip6 m
ip -6 rule del fwmark 7 prohibit
ip -6 rule add ipproto tcp dport 25 prohibit
like "$(answer "$FAR6")" "Permission denied" "what goes to port 25 is refused"
finding route "no route to the internet from the source \(ip rule [0-9]+: ipproto tcp dport 25\): Permission denied" "a rule that refuses a port is named"
ip -6 rule del ipproto tcp dport 25 prohibit

# who answers ARP for it
ip addr add 192.0.2.77/32 dev lo
put "source4 = 192.0.2.77"
sysctl -qw net.ipv4.conf.all.arp_announce=2
is "$(answer "$FAR4")" refused "IPv4 on lo, on-link: any device answers ARP for it"
lacks router "IPv4 on lo: nothing is said"
sysctl -qw net.ipv4.conf.all.arp_ignore=1
in_peer ip neigh flush dev peer
is "$(answer "$FAR4")" timeout "arp_ignore = 1: nobody answers ARP for it"
finding router "nobody answers ARP for the source on vps: it is on lo, and arp_ignore = 1" "arp_ignore = 1"
obey router
in_peer ip neigh flush dev peer
wait_until "it is answered" is_answered "$FAR4"
pass "the remedy: it is answered"
healthy "the remedy"
ip addr del 192.0.2.77/32 dev vps
ip addr del 192.0.2.77/32 dev lo
sysctl -qw net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.all.arp_announce=0
in_peer ip neigh flush dev peer

ip addr add 198.51.100.7/32 dev lo
in_peer ip route add 198.51.100.7/32 via 192.0.2.5
filter 1
sysctl -qw net.ipv4.conf.vps.rp_filter=1 net.ipv4.conf.lo.rp_filter=1 net.ipv4.conf.all.arp_announce=2
put "source4 = 198.51.100.7"
is "$(answer "$FAR4")" refused "the source is on lo: it is answered"
healthy "the source is on lo"
has route ok "to the internet by vps via 192.0.2.1" "on lo: the route"
lacks router "on lo, arp_announce = 2: nothing is said of routers"
filter 0
sysctl -qw net.ipv4.conf.all.arp_announce=0

# ---- several routers advertise themselves

put "source = 2001:db8:2::25"
ip -6 route del default via fe80::1 dev vps
ip -6 route add default via fe80::1 dev vps proto ra metric 1024
has route ok "to the internet by vps via fe80::1" "one router that advertises itself"
lacks router "one router that advertises itself: nothing is said"
ip -6 route append default via fe80::3 dev vps proto ra metric 1024
has router note "several routers advertise themselves \(fe80::1, fe80::3\): if fe80::1 drops what comes from the source, ip -6 rule add from 2001:db8:2::25 lookup 100, and ip -6 route add default via fe80::3 dev vps table 100" "two"
put "source = 2001:db8:2::25"$'\n'"to = 2001:db8:77::/48 2001:db8:2::26"
is "$(seen router | grep -oE 'from 2001:db8:2::2[56] lookup [0-9]+' | paste -sd' ')" "from 2001:db8:2::25 lookup 100 from 2001:db8:2::26 lookup 101" "two sources: each has a rule of its own"
put "source = 2001:db8:2::25"
advised=$(seen router | sed 's/.*source, //; s/, and /; /')
bash -c "$advised" || diag "cannot do: $advised"
like "$(ip -6 route get 2001:db8:a::1 from 2001:db8:2::25 iif lo 2>&1; ip -6 route get 2001:db8:a::1 from 2001:db8:2::25)" "via fe80::3" "two, after what doctor says: it leaves by the other router"
lacks router "two, after what doctor says: nothing is said"
ip -6 route replace default via fe80::1 dev vps table 100
is "$(answer "$FAR6")" refused "two, with a rule: it is answered"
ip -6 rule del from 2001:db8:2::25 lookup 100
ip -6 route flush table 100
ip addr add 2001:db8:1::6/64 dev vps nodad preferred_lft 0
wait_until "the address is usable" world_usable
put "source = 2001:db8:1::6"
lacks router "two, and the source is of the prefix that the kernel chooses: nothing is said"
ip -6 route flush default
ip -6 route add default via fe80::1 dev vps

# ---- ARP and neighbour solicitation ask from the source

# forget_neighbours: as after a while without traffic
forget_neighbours() {
	ip neigh flush all
	ip -6 neigh flush all
}

has_failed() {
	[[ $(ip neigh show "$1" dev vps) == *FAILED* ]]
}

mac=$(ip -j link show dev vps | jq -r '.[0].address')
ip addr add 198.51.100.25/32 dev vps
in_peer ip route add 198.51.100.25/32 dev peer
in_peer ip neigh replace 198.51.100.25 lladdr "$mac" dev peer nud permanent
# this router answers ARP only from its own subnet
in_peer sysctl -qw net.ipv4.conf.peer.arp_ignore=2
put "source4 = 198.51.100.25"
forget_neighbours
is "$(inside "$WORLD_MOUNT" timeout 2 "$BASH" -c ": <>/dev/tcp/$FAR4/25" 2>&1 | grep -o refused | head -1)" refused "ARP from the router's subnet is answered"
is "$(answer "$FAR4")" refused "the source of another subnet, once the router is known: it is answered"
has router note "ARP asks for 192.0.2.1 from the source, which is of another subnet: if it times out, sysctl net.ipv4.conf.all.arp_announce=2" "a note"
forget_neighbours
like "$(answer "$FAR4")" "timeout|No route to host" "the router is not known: its ARP is not answered"
wait_until "ARP has failed" has_failed 192.0.2.1
finding router "the router, 192.0.2.1, does not answer on vps" "ARP is not answered"
obey router
forget_neighbours
is "$(answer "$FAR4")" refused "arp_announce = 2: it is answered"
healthy "arp_announce = 2"
lacks router "arp_announce = 2: nothing is said"
put "source4 = 192.0.2.5"
sysctl -qw net.ipv4.conf.all.arp_announce=0
lacks router "the source is of the router's subnet: nothing is said"

in_peer ip -6 neigh replace 2001:db8:2::25 lladdr "$mac" dev peer nud permanent
in_peer ip -6 route add 2001:db8:2::25/128 dev peer
in_peer nft add table ip6 f
in_peer nft 'add chain ip6 f in { type filter hook input priority 0 ; }'
in_peer nft add rule ip6 f in icmpv6 type nd-neighbor-solicit ip6 saddr 2001:db8:2::/64 drop
put "source = 2001:db8:2::25"
forget_neighbours
like "$(answer "$FAR6")" "timeout|No route to host" "the router answers no solicitation from the source"
wait_until "the solicitation has failed" has_failed fe80::1
finding router "the router, fe80::1, does not answer on vps" "a solicitation is not answered"
obey router
forget_neighbours
wait_until "the source is on lo" is_on_lo 2001:db8:2::25
is "$(answer "$FAR6")" refused "the source is on lo: it is answered"
healthy "IPv6: the source is on lo"
in_peer ip addr del fe80::1/64 dev peer
forget_neighbours
put "source = 2001:db8:2::25"
answer "$FAR6" >/dev/null
wait_until "the router is known to be gone" has_failed fe80::1
finding router "the router, fe80::1, does not answer on vps" "the router is gone"
is "$(remedy router)" "see whether it is there: ping, and ip neigh" "the router is gone: no remedy that would not help"
ok "unload" "$SRCPIN" unload --all
done_testing
