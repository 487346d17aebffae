# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""On TCP and UDP port 7777: answers with the address that it sees. Prints "ready" once it listens."""
import socket
import threading


def seen(peer):
    return peer[0].replace("::ffff:", "").encode()


def tcp(listener):
    while True:
        connection, peer = listener.accept()
        connection.send(seen(peer))
        connection.close()


listener = socket.create_server(("::", 7777), family=socket.AF_INET6, dualstack_ipv6=True, backlog=500)
threading.Thread(target=tcp, args=[listener], daemon=True).start()
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
s.bind(("::", 7777))
print("ready", flush=True)
while True:
    data, ancillary, flags, peer = s.recvmsg(9, 200)
    # from the address that was asked, by any device
    s.sendmsg([seen(peer)], [(level, kind, info[:16] + bytes(4)) for level, kind, info in ancillary], 0, peer)
