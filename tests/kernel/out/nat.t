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

need nft python3
A=2001:db8:2::25 A4=192.0.2.25 SHARED=2001:db8:1::5 PEER=2001:db8:9::1 PEER4=192.0.2.1 FAR4=198.51.100.1
ip addr add $A4/24 dev vps
ip route add default via $PEER4
in_peer ip addr add $FAR4/32 dev lo
for family in ip ip6; do
	nft add table $family n
	nft "add chain $family n post { type nat hook postrouting priority 100; }" || skip_all "this kernel has no NAT for $family"
done

# The peer: says for each connection and datagram to port 7777 where it came from
nsenter --net="$WORLD_PEER" -- python3 -c "
import socket, threading
def tcp():
    s = socket.create_server(('::', 7777), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        c, a = s.accept()
        print(a[0].replace('::ffff:', ''), flush=True)
def udp():
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.bind(('::', 7777))
    print('ready', flush=True)
    while True:
        print(s.recvfrom(9)[1][0].replace('::ffff:', ''), flush=True)
threading.Thread(target=tcp, daemon=True).start()
udp()
" >>"$WORLD_DIR/peer" &

wait_until "the peer listens" grep -q ready "$WORLD_DIR/peer"

# leaves KIND DEST: what the peer saw of the pinned cgroup, or the errno, or "silence"
leaves() {
	local said
	: >"$WORLD_DIR/peer"
	said=$(inside "$WORLD_CGROUP" python3 -c "
import errno, socket, sys
kind, dest = sys.argv[1:]
s = socket.socket(socket.AF_INET6 if ':' in dest else socket.AF_INET, socket.SOCK_STREAM if kind == 'tcp' else socket.SOCK_DGRAM)
s.settimeout(0.5)
try:
    if kind != 'sendto': s.connect((dest, 7777))
    if kind == 'sendto': s.sendto(b'x', (dest, 7777))
    if kind == 'udp': s.send(b'x')
except socket.timeout: print('silence')
except OSError as e: print(errno.errorcode[e.errno])
" "$1" "$2")
	[[ -n $said ]] || wait_until "the peer has seen it" test -s "$WORLD_DIR/peer"
	echo "$said$(head -1 "$WORLD_DIR/peer")"
}

count() { "$SRCPIN" status --cgroup "$WORLD_CGROUP" --json | jq ".services[0].counters.$1.dropped_translated"; }
# TCP that is dropped; Linux 7.3 tells its sender
DROPPED='(silence|EACCES|EHOSTUNREACH)'

# judged KIND DEST WANT 0|1 WHAT [COUNTERS]: what came of it (a regex), and did dropped_translated grow?
judged() {
	local before
	before=$(count "${6-reasons}")
	like "$(leaves "$1" "$2") $(($(count "${6-reasons}") > before))" "^$3 $4\$" "$5"
}

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
like "$("$SRCPIN" status --cgroup "$WORLD_CGROUP")" "dropped_translated \(its addresses were not its socket's: NAT" "status names it, as the last refusal"
finding nat "NAT of this host rewrites what leaves from the source: rule [0-9]+ of table ip6 n" "doctor finds it" ".source == \"$A\""
finding nat "NAT of this host rewrites what leaves from the source: rule [0-9]+ of table ip n" "doctor finds it for IPv4" ".source == \"$A4\""

# doctor's remedies, as they stand
doctor --json
jq -r '.checks[] | select(.id == "nat" and .level == "finding") | .remedy | sub(",.*"; "")' <<<"$out" | while read -r remedy; do
	eval "$remedy" || echo "cannot: $remedy"
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
	eval "$(jq -r '.checks[] | select(.id == "nat" and .source == "'$A'").remedy | sub(",.*"; "")' <<<"$out")"
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
nft add rule ip6 n post udp dport 67 masquerade
has nat ok "no rule of NAT on this host .*" "for destinations and ports of no mail: no" ".source == \"$A\""
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
eval "$(jq -r '.checks[] | select(.id == "nat" and .source == "'$A'").remedy | sub(",.*"; "")' <<<"$out")"
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
