#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# NAT of the host itself, which rewrites what the service sends: the guard drops it and says why, doctor finds the rule,
# and its remedy cures it.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/doctor/doctor.sh
. "$WORLD_HERE/../doctor/doctor.sh" || exit 1
# shellcheck source=tests/kernel/out/nat.sh
. "$WORLD_HERE/../out/nat.sh" || exit 1

for family in ip ip6; do
	nft add table $family n
	nft "add chain $family n post { type nat hook postrouting priority 100; }" || skip_all "this kernel has no NAT for $family"
done

put "source = $A"$'\n'"source4 = $A4"
judged tcp $PEER $A 0 "without NAT, TCP"
judged sendto $FAR4 $A4 0 "without NAT, IPv4"
has nat ok "no rule of NAT on this host .*" "doctor: no NAT" ".source == \"$A\""

nft add rule ip n post oifname != lo masquerade
nft add rule ip6 n post oifname != lo masquerade
for dest in "$PEER" "$FAR4"; do
	judged tcp "$dest" "$DROPPED" 1 "masquerade: TCP to $dest is dropped, as translated"
	judged udp "$dest" EPERM 1 "masquerade: a connected UDP socket to $dest"
	judged sendto "$dest" EPERM 1 "masquerade: sendto to $dest"
done
finding refused "[1-9][0-9]* packets refused: dropped_translated \(its addresses were not its socket's: NAT on this host, or .*" "doctor tells what was dropped"
like "$(jq -r '.checks[] | select(.id == "refused").remedy' <<<"$out")" "^take the source out of the NAT, or exempt the destination that NAT gives it: see NAT in srcpin\(8\) \(srcpin status .* --reset forgets those that were\)$" "with what helps"
like "$("$SRCPIN" status --cgroup "$WORLD_CGROUP")" "dropped_translated \(its addresses were not its socket's: NAT" "status names it, as the last refusal"
finding nat "NAT of this host rewrites what leaves from the source: rule [0-9]+ of table ip6 n" "doctor finds it" ".source == \"$A\""
finding nat "NAT of this host rewrites what leaves from the source: rule [0-9]+ of table ip n" "doctor finds it for IPv4" ".source == \"$A4\""

# doctor's remedies, as they stand
doctor --json
jq -r '.checks[] | select(.id == "nat" and .level == "finding") | .remedy' <<<"$out" | while read -r remedy; do
	"$BASH" -c "$remedy" || echo "cannot: $remedy"
done
judged tcp $PEER $A 0 "after doctor's remedy, TCP leaves pinned"
judged sendto $FAR4 $A4 0 "after doctor's remedy, IPv4 leaves pinned"
has nat ok "no rule of NAT on this host .*" "doctor: no NAT any more" ".source == \"$A\""

nft delete table ip srcpin
nft delete table ip6 srcpin
judged tcp $PEER "$DROPPED" 1 "without it, it is rewritten again"

# in a table that another program owns (firewalld 2), into which nobody else can insert a rule; from Linux 5.12
if nft -c 'add table inet fw { flags owner; }' 2>/dev/null; then
	nft delete table ip6 n
	mkfifo "$WORLD_DIR/owner"
	nft -i <"$WORLD_DIR/owner" >/dev/null &
	exec 7>"$WORLD_DIR/owner"
	echo 'add table inet fw { flags owner; chain post { type nat hook postrouting priority 100; meta nfproto ipv6 masquerade; }; }' >&7
	there() { nft list table inet fw >/dev/null 2>&1; }
	wait_until "the table is there" there
	run nft insert rule inet fw post ip6 saddr $A accept
	like "$err" "not permitted" "no rule can be added to it"
	finding nat "NAT of this host rewrites .* of table inet fw" "owned by another: yes" ".source == \"$A\""
	cure
	judged tcp $PEER $A 0 "and after doctor's remedy, TCP leaves pinned"
	has nat ok "no rule of NAT on this host .*" "doctor: no NAT any more" ".source == \"$A\""
	nft delete table ip6 srcpin
	nft "table ip6 later { chain post { type nat hook postrouting priority 101; ip6 saddr $A snat to $A; }; }"
	judged tcp $PEER "$DROPPED" 1 "the same in a chain after it: dropped"
	finding nat "NAT of this host rewrites .* of table inet fw" "and doctor finds it" ".source == \"$A\""
	nft delete table ip6 later
	nft 'table inet early { chain post { type nat hook postrouting priority 50; snat ip to 192.0.2.9; }; }'
	finding nat "NAT of this host rewrites .* of table inet fw" "a SNAT of the other family before it keeps nothing" ".source == \"$A\""
	nft delete table inet early
	exec 7>&-
	gone() { ! there; }
	wait_until "the owner's table has gone with it" gone
	nft 'table ip6 n { chain post { type nat hook postrouting priority 100; }; }'
