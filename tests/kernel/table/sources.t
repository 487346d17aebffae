#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Several sources: which one a socket gets, that a socket bound to one of them stays there, and that one which is not
# usable is passed over, without a load in between.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

need python3 jq
A=2001:db8:2::25 B=2001:db8:2::26 C=2001:db8:2::27 SHARED=2001:db8:1::5 PEER=2001:db8:9::1
A4=203.0.113.1 B4=203.0.113.2 C4=203.0.113.3 SHARED4=192.0.2.5 PEER4=192.0.2.1
refused=$(refusal EADDRNOTAVAIL)
for address in $A4 $B4 $C4; do ip addr add "$address/32" dev vps; done
in_peer ip route add 203.0.113.0/24 via $SHARED4
for n in 2001:db8:a::/48 2001:db8:b::/48; do in_peer ip -6 route add local "$n" dev lo; done
in_peer sysctl -qw net.ipv6.ip_nonlocal_bind=1
in_peer ip route add local 198.51.100.0/24 dev lo
ip route add 198.51.100.0/24 via $PEER4

# shellcheck source=tests/kernel/lib/peer.sh
. "$WORLD_HERE/peer.sh" || exit 1

# saw KIND BIND DEST...: what the peer saw of the pinned cgroup of a connection to each, or the errno; BIND: ADDRESS[:PORT] or -
saw() {
	inside "$WORLD_CGROUP" python3 -c "
import errno, socket, sys
kind, bind = sys.argv[1:3]
shared = None
for dest in sys.argv[3:]:
    stream = kind in ('tcp', 'tfo', 'mptcp')
    s = shared or socket.socket(socket.AF_INET6 if ':' in dest else socket.AF_INET, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM, 262 if kind == 'mptcp' else 0)
    s.settimeout(5)
    if kind == 'same': shared = s
    try:
        if bind != '-' and not (shared and s.getsockname()[1]): s.bind((bind.split('@')[0], int((bind.split('@') + ['0'])[1])))
        if kind in ('sendto', 'same'): s.sendto(b'x', (dest, 7777))
        elif kind == 'tfo': s.settimeout(None); s.sendto(b'x', socket.MSG_FASTOPEN, (dest, 7777))
        else: s.connect((dest, 7777))
        if kind == 'udp': s.send(b'x')
        print(s.recv(99).decode())
    except socket.timeout: print('silence')
    except OSError as e: print(errno.errorcode[e.errno])
" "$@"
}

# raw SOURCE: an ICMPv6 echo of the pinned cgroup from there
raw() {
	inside "$WORLD_CGROUP" python3 -c "
import errno, socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.bind((sys.argv[1], 0))
try:
    s.sendto(bytes([128, 0, 0, 0, 0, 1, 0, 1]), (sys.argv[2], 0))
    print('sent')
except OSError as e: print(errno.errorcode[e.errno])
" "$1" "$PEER"
}

# spread: how often each, as "ADDRESS*N ..."
spread() {
	sort | uniq -c | awk '{ printf "%s%s*%s", sep, $2, $1; sep = " " }'
}

# many N: that many destinations
many() {
	local i
	for ((i = 0; i < $1; i++)); do printf '2001:db8:a:%x::1 ' "$i"; done
}
many4() {
	local i
	for ((i = 1; i <= $1; i++)); do printf '198.51.100.%d ' "$i"; done
}
repeat() { # N DEST
	local i
	for ((i = 0; i < $1; i++)); do printf '%s ' "$2"; done
}
gone() { ip addr del "$1/${2:-64}" dev vps; }
back() { # ADDRESS
	if [[ $1 == *:* ]]; then
		ip addr add "$1/64" dev vps nodad preferred_lft 0
	else
		ip addr add "$1/32" dev vps
	fi
}
reasons() { "$SRCPIN" status --cgroup "$WORLD_CGROUP" --json | jq -c '.services[0].counters.reasons | with_entries(select(.value > 0))'; }

# ---- first: in the order of the list, and back
put "source = $B, $A $C"$'\n'"source4 = $B4, $A4, $C4"
is "$out" "$WORLD_SECTION: in force, source one of $B, $A, $C (spread first), source4 one of $B4, $A4, $C4 (spread first)" "load says so"
for kind in tcp udp sendto; do
	is "$(saw $kind - $PEER)" $B "first: $kind"
	is "$(saw $kind - $PEER4)" $B4 "first: IPv4, $kind"
