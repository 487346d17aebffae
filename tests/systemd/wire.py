# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""wire.py DEVICE FILE: adds the line "SOURCE DESTINATION PORT" to FILE for each TCP SYN over IPv6 that comes in on DEVICE,
"ready" before the first."""
import socket
import struct
import sys

ETH_P_IPV6 = 0x86DD
IPV6_HEADER = 40
SYN, ACK = 0x02, 0x10

seen = open(sys.argv[2], "a")
wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IPV6))
wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
wire.bind((sys.argv[1], ETH_P_IPV6))
print("ready", file=seen, flush=True)
while True:
    packet, (_, _, kind, _, _) = wire.recvfrom(IPV6_HEADER + 20)
    if kind == socket.PACKET_OUTGOING or len(packet) < IPV6_HEADER + 20 or packet[6] != socket.IPPROTO_TCP:
        continue
    port = struct.unpack_from("!H", packet, IPV6_HEADER + 2)[0]
    if packet[IPV6_HEADER + 13] & (SYN | ACK) == SYN:
        source, to = (socket.inet_ntop(socket.AF_INET6, packet[i : i + 16]) for i in (8, 24))
        print(source, to, port, file=seen, flush=True)