fi

# what else there is in rulesets
flush() { nft flush chain ip6 n post; }
flush
nft add rule ip6 n post ip6 saddr fd00:1::/64 oifname != lo masquerade
has nat ok "no rule of NAT on this host .*" "of another prefix: no" ".source == \"$A\""
flush
nft add rule ip6 n post ip6 saddr != "{ 2001:db8:2::/64, ::1 }" masquerade
has nat ok "no rule of NAT on this host .*" "of all but a set that has it: no" ".source == \"$A\""
flush
nft add rule ip6 n post oifname '"docker*"' masquerade
has nat ok "no rule of NAT on this host .*" "by another device: no" ".source == \"$A\""
flush
nft add rule ip6 n post meta mark 0x4000 masquerade
has nat note "NAT of this host may rewrite .*" "by a mark: perhaps" ".source == \"$A\""
flush
nft add rule ip6 n post ip6 daddr fd00::/8 masquerade
has nat ok "no rule of NAT on this host .*" "for destinations of no mail: no" ".source == \"$A\""
flush
# nft 1.0.6 lists other flags than the table has
if [[ $(nft --version) != *v1.0.6* ]]; then
	nft 'add table inet off { flags dormant; chain post { type nat hook postrouting priority 100; masquerade; }; }'
	has nat ok "no rule of NAT on this host .*" "in a table that is switched off: no" ".source == \"$A\""
	nft delete table inet off
fi
nft 'add table inet both { chain post { type nat hook postrouting priority 100; snat ip to 192.0.2.9; }; }'
has nat ok "no rule of NAT on this host .*" "of the other family: no" ".source == \"$A\""
nft delete table inet both
cat >"$WORLD_DIR/odd" <<-END
	{"nftables": [{"add": {"table": {"family": "inet", "name": "a b; #"}}},
	 {"add": {"chain": {"family": "inet", "table": "a b; #", "name": "c", "type": "nat", "hook": "postrouting", "prio": 100, "policy": "accept"}}},
	 {"add": {"rule": {"family": "inet", "table": "a b; #", "chain": "c", "expr": [{"masquerade": null}]}}}]}
END
nft -j -f "$WORLD_DIR/odd"
finding nat "NAT of this host rewrites .*" "in a table whose name is no word: yes" ".source == \"$A\""
cure
has nat ok "no rule of NAT on this host .*" "and the remedy needs no name" ".source == \"$A\""
nft delete table ip6 srcpin
echo '{"nftables": [{"delete": {"table": {"family": "inet", "name": "a b; #"}}}]}' >"$WORLD_DIR/odd"
nft -j -f "$WORLD_DIR/odd"
for i in {1..9}; do echo "add chain ip6 n c$i"; done >"$WORLD_DIR/jumps"
for i in {1..8}; do
	for _ in 1 2 3 4; do echo "add rule ip6 n c$i meta mark 1 jump c$((i + 1))"; done
