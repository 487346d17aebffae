# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What leaves by rules of NAT, as the peer sees it, and what doctor says of them. After world.sh, state.sh and doctor.sh.

need nft python3
# shellcheck disable=SC2034 # the tests use them
A=2001:db8:2::25 A4=192.0.2.25 SHARED=2001:db8:1::5 PEER=2001:db8:9::1 PEER4=192.0.2.1 FAR4=198.51.100.1
ip addr add $A4/24 dev vps
ip route add default via $PEER4
in_peer ip addr add $FAR4/32 dev lo

# The peer: says for each connection to ports 25, 443 and 7777, and each datagram to port 7777, where it came from
nsenter --net="$WORLD_PEER" -- python3 -c "
import socket, threading
def tcp(port):
    s = socket.create_server(('::', port), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        c, a = s.accept()
        print(a[0].replace('::ffff:', ''), flush=True)
def udp():
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.bind(('::', 7777))
    print('ready', flush=True)
    while True:
        print(s.recvfrom(9)[1][0].replace('::ffff:', ''), flush=True)
for port in 25, 443, 7777:
    threading.Thread(target=tcp, args=(port,), daemon=True).start()
udp()
" >>"$WORLD_DIR/peer" &

wait_until "the peer listens" grep -q ready "$WORLD_DIR/peer"

# leaves KIND DEST [PORT]: what the peer saw of the pinned cgroup, or the errno, or "silence"
leaves() {
	local said
	: >"$WORLD_DIR/peer"
	said=$(inside "$WORLD_CGROUP" python3 -c "
import errno, socket, sys
kind, dest, port = sys.argv[1:]
s = socket.socket(socket.AF_INET6 if ':' in dest else socket.AF_INET, socket.SOCK_STREAM if kind == 'tcp' else socket.SOCK_DGRAM)
s.settimeout(0.5)
try:
    if kind != 'sendto': s.connect((dest, int(port)))
    if kind == 'sendto': s.sendto(b'x', (dest, int(port)))
    if kind == 'udp': s.send(b'x')
except socket.timeout: print('silence')
except OSError as e: print(errno.errorcode[e.errno])
" "$1" "$2" "${3-7777}")
	[[ -n $said ]] || wait_until "the peer has seen it" test -s "$WORLD_DIR/peer"
	echo "$said$(head -1 "$WORLD_DIR/peer")"
}

# COUNTERS: reasons, observed_reasons
count() { "$SRCPIN" status --cgroup "$WORLD_CGROUP" --json | jq ".services[0].counters.$1.dropped_translated"; }
# TCP that is dropped; Linux 7.3 tells its sender
# shellcheck disable=SC2034
DROPPED='(silence|EACCES|EHOSTUNREACH)'

# judged KIND DEST WANT 0|1 WHAT [COUNTERS]: $PORT; what came of it (a regex), and did dropped_translated grow?
judged() {
	local before
	before=$(count "${6-reasons}")
	like "$(leaves "$1" "$2" "${PORT-7777}") $(($(count "${6-reasons}") > before))" "^$3 $4\$" "$5"
}

# of FIELD: what $out, doctor's JSON, says of the source, or of the one that is named
of() { # FIELD [SOURCE]
	# shellcheck disable=SC2154 # run
	jq -r --arg source "${2-$A}" ".checks[] | select(.id == \"nat\" and .source == \$source).$1" <<<"$out"
}

# the remedy as it stands
cure() {
	doctor --json
	"$BASH" -c "$(of remedy)"
}
