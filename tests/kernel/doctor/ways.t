#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What doctor says of the way of mail where that is not the way of all else: by a rule for its port or its user, by a mark,
# by one of several next hops, to a prefix with a source of its own. Each router takes only its own networks, and each remedy
# is tried.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/doctor/doctor.sh
. "$(dirname "${BASH_SOURCE[0]}")/doctor.sh" || exit 1
# shellcheck source=tests/kernel/doctor/uplinks.sh
. "$(dirname "${BASH_SOURCE[0]}")/uplinks.sh" || exit 1

need nft python3

second_uplink
wait_until "the second device is usable" second_is_usable
ip -6 route add default via fe80::2 dev vps2 metric 2000
ip route add default via 203.0.113.1 dev vps2 metric 200
in_peer nft 'table inet f { chain in { type filter hook input priority 0
	iifname "peer" ip saddr 203.0.113.0/24 drop
	iifname "peer" ip6 saddr 2001:db8:b::/64 drop
	iifname "peer2" ip saddr 192.0.2.0/24 drop
	iifname "peer2" ip6 saddr 2001:db8:2::/64 drop
}; }'
filter 0

# own_rules: for the sources of the second uplink
own_rules() {
	ip rule add from 203.0.113.25 lookup 100
	ip route add default via 203.0.113.1 dev vps2 table 100
	ip -6 rule add from 2001:db8:b::25 lookup 100
	ip -6 route add default via fe80::2 dev vps2 table 100
}

# as it was: no rule but the kernel's, and nothing in the tables from 100 on
forget_rules() {
	local family table
	for family in -4 -6; do
		ip "$family" rule flush
		ip "$family" rule add pref 32766 lookup main
		for table in 100 101 102 103; do
			ip "$family" route flush table "$table" 2>/dev/null
		done
	done
	ip rule add pref 32767 lookup default
}

# obey_all: each remedy for a route, as they were printed together
obey_all() {
	local command
	doctor --json
	while read -r command; do
		$command >/dev/null || bail_out "cannot do: $command"
	done < <(jq -r '.checks[] | select(.id == "route" and .level == "finding").remedy' <<<"$out" | sed 's/, and /\n/')
}

own6="but the source is on vps2, which has a router of its own, fe80::2"
own4="but the source is on vps2, which has a router of its own, 203.0.113.1"
both="source = 2001:db8:b::25"$'\n'"source4 = 203.0.113.25"

# ---- a rule for a port

put "$both"
own_rules
is "$(answer "$FAR4") $(answer "$FAR6")" "refused refused" "rules for the sources: it is answered"
healthy "rules for the sources"
for family in -4 -6; do
	ip "$family" rule add pref 10 ipproto tcp dport 25 lookup main
done
is "$(answer "$FAR4") $(answer "$FAR6")" "timeout timeout" "a rule for port 25 before them: it times out"
finding route "it leaves by vps via 192.0.2.1 \(ip rule 10: ipproto tcp dport 25\), $own4" "a rule for port 25, IPv4"
finding route "it leaves by vps via fe80::1 \(ip rule 10: ipproto tcp dport 25\), $own6" "a rule for port 25, IPv6"
obey_all
is "$(answer "$FAR4") $(answer "$FAR6")" "refused refused" "a rule for port 25, the remedies: it is answered"
healthy "a rule for port 25, the remedies"
forget_rules
ip rule add pref 10 ipproto tcp dport 25-26 lookup 100
ip route add default via 203.0.113.1 dev vps2 table 100
put "source4 = 203.0.113.25"
is "$(answer "$FAR4")" refused "a rule for port 25 that leads by the source's uplink: it is answered"
has route ok "to the internet by vps2 via 203.0.113.1 \(ip rule 10: ipproto tcp dport 25-26\)" "a rule for port 25 that leads by the source's uplink"
healthy "a rule for port 25 that leads by the source's uplink"
put "source4 = 203.0.113.25"$'\n'"ports = 587, 465"
finding route "it leaves by vps via 192.0.2.1, $own4" "but only port 465 is pinned"
forget_rules

# ---- a rule for a user

put "$both"
own_rules
for family in -4 -6; do
	ip "$family" rule add pref 10 uidrange 30-40 lookup main
done
healthy "a rule for a user that has no process in the service"
# what a process of that user comes to, and then stays
cat >"$WORLD_DIR/as.py" <<'END'
import os, socket, sys, time
os.setgroups([])
os.setuid(33)
for dest in sys.argv[2:]:
    s = socket.socket(socket.AF_INET6 if ":" in dest else socket.AF_INET)
    s.settimeout(1)
    try:
        s.connect((dest, 25))
    except OSError as e:
        print(str(e).split("] ")[-1], file=open(sys.argv[1], "a"))