done >>"$WORLD_DIR/jumps"
echo "add rule ip6 n post meta mark 1 jump c1" >>"$WORLD_DIR/jumps"
nft -f "$WORLD_DIR/jumps"
has nat note "NAT of this host may rewrite .*" "more jumps than it follows: perhaps, and soon" ".source == \"$A\""
flush
for i in {1..9}; do nft flush chain ip6 n "c$i"; done
for i in {1..9}; do nft delete chain ip6 n "c$i"; done
nft add chain ip6 n zone
nft add rule ip6 n zone oifname '"v*"' tcp dport 25 snat to $SHARED
nft add rule ip6 n post iifname != lo goto zone
finding nat "NAT of this host rewrites .*" "in a chain that it goes to, by port: yes" ".source == \"$A\""
nft insert rule ip6 n zone ip6 saddr 2001:db8:2::20-2001:db8:2::2f return
has nat ok "no rule of NAT on this host .*" "which returns for it first: no" ".source == \"$A\""
flush

# what of it a packet of the service meets: on the wire, and as doctor says
nft 'add set ip6 n has { type ipv6_addr; flags interval; elements = { fd00:2::/64, 2001:db8:2::20-2001:db8:2::2f }; }'
nft 'add set ip6 n lacks { type ipv6_addr; flags interval; elements = { fd00:2::/64 }; }'
nft 'add set ip6 n wan { type ifname; elements = { "vps" }; }'
nft 'add set ip6 n both { type ifname . inet_service; elements = { "vps" . 7777, "vps" . 25 }; }'
nft 'add set ip6 n banned { type ipv6_addr; flags timeout; elements = { 2001:db8:2::25 timeout 1h }; }'
nft 'add map ip6 n to { type ipv6_addr : ipv6_addr; flags interval; elements = { 2001:db8:2::/64 : 2001:db8:1::5 }; }'
nft 'add map ip6 n by { type ifname : verdict; elements = { "lo" : accept, "vps" : goto zone }; }'
nft flush chain ip6 n zone
nft add rule ip6 n zone masquerade