done
is "$(saw tcp :: $PEER)" $B "first: a bind to :: is put to it"
is "$(saw tcp $SHARED $PEER)" $B "first: a bind to another address"
gone $B
is "$(saw tcp - $PEER) $(saw sendto - $PEER) $(saw tcp :: $PEER)" "$A $A $A" "first: gone, so the next one"
gone $A
is "$(saw udp - $PEER)" $C "first: and the next"
run "$SRCPIN" status
is "$?" 0 "status: in force, while one is usable"
like "$("$SRCPIN" status --cgroup "$WORLD_CGROUP")" "source +$B +not an address of this host" "status: but it shows which are not"
gone $C
is "$(saw tcp - $PEER) $(saw sendto - $PEER)" "$refused $refused" "first: none is there"
run "$SRCPIN" status
is "$?" 4 "status: degraded"
back $C
is "$(saw tcp - $PEER)" $C "first: the last one is back"
back $A
back $B
is "$(saw tcp - $PEER)" $B "first: and the first again"
gone $B4 32
is "$(saw tcp - $PEER4) $(saw udp - $PEER4)" "$A4 $A4" "first: IPv4, gone, so the next one"
# nothing tells of IPv4 before the route
like "$(saw sendto - $PEER4)" "^(ENETUNREACH|EINVAL)\$" "first: IPv4, gone, sendto: refused, not wrong"
is "$(saw tcp 0.0.0.0 $PEER4)" EADDRNOTAVAIL "first: IPv4, gone, a bind: refused, not wrong"
back $B4

# ---- bound to one of the list: stays
for source in $A $B $C; do
	is "$(saw tcp "$source" $PEER) $(saw udp "$source" $PEER) $(saw sendto "$source" $PEER) $(saw tcp "$source@4711" $PEER)" \
		"$source $source $source $source" "bound to $source: stays"
done
is "$(saw tcp $C4 $PEER4) $(saw sendto $C4 $PEER4)" "$C4 $C4" "bound to $C4: stays"
for kind in tcp udp sendto; do
	is "$(saw $kind "$SHARED@4711" $PEER)" EPERM "bound to the shared address and a port: refused, $kind"
done
for source in $A $B $C; do
	is "$(raw "$source")" sent "a raw socket at $source: the guard lets it pass"
done
is "$(raw $SHARED)" EPERM "a raw socket at the shared address: dropped"
gone $C
is "$(saw tcp $C $PEER)" EADDRNOTAVAIL "bound to one that is gone: not put to another"
back $C

# ---- hash: the same for a destination
put "source = $A $B $C"$'\n'"source4 = $A4 $B4 $C4"$'\n'"spread = hash"
# shellcheck disable=SC2046 # words
before=$(saw udp - $(many 60))
is "$(sort -u <<<"$before" | wc -l)" 3 "hash: all three are taken"
# shellcheck disable=SC2046 # words
is "$(saw tcp - $(many 60))" "$before" "hash: the same for a destination, by TCP"
# shellcheck disable=SC2046 # words
is "$(saw sendto - $(many 60))" "$before" "hash: and by sendto"
# shellcheck disable=SC2046 # words
is "$(saw same - $(many 60))" "$before" "hash: by one socket to all"
# shellcheck disable=SC2046 # words
is "$(saw tfo - $(many 60))" "$before" "hash: by MSG_FASTOPEN"
# shellcheck disable=SC2046 # words
[[ $(cat /proc/sys/net/mptcp/enabled 2>&1) != 1 ]] || is "$(saw mptcp - $(many 60))" "$before" "hash: by MPTCP"
gone $B
# shellcheck disable=SC2046 # words
after=$(saw udp - $(many 60))
is "$(paste <(echo "$before") <(echo "$after") | awk -v b=$B '$1 != b && $1 != $2' | wc -l)" 0 "hash: one goes, and only its own destinations move"
is "$(grep -c $B <<<"$after")" 0 "hash: none is at the one that is gone"
back $B
# shellcheck disable=SC2046 # words
is "$(saw udp - $(many 60))" "$before" "hash: it comes, and all is as before"
# shellcheck disable=SC2046 # words
before=$(saw tcp - $(many4 60))
is "$(sort -u <<<"$before" | wc -l)" 3 "hash: IPv4, all three are taken"
# shellcheck disable=SC2046 # words
is "$(saw sendto - $(many4 60))" "$before" "hash: IPv4, the same by sendto"
gone $A4 32
# shellcheck disable=SC2046 # words
is "$(paste <(echo "$before") <(saw udp - $(many4 60)) | awk -v a=$A4 '$1 != a && $1 != $2 || $2 == a' | wc -l)" 0 "hash: IPv4, one goes"
# shellcheck disable=SC2046 # words
is "$(paste <(echo "$before") <(saw sendto - $(many4 60)) | awk -v a=$A4 '$1 == a ? $2 !~ /ENETUNREACH|EINVAL/ : $1 != $2' | wc -l)" 0 "hash: IPv4, one goes, sendto: its own are refused, none is wrong"
back $A4

