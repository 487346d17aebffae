# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""calls.py SEED N: N sockets do at random what programs do with sockets, and a line tells what became of each call.

The same SEED gives the same calls. What the kernel chooses by chance (ports) is not told. A datagram that the peer
answers is told with the source that the peer saw; the other destinations answer nothing at all.
"""
import errno, random, socket, struct, sys

ECHO = 7777
MAPPED = "::ffff:"
IPV6_PKTINFO, IP_PKTINFO, IP_BIND_ADDRESS_NO_PORT = 50, 8, 24
ADDRESSES6 = ["2001:db8:2::25", "2001:db8:2::26", "2001:db8:2::27", "2001:db8:1::5", "fd00:1::5", "::"]
ADDRESSES4 = ["203.0.113.1", "203.0.113.2", "192.0.2.5", "10.0.0.5", "0.0.0.0"]
ANSWERS6 = ["2001:db8:9::1", "2001:db8:77::1", "fd00:1::1"]
ANSWERS4 = ["192.0.2.1", "10.0.0.1"]
SILENT6 = ["2001:db8:66::%x" % i for i in range(1, 9)]
SILENT4 = ["198.51.100.%d" % i for i in range(1, 9)]

rng = random.Random(int(sys.argv[1]))
port = 20000


def said(call):
    try:
        got = call()
        return "ok" if got is None else str(got)
    except socket.timeout:
        return "silence"
    except OSError as e:
        return errno.errorcode[e.errno]


def one():
    global port
    family = rng.choice([socket.AF_INET6, socket.AF_INET6, socket.AF_INET])
    kind = rng.choice(["udp", "udp", "udp", "tcp", "tcp", "mptcp", "udplite", "ping"])
    type_, protocol = {"udp": (socket.SOCK_DGRAM, 0), "tcp": (socket.SOCK_STREAM, 0), "mptcp": (socket.SOCK_STREAM, 262),
                       "udplite": (socket.SOCK_DGRAM, 136),
                       "ping": (socket.SOCK_DGRAM, 58 if family == socket.AF_INET6 else 1)}[kind]
    try:
        s = socket.socket(family, type_, protocol)
    except OSError as e:
        return [kind, errno.errorcode[e.errno]]
    ipv6 = family == socket.AF_INET6
    lines = [kind, "6" if ipv6 else "4"]
    mapped = ipv6 and kind != "ping" and rng.random() < 0.2

    def dest():
        answers = kind == "udp" and rng.random() < 0.4
        if not ipv6 or mapped:
            a = rng.choice(ANSWERS4 if answers else SILENT4)
            return MAPPED + a if mapped else a
        return rng.choice(ANSWERS6 if answers else SILENT6)

    def to(a):
        return (a, 0 if kind == "ping" else ECHO)

    def name():
        return s.getsockname()[0]

    if rng.random() < 0.2 and kind != "ping":
        s.setsockopt(socket.SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1)
    if rng.random() < 0.5:
        port += 1
        a = rng.choice(ADDRESSES6 if ipv6 and not mapped else ADDRESSES4)
        at = (MAPPED + a if mapped else a, port if rng.random() < 0.3 and kind != "ping" else 0)
        lines += ["bind", at[0], "port" if at[1] else "0", said(lambda: s.bind(at)), said(name)]
    s.settimeout(3)
    for _ in range(rng.choice([1, 1, 2, 3])):
        a = dest()
        what = rng.choice(["connect", "connect", "send", "send", "from", "again"])
        if type_ == socket.SOCK_STREAM:
            s.setblocking(False)
            lines += ["connect", a, said(lambda: s.connect(to(a))), said(name)]
            break
        data = b"x" if kind != "ping" else struct.pack("!BBHHH", 128 if ipv6 else 8, 0, 0, 1, 1)
        if what == "connect":
            lines += ["connect", a, said(lambda: s.connect(to(a))), said(name)]
            if rng.random() < 0.6:
                lines += ["sends", said(lambda: s.send(data))]
        elif what == "again":  # connect(AF_UNSPEC) is not Python's: a connect to elsewhere
            b = dest()
            lines += ["twice", said(lambda: s.connect(to(a))), said(name), said(lambda: s.connect(to(b))), said(name)]
        elif what == "from" and ipv6 and not mapped and kind == "udp":
            b = rng.choice(ADDRESSES6[:4])
            info = socket.inet_pton(socket.AF_INET6, b) + struct.pack("I", 0)
            lines += ["from", b, a, said(lambda: s.sendmsg([data], [(socket.IPPROTO_IPV6, IPV6_PKTINFO, info)], 0, to(a)))]
        else:
            lines += ["sendto", a, said(lambda: s.sendto(data, to(a)))]
            if a.removeprefix(MAPPED) in ANSWERS6 + ANSWERS4 and lines[-1] == "1" and not is_connected(s):
                lines += ["seen", said(lambda: s.recv(99).decode())]
        lines += [said(name)]
    s.close()
    return lines


def is_connected(s):
    try:
        s.getpeername()
        return True
    except OSError:
        return False


for i in range(int(sys.argv[2])):
    print(i, *one())
