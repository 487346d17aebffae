#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Where every address is private, as in most clouds: a program that binds to a neighbour of the source leaves from the
# source. Beside a source of the internet, a private address is left alone.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

need python3
FIRST=10.0.0.5 OWN=10.0.0.25 FAR=198.51.100.1
FIRST6=fd00:7::5 OWN6=fd00:7::25 FAR6=2001:db8:9::1
PUBLIC=192.0.2.25
for address in $OWN/24 $PUBLIC/24; do ip addr add "$address" dev vps; done
for address in $FIRST6 $OWN6; do ip addr add "$address/64" dev vps nodad; done
in_peer ip addr add $FAR/32 dev lo
in_peer ip addr add fd00:7::1/64 dev peer nodad
ip route add default via 10.0.0.1

# shellcheck source=tests/kernel/lib/peer.sh
. "$WORLD_HERE/peer.sh" || exit 1

# from ADDRESS PORT DEST [OPTION...]: what the peer saw of a pinned program that binds there first, or the errno
from() {
	inside "$WORLD_CGROUP" python3 -c "
import errno, socket, sys
address, port, dest = sys.argv[1:4]
s = socket.socket(socket.AF_INET6 if ':' in dest else socket.AF_INET)
s.settimeout(5)
try:
    s.bind((address, int(port)))
    s.connect((dest, 7777))
    print(s.recv(99).decode())
except socket.timeout: print('silence')
except OSError as e: print(errno.errorcode[e.errno])
" "$@"
}

put "source4 = $OWN"$'\n'"exempt = ::/0"
is "$(from $FIRST 0 $FAR)" $OWN "bound to the first address: put to the source"
is "$(from $OWN 0 $FAR)" $OWN "bound to the source: stays"
is "$(from 127.0.0.1 0 $FAR)" EPERM "bound to loopback: left alone, and refused outside"
is "$(from $FIRST 4711 $FAR)" EPERM "bound to the first address and a port: refused"
is "$(from $FIRST 0 10.0.0.1)" $OWN "to a private destination too, which is exempt: it was bound before"

put "source = $OWN6"
is "$(from $FIRST6 0 $FAR6)" $OWN6 "IPv6: bound to the first address: put to the source"
is "$(from ::1 0 $FAR6)" EPERM "IPv6: bound to loopback: left alone, and refused outside"

put "source4 = $PUBLIC"$'\n'"exempt = ::/0"
is "$(from $FIRST 0 10.0.0.1)" $FIRST "beside a source of the internet: left alone, and leaves from there"
is "$(from $FIRST 0 $FAR)" EPERM "and is refused outside"

put "source4 = $OWN $PUBLIC"$'\n'"exempt = ::/0"
is "$(from $FIRST 0 $FAR) $(from $PUBLIC 0 $FAR)" "$OWN $PUBLIC" "a private source, then a public one: put to the first, and what is bound to one of them stays"
put "source4 = $PUBLIC $OWN"$'\n'"exempt = ::/0"
is "$(from $FIRST 0 $FAR) $(from $FIRST 0 10.0.0.1)" "$PUBLIC $PUBLIC" "a public source, then a private one: put to the first, for private destinations, too"

put "source4 = $PUBLIC"$'\n'"exempt = ::/0"$'\n'"to = 10.9.0.0/24 $OWN"
is "$(from $FIRST 0 10.0.0.1)" $FIRST "a private source of a to line alone changes nothing: left alone"
done_testing