# ---- random, round-robin
put "source = $A $B $C"$'\n'"source4 = $A4 $B4 $C4"$'\n'"spread = random"
# shellcheck disable=SC2046 # words
is "$(saw udp - $(repeat 90 $PEER) | sort -u | wc -l) $(saw tcp - $(repeat 60 $PEER4) | sort -u | wc -l)" "3 3" "random: each of them, to one destination"
put "source = $A $B $C"$'\n'"spread = round-robin"
# shellcheck disable=SC2046 # words
is "$(saw udp - $(repeat 30 $PEER) | spread)" "$A*10 $B*10 $C*10" "round-robin: in turn"
gone $A
# shellcheck disable=SC2046 # words
is "$(saw tcp - $(repeat 30 $PEER) | grep -c $A)" 0 "round-robin: one is gone"
back $A
put "source = $A $B"$'\n'"spread = round-robin"
between=""
for ((i = 0; i < 6; i++)); do
	between+="$(saw tcp - $PEER) "
	saw sendto - $PEER >/dev/null
done
is "$between" "$A $B $A $B $A $B " "round-robin: datagrams between do not count for connects"
put "source = $A $B"$'\n'"spread = round-robin"$'\n'"ports = 7777"
between=""
for ((i = 0; i < 6; i++)); do
	between+="$(saw tcp - $PEER) "
	inside "$WORLD_CGROUP" python3 -c "
import socket
socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).connect(('$PEER', 53))"
done
is "$between" "$A $B $A $B $A $B " "round-robin: nor do connects that no source was taken for"

# ---- to lines have lists of their own
put "source = $A"$'\n'"to = 2001:db8:b::/48 $B $C"$'\n'"spread = hash"
is "$(saw tcp - $PEER)" $A "to: elsewhere, the source"
for dest in 2001:db8:b::1 2001:db8:b:5::1; do
	like "$(saw tcp - $dest)" "^($B|$C)\$" "to: $dest, one of its list"
	is "$(saw tcp $C $dest) $(saw tcp $B $dest)" "$C $B" "to: $dest, bound to one of its list"
	is "$(saw udp "$A@4712" $dest)" EPERM "to: $dest, bound to another source of the policy, with a port"
done
is "$(saw udp "$B@4713" $PEER)" EPERM "to: a source of another list, to elsewhere"

# ---- what is read back is what was loaded
put "source = $A $B"$'\n'"to = 2001:db8:b::/48 $B $C"$'\n'"source4 = $A4 $B4"$'\n'"spread = round-robin"
saw udp - $PEER $PEER $PEER >/dev/null
run "$SRCPIN" status
is "$?" 0 "status: as the config says, whose turn it is does not count"
config "source = $A $C"$'\n'"to = 2001:db8:b::/48 $B $C"$'\n'"source4 = $A4 $B4"$'\n'"spread = round-robin"
run "$SRCPIN" status
is "$?" 4 "status: another list in the config is another config"
ok "reload" "$SRCPIN" reload --cgroup "$WORLD_CGROUP"
like "$(saw udp - $PEER)" "^($A|$C)\$" "after a reload, the new list"
is "$(bpftool -j map dump pinned /sys/fs/bpf/srcpin/maps/lists | jq length)" 3 "the old lists are gone"
ok "unload" "$SRCPIN" unload --cgroup "$WORLD_CGROUP"