print("done", file=open(sys.argv[1], "a"))
time.sleep(60)
END
touch "$WORLD_DIR/said"
chmod 0666 "$WORLD_DIR/said"
chmod 0755 "$WORLD_DIR"
inside "$WORLD_CGROUP" python3 "$WORLD_DIR/as.py" "$WORLD_DIR/said" "$FAR4" "$FAR6" &
user=$!
wait_until "the user has tried" grep -q "done" "$WORLD_DIR/said"
is "$(paste -sd" " "$WORLD_DIR/said") $(answer "$FAR4")" "timed out timed out done refused" "a rule for a user: it times out for the user alone"
finding route "it leaves by vps via 192.0.2.1 \(ip rule 10: uidrange 30-40\), $own4" "a rule for a user, IPv4"
finding route "it leaves by vps via fe80::1 \(ip rule 10: uidrange 30-40\), $own6" "a rule for a user, IPv6"
obey_all
healthy "a rule for a user, the remedies"
kill "$user"
wait "$user" 2>/dev/null
forget_rules

# ---- a rule for a mark

put "$both"
own_rules
ip rule add pref 10 fwmark 7 lookup main
has route note "ip rule 10 goes by fwmark 0x7: what is marked so leaves by vps via 192.0.2.1, and not by vps2; whether mail is marked \(nftables, SO_MARK\) cannot be known" \
	"a rule for a mark"
nft 'table inet m { chain o { type route hook output priority mangle; tcp dport 25 meta mark set 7; }; }'
is "$(answer "$FAR4") $(answer "$FAR6")" "timeout refused" "and mail is marked: it times out"
nft delete table inet m
ip rule del pref 10
ip rule add pref 10 fwmark 7 lookup 100
is "$(seen route | grep -c fwmark)" 0 "a mark that leads the same way: nothing is said"
forget_rules

# ---- several next hops

ip route replace default nexthop via 192.0.2.1 dev vps nexthop via 203.0.113.1 dev vps2
ip -6 route del default via fe80::1 dev vps
ip -6 route add default nexthop via fe80::1 dev vps nexthop via fe80::2 dev vps2
# IPv4 since Linux 6.16 prefers the hop that has the source as its first address
ip addr add 203.0.113.26/24 dev vps2
put "source = 2001:db8:b::25"$'\n'"source4 = 203.0.113.26"
finding route "it leaves by vps via 192.0.2.1 \(one of 2 next hops\), $own4" "two next hops, IPv4"
finding route "it leaves by vps via fe80::1 \(one of 2 next hops\), $own6" "two next hops, IPv6"
has route ok "to the internet by vps2 via 203.0.113.1 \(one of 2 next hops\)" "two next hops: the other one is right"
doctor --json
is "$(jq -r '[.checks[] | select(.id == "route" and .level == "finding").why] | unique[]' <<<"$out")" \
	"a router may drop what has a source of another network; then what takes that way times out" "two next hops: it is a part of it"
# each destination may take another hop
for i in {101..112}; do
	in_peer ip addr add "198.51.100.$i/32" dev lo
done
# all_answers: what some destinations come to, each outcome once
all_answers() {
	local i
	for i in {101..112}; do answer "198.51.100.$i"; done | sort -u | paste -sd" "
}
is "$(all_answers)" "refused timeout" "two next hops: some are answered, some are not"
obey_all
is "$(all_answers) $(answer "$FAR6")" "refused refused" "two next hops, the remedies: all are answered"
healthy "two next hops, the remedies"
forget_rules
put "source4 = 203.0.113.25"
if [[ $(all_answers) == refused ]]; then
	healthy "two next hops, and this kernel takes that of the source"
	has route ok "to the internet by vps2 via 203.0.113.1" "two next hops, and this kernel takes one only"
else
	finding route "it leaves by vps via 192.0.2.1 \(one of 2 next hops\), $own4" "two next hops, and this kernel takes either"
fi
ip addr del 203.0.113.26/24 dev vps2
ip route replace default via 192.0.2.1
ip -6 route flush default
ip -6 route add default via fe80::1 dev vps
ip -6 route add default via fe80::2 dev vps2 metric 2000

# ---- prefixes with a source of their own

in_peer ip addr add 198.51.100.1/32 dev lo
to="to = 198.51.100.0/24 203.0.113.25"
ip route add 198.51.100.0/24 via 203.0.113.1 dev vps2
filter 1
put "source4 = 192.0.2.5"$'\n'"$to"
is "$(answer "$FAR4") $(answer 198.51.100.1)" "refused refused" "a prefix by its source's uplink: it is answered"
healthy "a prefix by its source's uplink, with rp_filter = 1"
has route ok "to 198.51.100.0/24 by vps2 via 203.0.113.1" "a prefix: its route" '.source == "203.0.113.25"'
has route ok "to the internet by vps via 192.0.2.1" "the internet: its route" '.source == "192.0.2.5"'
filter 0
put "source4 = 203.0.113.25"$'\n'"to = 198.51.100.0/24 192.0.2.5"
own_rules
is "$(answer "$FAR4") $(answer 198.51.100.1)" "refused timeout" "a prefix by another uplink than its source's: it times out"
finding route "to 198.51.100.0/24 it leaves by vps2 via 203.0.113.1, but the source is on vps, which has a router of its own, 192.0.2.1" \
	"a prefix by another uplink than its source's"
