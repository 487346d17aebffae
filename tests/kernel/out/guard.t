#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The guard, where the table of ways out (out.t) has no row for it.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

mkdir -p "$WORLD_CGROUP/mail/postfix"

# send CGROUP PYTHON: runs it in there, with a few helpers; "sent", or the errno
send() {
	inside "$1" python3 -c "
import errno, socket, struct
def udp(): return struct.pack('!HHHH', 4242, 25, 9, 0) + b'x'
def ipv6(source, dest, payload):
    return struct.pack('!IHBB', 6 << 28, len(payload), 17, 64) + source + dest + payload
def address(text): return socket.inet_pton(socket.AF_INET6, text)
try:
    ${2//$'\n'/$'\n'    }
    print('sent')
except OSError as e:
    print(errno.errorcode[e.errno])
"
}

put "source = 2001:db8:2::25" || bail_out "cannot load: $err"

# the policy's way to write IPv4 is not IPv4 on the wire
is "$(send "$WORLD_CGROUP" "
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
s.sendto(ipv6(address('2001:db8:1::5'), address('::ffff:192.0.2.1'), udp()), ('2001:db8:9::1', 0))")" \
	EPERM "an IPv6 packet to a v4-mapped address does not pass for IPv4, which is exempt"

# IPv4, which is left alone, wherever it goes
is "$(send "$WORLD_CGROUP" "
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, bytes([131, 7, 4]) + socket.inet_aton('192.0.2.1') + bytes([0]))
s.sendto(b'x', ('192.0.2.1', 25))")" sent "IPv4 with a source route passes where IPv4 as a whole is exempt"

# a socket without room for the mark that tells who decides
printf '[mail]\nsource = 2001:db8:2::25\n[postfix]\nsource = 2001:db8:2::26\n' >"$WORLD_DIR/nested"
"$SRCPIN" unload --all
for i in mail mail/postfix; do
	"$SRCPIN" load --cgroup "$WORLD_CGROUP/$i" -c "$WORLD_DIR/nested" >/dev/null || bail_out "cannot load"
done
is "$(send "$WORLD_CGROUP/mail/postfix" "
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
try:
    for i in range(100000):
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, address('ff02::%x:%x' % (1 + (i >> 16), i & 0xffff)) + struct.pack('@I', socket.if_nametoindex('vps')))
except OSError:
    pass
try:
    for i in range(100000):
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_HOPOPTS, bytes([0, 0, 1, 4, 0, 0, 0, 0]))
        t = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); t.close()
        if i > 10: break
except OSError:
    pass
s.connect(('2001:db8:9::1', 25))
print(s.getsockname()[0])")" EPERM \
	"a socket that has no room for the mark: nested services refuse it, none takes another's place"
"$SRCPIN" unload --all
done_testing