# row dropped|leaves finding|note|ok RULE...: what comes of a packet by these rules, and what doctor says of them
row() {
	local want=$A counted=0 say="no rule of NAT on this host rewrites what leaves from the source" rule
	[[ $1 == leaves ]] || want=$DROPPED counted=1
	[[ $2 != finding ]] || say="NAT of this host rewrites what leaves from the source: rule .*"
	[[ $2 != note ]] || say="NAT of this host may rewrite what leaves from the source: rule .*"
	for rule in "${@:3}"; do nft add rule ip6 n post "$rule"; done
	judged tcp $PEER "$want" "$counted" "${*:3}"
	has nat "$2" "$say" "doctor, ${*:3}" ".source == \"$A\""
	if [[ $2 == note ]]; then
		doctor --json
		like "$(of why) $(of remedy)" \
			"^if it does, the guard drops what is rewritten.* nft .* snat to $A;" "a note has the remedy, too"
	fi
	flush
}
row dropped finding "snat to 2001:db8:1::5-2001:db8:1::9"
row dropped finding "snat prefix to 2001:db8:1::/64"
row leaves ok "snat prefix to 2001:db8:2::/64"
row dropped finding "snat to ip6 saddr map { 2001:db8:2::/64 : 2001:db8:1::5 }"
row leaves ok "snat to ip6 saddr map { fd00:2::/64 : 2001:db8:1::5 }"
row leaves ok "snat to ip6 saddr map { fd00:2::/64 : 2001:db8:1::5, 2001:db8:2::25 : 2001:db8:2::25 }"
row dropped finding "snat to oifname map { \"vps\" : 2001:db8:1::5 }"
row dropped finding "snat to ip6 saddr map @to"
row dropped finding "snat to numgen inc mod 2 map { 0 : 2001:db8:1::5, 1 : 2001:db8:1::5 }"
row dropped finding "ip6 saddr @has masquerade"
row leaves ok "ip6 saddr @lacks masquerade"
row dropped finding "ip6 daddr != @lacks masquerade"
row dropped note "ip6 saddr @banned masquerade"
# sets and maps that rules fill: nft 1.0.6 lists them as if they stayed as they are
nft add set ip6 n seen '{ type ipv6_addr; flags dynamic; size 100; }'
nft add map ip6 n learned '{ type ipv6_addr : ipv6_addr; flags dynamic; size 100; }'
nft add chain ip6 n learn '{ type filter hook output priority 0; }'
nft add rule ip6 n learn add @seen '{ ip6 saddr }'
nft add rule ip6 n learn add @learned "{ ip6 saddr : $SHARED }"
row dropped note "ip6 saddr @seen masquerade"
row dropped note "snat to ip6 saddr map @learned"
nft delete chain ip6 n learn
nft 'add set ip6 n long { type ipv6_addr; }'
{
	echo -n "add element ip6 n long { "
	printf '2001:db8:7::%s, ' {1..6}:{1000..9999}
	echo "}"
} | nft -f -
row leaves note "ip6 saddr @long masquerade" # a megabyte of elements, so doctor knows none
nft delete set ip6 n long
row dropped finding "oifname @wan masquerade"
row dropped finding "oifname . tcp dport @both masquerade"
row dropped finding "oifname vmap { \"vps\" : jump zone }"
row dropped finding "oifname vmap @by"
row leaves ok "oifname vmap { \"lo\" : jump zone, \"eth*\" : jump zone }"
row dropped finding "ct state new masquerade"
row dropped finding "ct state { established, new } masquerade"
row leaves ok "ct state established,related masquerade"
row dropped finding "ct direction original masquerade"
row dropped finding "fib saddr type local masquerade"
row leaves ok "fib saddr type local return" "masquerade"
row leaves ok "fib daddr type local masquerade"
row dropped note "meta skuid 0 masquerade"
# operators, with a port of mail
PORT=25
row dropped finding "tcp dport < 1024 masquerade"
row dropped finding "tcp dport <= 25 masquerade"
row dropped finding "tcp dport > 24 masquerade"
row dropped finding "tcp dport >= 25 masquerade"
row dropped finding "ip6 saddr > 2001:db8:2::24 masquerade"
row dropped finding "ip6 saddr <= $A masquerade"
row leaves ok "ip6 saddr < $A masquerade"
row leaves note "tcp dport > 24 return" "tcp dport < 1024 masquerade" "udp dport 1000-2000 return"
row leaves note "tcp dport { 80, 443 } masquerade" # all ports are pinned, and these are
row leaves finding "tcp dport != 25 masquerade"
PORT=7777
row leaves note "udp dport 67 masquerade"
# statements that may end a rule, or let it go on
row dropped note "quota over 100 mbytes return" "masquerade"
row dropped note "ct count over 100 return" "masquerade"
row leaves note "ct count over 100 masquerade"
nft add set ip6 n rates '{ type ipv6_addr; flags dynamic; size 100; }'
row dropped note "update @rates { ip6 saddr limit rate over 100/second } return" "masquerade"
row leaves ok "counter log prefix \"nat \" meta mark set 7 ct mark set meta mark accept" "masquerade"
row dropped note "meta mark set ip6 daddr map { fd00:2::1 : 7 } accept" "masquerade"
row dropped note "jump { masquerade; }" # nft 1.0.6 has no JSON for a chain without a name
# maps whose elements are not known
nft 'add map ip6 n dyn { type ifname : verdict; flags timeout; }'
nft 'add element ip6 n dyn { "vps" : jump zone }'
row dropped note "oifname vmap @dyn"
row dropped note "oifname vmap @dyn" "snat to $A"
nft 'add map ip6 n plain { type ifname : verdict; elements = { "vps" : jump zone }; }'
nft 'add table inet bans { set long { type ipv6_addr; }; }'
{
	echo -n "add element inet bans long { "
	printf '2001:db8:7::%s, ' {1..6}:{1000..9999}
	echo "}"
} | nft -f -
row dropped note "oifname vmap @plain"
nft delete table inet bans
row dropped finding "oifname vmap @plain"
# what no other element is for (from Linux 5.14)
if nft 'add map ip6 n rest { type ifname : verdict; elements = { "lo" : accept, * : jump zone }; }' 2>/dev/null; then
	row dropped finding "oifname vmap @rest"
	row leaves ok 'oifname vmap { "vps" : accept, * : jump zone }' "masquerade"
	row dropped finding 'ip6 saddr { fd00:2::1, * } masquerade'
	row leaves ok "snat to ip6 saddr map { $A : $A, * : $SHARED }"