obey_all
is "$(answer "$FAR4") $(answer 198.51.100.1)" "refused refused" "a prefix, the remedy: it is answered"
healthy "a prefix, the remedy"
forget_rules
own_rules
put "source4 = 203.0.113.25"$'\n'"to = 198.51.100.0/25 203.0.113.25"$'\n'"to = 198.51.100.128/25 203.0.113.25"$'\n'"to = 192.0.2.0/24 203.0.113.25"
has route ok "to the internet and 3 other prefixes by vps2 via 203.0.113.1" "a source for both: the ways that are the same are said once"
ip rule add pref 10 to 198.51.100.0/24 lookup main
ip route replace 198.51.100.0/24 via 192.0.2.1 dev vps
finding route "to 198.51.100.0/25 and 198.51.100.128/25 it leaves by vps via 192.0.2.1, $own4" "a source for both: and those that are not"
has route ok "to the internet and 192.0.2.0/24 by vps2 via 203.0.113.1" "a source for both: the rest"
ip route replace unreachable 198.51.100.0/24
finding route "no route to 198.51.100.0/25 and 198.51.100.128/25 from the source: .*" "a prefix without a route"
ip route del unreachable 198.51.100.0/24
forget_rules

# ---- several sources, each with an uplink of its own

ip link add vps3 type veth peer name peer3 netns "$world_peer_pid"
ip link set vps3 addrgenmode none up
ip addr add 203.0.3.25/24 dev vps3
in_peer ip link set peer3 addrgenmode none up
in_peer ip addr add 203.0.3.1/24 dev peer3
in_peer sysctl -qw net.ipv4.conf.peer3.rp_filter=0
in_peer nft add rule inet f in iifname != peer3 ip saddr 203.0.3.0/24 drop
ip route add default via 203.0.3.1 dev vps3 metric 300
sysctl -qw net.ipv4.conf.vps3.rp_filter=0
put "source4 = 203.0.113.25"$'\n'"to = 198.51.100.0/24 203.0.3.25"
is "$(answer "$FAR4") $(answer 198.51.100.1)" "timeout timeout" "three uplinks: it times out"
is "$(remedy route 0)" "ip rule add from 203.0.113.25 lookup 100, and ip route add default via 203.0.113.1 dev vps2 table 100" "three uplinks: a table"
is "$(remedy route 1)" "ip rule add from 203.0.3.25 lookup 101, and ip route add default via 203.0.3.1 dev vps3 table 101" "three uplinks: and another one"
obey_all
is "$(answer "$FAR4") $(answer 198.51.100.1)" "refused refused" "three uplinks, the remedies: it is answered"
healthy "three uplinks, the remedies"
forget_rules
# a rule for the source that leads to another's uplink
own_rules
ip rule add from 203.0.3.25 lookup 100
is "$(answer 198.51.100.1)" timeout "a rule that leads to another uplink: it times out"
finding route "to 198.51.100.0/24 it leaves by vps2 via 203.0.113.1, but the source is on vps3, which has a router of its own, 203.0.3.1" "a rule that leads to another uplink"
is "$(remedy route)" "ip rule add from 203.0.3.25 lookup 101, and ip route add default via 203.0.3.1 dev vps3 table 101" "a table that is not in use"
obey_all
is "$(answer "$FAR4") $(answer 198.51.100.1)" "refused refused" "a rule that leads to another uplink, the remedy: it is answered"
healthy "a rule that leads to another uplink, the remedy"
forget_rules
ip link del vps3

# ---- the source is on lo, and there are two uplinks

ip addr add 198.51.100.77/32 dev lo
in_peer ip route add 198.51.100.77/32 via 203.0.113.25
in_peer nft add rule inet f in iifname peer ip saddr 198.51.100.77 drop
put "source4 = 198.51.100.77"
is "$(answer "$FAR4")" timeout "on lo, and its network is the other uplink's: it times out"
has route note "to the internet by vps via 192.0.2.1, while another uplink is vps2: right only if that router takes the source" "on lo: a note"
in_peer nft flush chain inet f in
filter 0
is "$(answer "$FAR4")" refused "on lo, and that router takes it: it is answered"
filter 1
is "$(answer "$FAR4")" timeout "but the other uplink drops the answers"
has route note "to the internet by vps via 192.0.2.1, while another uplink is vps2: right only if that router takes the source, and answers come in by vps, as rp_filter = 1 drops them on vps2" \
	"on lo, and rp_filter = 1: a note"
filter 0
ip rule add from 198.51.100.77 lookup 100
ip route add default via 203.0.113.1 dev vps2 table 100
is "$(answer "$FAR4")" refused "on lo, with a rule: it is answered"
has route ok "to the internet by vps2 via 203.0.113.1" "on lo, with a rule for it"
forget_rules
ip route del default via 203.0.113.1 dev vps2 metric 200
ip route add 0.0.0.0/1 dev vps2 table 100
has route note "to the internet by vps via 192.0.2.1, while another uplink is vps2: .*" "on lo, and a VPN has half of the internet"
ip route flush table 100
has route ok "to the internet by vps via 192.0.2.1" "on lo, and one uplink"
ok "unload" "$SRCPIN" unload --all
done_testing
