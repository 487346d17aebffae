# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""wire.py DEVICE FILE: adds the line "SOURCE DESTINATION PROTOCOL" to FILE for each TCP SYN and each packet of another protocol that
comes in on DEVICE; "ready" before the first. Neighbours' discovery and the kernel's own ICMP errors are not counted."""
import socket
import sys

IPV4, IPV6 = 0x0800, 0x86DD
TCP, ICMP, ICMP6 = 6, 1, 58
SYN, ACK = 0x02, 0x10


def packet(kind, data):
    """(source, destination, protocol, what is in it)"""
    if kind == IPV6:
        source, to = (socket.inet_ntop(socket.AF_INET6, data[i : i + 16]) for i in (8, 24))
        return source, to, data[6], data[40:]
    source, to = (socket.inet_ntop(socket.AF_INET, data[i : i + 4]) for i in (12, 16))
    return source, to, data[9], data[(data[0] & 15) * 4 :]


def counts(protocol, inner):
    if protocol == TCP:
        return inner[13] & (SYN | ACK) == SYN
    if protocol == ICMP6:
        return inner[0] == 128
    if protocol == ICMP:
        return inner[0] == 8
    return protocol not in (0, 2)  # multicast's


seen = open(sys.argv[2], "a")
wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
wire.bind((sys.argv[1], 3))
print("ready", file=seen, flush=True)
while True:
    data, (_, kind, way, _, _) = wire.recvfrom(2000)
    if way == socket.PACKET_OUTGOING or kind not in (IPV4, IPV6):
        continue
    source, to, protocol, inner = packet(kind, data)
    if counts(protocol, inner):
        print(source, to, protocol, file=seen, flush=True)