fi
# what holds the root server is not all; nor is that without it
row dropped finding "ip6 daddr 2001:500::/24 return" "masquerade"
row dropped finding "ip6 daddr != 2001:503:ba3e::/48 masquerade"
row dropped finding "ip6 daddr 2000::/3 masquerade"
row dropped finding "ip6 daddr 2000::/4 masquerade"
row dropped finding "ip6 daddr < 3000:: masquerade"
row dropped finding "ip6 daddr != { fc00::/7, fe80::/10, ff00::/8 } masquerade"
row leaves finding "ip6 daddr $PEER return" "masquerade"
row dropped note "meta oifgroup 0 masquerade"
row leaves note "meta mark & 0x4000 != 0x4000 return" "masquerade"
row leaves note "meta mark 0 accept" "masquerade"
row leaves note "meta mark 0 snat to $A" "masquerade"
row dropped finding "ip6 nexthdr { tcp, udp } masquerade"
row leaves ok "meta l4proto icmpv6 masquerade"

# another way than that to the root servers
ip link add vpn type veth peer name vpn-peer
ip link set vpn addrgenmode none up
ip -6 addr add 2001:db8:5::5/64 dev vpn nodad
nft add rule ip6 n post oifname vpn masquerade
has nat note "NAT of this host rewrites what leaves from the source by vpn: rule .*" "by a device that is on no way of the policy" ".source == \"$A\""
put "source = $A"$'\n'"to = 2001:db8:5::/64 2001:db8:2::26"$'\n'"to = 2001:db8:77::/48 2001:db8:2::27"
finding nat "NAT of this host rewrites what leaves from the source to 2001:db8:5::/64: rule .*" "by the device of a to line" '.source == "2001:db8:2::26"'
has nat note "NAT of this host rewrites what leaves from the source by vpn: rule .*" "by none of its to line" '.source == "2001:db8:2::27"'
flush
nft add rule ip6 n post ip6 daddr 2001:db8:77::/64 masquerade
put "source = $A"
has nat note "NAT of this host rewrites what leaves from the source to 2001:db8:77::/64: rule .*" "to a destination" ".source == \"$A\""
judged tcp 2001:db8:77::1 "$DROPPED" 1 "there it is"
judged tcp $PEER $A 0 "and nowhere else"
put "source = $A"$'\n'"to = 2001:db8:77::/64 2001:db8:2::26"
finding nat "NAT of this host rewrites what leaves from the source to 2001:db8:77::/64: rule .*" "the destination of a to line" '.source == "2001:db8:2::26"'
has nat ok "no rule of NAT on this host .*" "to which another source goes" ".source == \"$A\""
put "source = $A"$'\n'"exempt = 2001:db8:77::/48"
has nat ok "no rule of NAT on this host .*" "the destination is exempt" ".source == \"$A\""
put "source = $A"
flush
nft add rule ip6 n post ip6 saddr fd00:2::/64 oifname != vpn masquerade
nft add rule ip6 n post ip6 daddr 2001:db8:2::25 masquerade
has nat ok "no rule of NAT on this host .*" "a bridge of others, and the source as the destination" ".source == \"$A\""
flush
for i in {1..70}; do echo "add rule ip6 n post ip6 daddr fd00:$i::/32 masquerade"; done | nft -f -
has nat unknown "rules of NAT name more than 64 destinations or devices; .*" "more destinations than doctor looks at" ".source == \"$A\""
flush
for i in {1..20}; do echo "add rule ip6 n post ip6 daddr 2001:db8:7$i::/48 masquerade"; done | nft -f -
has nat note "more rules of NAT like these: 16" "more rules than it names" ".source == \"$A\""
flush
ip link del vpn