# ---- prefixes
ip -6 route add local 2001:db8:5::/64 dev lo
ip route add local 203.0.113.64/26 dev lo
sysctl -qw net.ipv6.ip_nonlocal_bind=1
in_peer ip -6 route add 2001:db8:5::/64 via fe80::5 dev peer
in_prefix() { python3 -c "
import ipaddress, sys
n = ipaddress.ip_network(sys.argv[1])
print(sum(ipaddress.ip_address(a.strip()) in n if a[0] in '0123456789' else 0 for a in sys.stdin))" "$1"; }
put "source = 2001:db8:5::/64"$'\n'"source4 = 203.0.113.64/26"$'\n'"spread = hash"
is "$?" 0 "a prefix is loaded"
# shellcheck disable=SC2046 # words
before=$(saw tcp - $(many 40))
is "$(in_prefix 2001:db8:5::/64 <<<"$before") $(sort -u <<<"$before" | wc -l)" "40 40" "prefix: an address of it for each destination"
# shellcheck disable=SC2046 # words
is "$(saw sendto - $(many 40))" "$before" "prefix: the same again"
# shellcheck disable=SC2046 # words
is "$(saw tcp - $(many4 40) | in_prefix 203.0.113.64/26)" 40 "prefix: IPv4"
is "$(saw tcp 2001:db8:5::77 $PEER) $(saw sendto 2001:db8:5::78 $PEER)" "2001:db8:5::77 2001:db8:5::78" "prefix: bound to an address of it"
run "$SRCPIN" status
is "$?" 0 "prefix: status"
put "source = $A 2001:db8:5::/64"$'\n'"spread = hash"
# shellcheck disable=SC2046 # words
in_one=$(saw tcp - $(many 40))
put "source = 2001:db8:5::/64 $A"$'\n'"spread = hash"
# shellcheck disable=SC2046 # words
is "$(saw tcp - $(many 40))" "$in_one" "prefix: with hash, its place in the list changes no address"
put "source = 2001:db8:5::/64"$'\n'"spread = random"
# shellcheck disable=SC2046 # words
is "$(saw udp - $(repeat 20 $PEER) | sort -u | in_prefix 2001:db8:5::/64)" 20 "prefix: random, a new one each time"
for spread in random round-robin; do
	put "source = 2001:db8:5::/64"$'\n'"source4 = 203.0.113.64/26"$'\n'"spread = $spread"
	for kind in tcp udp sendto; do
		# shellcheck disable=SC2046 # words
		seen4=$(saw $kind - $(repeat 20 $PEER4))
		is "$(in_prefix 203.0.113.64/26 <<<"$seen4")" 20 "prefix: IPv4, $spread, $kind: always an address of it"
		ok "prefix: IPv4, $spread, $kind: not always the same" test "$(sort -u <<<"$seen4" | wc -l)" -gt 5
	done
	is "$(saw tcp 203.0.113.77 $PEER4) $(saw udp 203.0.113.78 $PEER4)" "203.0.113.77 203.0.113.78" "prefix: IPv4, $spread, bound to an address of it"
done
put "source = 2001:db8:5::/64"$'\n'"spread = random"
ip -6 route del local 2001:db8:5::/64 dev lo
is "$(saw tcp - $PEER) $(saw sendto - $PEER)" "$refused $refused" "prefix: its route is gone"
doctor_says=$("$SRCPIN" doctor --json | jq -r '.checks[] | select(.id == "address") | .seen + ": " + .remedy')
is "$doctor_says" "the source is not local: no route makes all of it addresses of this host: ip -6 route add local 2001:db8:5::/64 dev lo, where the routes are made at boot" "prefix: doctor says what is missing"
put "source = 2001:db8:5::/64 $A"$'\n'"spread = hash"
is "$?" 0 "a prefix and an address"
# shellcheck disable=SC2046 # words
is "$(saw tcp - $(many 20) | sort -u)" $A "prefix: passed over for an address"
ok "unload" "$SRCPIN" unload --all
done_testing