# the remedy a second time, after NAT with a lower priority came
nft add rule ip6 n post masquerade
ok "doctor's remedy" cure
nft 'table ip6 early { chain post { type nat hook postrouting priority 50; masquerade; }; }'
judged tcp $PEER "$DROPPED" 1 "a chain that comes before it"
finding nat "NAT of this host rewrites what leaves from the source: rule [0-9]+ of table ip6 early" "doctor finds that" ".source == \"$A\""
ok "doctor's remedy, once more" cure
judged tcp $PEER $A 0 "and it leaves pinned again"
nft delete table ip6 early
nft delete table ip6 srcpin
nft 'table ip6 before { chain post { type nat hook postrouting priority -10; masquerade; }; }'
ok "doctor's remedy, with a priority below 0, and beside the other" cure
judged tcp $PEER $A 0 "it works"
nft delete table ip6 before
nft delete table ip6 srcpin
flush

# rules that are no NAT: before the guard, and after it
for hook in "filter hook postrouting" "route hook output"; do
	nft "table ip6 raw { chain c { type $hook priority 0; ip6 saddr 2001:db8:2::/64 ip6 saddr set $SHARED; }; }"
	judged udp $PEER EPERM 1 "$hook: dropped"
	finding nat "a rule that is no NAT rewrites what leaves from the source: rule [0-9]+ of table ip6 raw" "doctor finds it" ".source == \"$A\""
	nft delete table ip6 raw
done
if nft "table netdev raw { chain c { type filter hook egress device vps priority 0; ip6 saddr set $SHARED; }; }" 2>/dev/null; then # from Linux 5.16
	judged udp $PEER $SHARED 0 "at the device: it leaves from the shared address, after the guard"
	like "$(seen nat ".source == \"$A\"")" "^(finding a rule that is no NAT rewrites|note a rule that is no NAT may rewrite) what leaves from the source: rule [0-9]+ of table netdev raw" "doctor tells of it"
	doctor --json
	like "$(of why)" "the guard comes before it: .* and counts as pinned" "and that nothing stops it"
	nft delete table netdev raw
fi

# a private source that NAT of this host makes public
nft flush chain ip n post
nft add rule ip n post ip saddr 10.0.0.0/8 snat to $A4
put "source4 = 10.0.0.5"$'\n'"guard = off"
is "$(leaves tcp $FAR4)" $A4 "a private source, guard = off: it leaves as its NAT says"
has nat note "NAT of this host rewrites the private source, and guard = off lets it: rule .*" "doctor takes it as it is meant"
doctor --json
is "$(jq -r '.checks[] | select(.id == "nat").remedy' <<<"$out")" null "with no remedy that would break it"
put "source4 = 10.0.0.5"
judged tcp $FAR4 "$DROPPED" 1 "with the guard it is dropped"
finding nat "NAT of this host rewrites what leaves from the source: rule .*" "and doctor finds it"
like "$(jq -r '.checks[] | select(.id == "nat").remedy' <<<"$out")" "^guard = off in srcpin.conf, if that NAT is to make it public; or else: nft " "with both ways out"
nft flush chain ip n post

# guard = off: it leaks, counted as pinned, and doctor says so
put "source = $A"$'\n'"guard = off"
nft add rule ip6 n post snat to $SHARED
judged tcp $PEER $SHARED 0 "guard = off: it leaves from the shared address"
doctor --json
like "$(jq -r '.checks[] | select(.id == "nat").why' <<<"$out")" "leaves from another address, though it counts as pinned" "and doctor says so"

# observe: what is rewritten shows, unless to what the kernel chose anyway
put "source = $A"$'\n'"mode = observe"
flush
nft add rule ip6 n post snat to 2001:db8:2::27
judged sendto $PEER 2001:db8:2::27 0 "observe: of sendto it cannot be told"
judged udp $PEER 2001:db8:2::27 1 "observe: a connected socket's is counted" observed_reasons
judged tcp $PEER 2001:db8:2::27 1 "observe: and TCP's" observed_reasons
flush

# the destination rewritten: exempt at the call, and pinned on the wire
put "source = $A"
nft 'add chain ip6 n out { type nat hook output priority -100; }'
nft add rule ip6 n out ip6 daddr fd00:1::1 dnat to $PEER
judged tcp fd00:1::1 "$DROPPED" 1 "an exempt destination that becomes a pinned one: dropped, as translated"
nft add rule ip6 n post ip6 daddr $PEER snat to $A
judged tcp fd00:1::1 $A 0 "unless it is rewritten to the source"
done_testing
