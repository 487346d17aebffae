# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""peer.py FOLDER: what the programs talk to. SMTP on ports 25 and 587 (a line "CLIENT SUBJECT" in FOLDER/mails for each mail), DNS on 53,
HTTP on 80 and HTTPS on 443 (both say the address that they see), NTP on 123, POP3 on 110, whois and finger, syslog on 514 (FOLDER/log).
Prints "ready" once it listens. Ports 7777 are those of tests/kernel/lib/peer.py."""
import os
import socket
import socketserver
import ssl
import struct
import sys
import threading

FOLDER = sys.argv[1]
A, AAAA, MX, TXT, NS, SOA = 1, 28, 15, 16, 2, 6
ADDRESS4, ADDRESS6 = socket.inet_pton(socket.AF_INET, "192.0.2.1"), socket.inet_pton(socket.AF_INET6, "2001:db8:9::1")


def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def records(asked, kind):
    only4, only6 = asked.startswith("v4."), asked.startswith("v6.")
    if kind == A and not only6:
        return [ADDRESS4]
    if kind == AAAA and not only4:
        return [ADDRESS6]
    if kind == MX and asked.startswith("mx"):
        return [struct.pack("!H", 10) + name("v4.example.org" if asked.startswith("mx4") else "v6.example.org")]
    if kind == TXT:
        return [b"\x0bv=spf1 -all"]
    if kind == NS:
        return [name("ns.example.org")]
    if kind == SOA:
        return [name("ns.example.org") + name("x.example.org") + struct.pack("!5I", 1, 60, 60, 60, 60)]
    return []


def answer(query):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += query[at] + 1
    kind = struct.unpack_from("!H", query, at + 1)[0]
    if query[2] >> 3 & 15 == 5:  # an update
        return query[:2] + b"\xa8\0" + bytes(8)
    found = records(".".join(labels).lower(), kind)
    head = query[:2] + b"\x85\x80" + struct.pack("!4H", 1, len(found), 0, 0)
    return head + query[12 : at + 5] + b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(r)) + r for r in found)


class Handler(socketserver.StreamRequestHandler):
    def seen(self):
        return self.client_address[0].replace("::ffff:", "")

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")


class Smtp(Handler):
    def handle(self):
        self.say("220 peer.example.org ESMTP")
        for line in self.rfile:
            verb = line.strip().upper()[:4]
            if verb == b"DATA":
                self.say("354 go on")
                subject = "-"
                for data in self.rfile:
                    if data.rstrip(b"\r\n") == b".":
                        break
                    if data.lower().startswith(b"subject:"):
                        subject = data[8:].decode().strip()
                with open(FOLDER + "/mails", "a") as mails:
                    print(self.seen(), subject, file=mails)
            if verb == b"QUIT":
                self.say("221 bye")
                return
            self.say("250 peer.example.org")


class Pop(Handler):
    def handle(self):
        self.say("+OK")
        for line in self.rfile:
            verb = line.strip().upper()[:4]
            said = {b"CAPA": "+OK\r\nUSER\r\nUIDL\r\n.", b"STAT": "+OK 0 0", b"LIST": "+OK\r\n.", b"UIDL": "+OK\r\n.", b"AUTH": "-ERR"}
            self.say(said.get(verb, "+OK"))
            if verb == b"QUIT":
                return


class Http(Handler):
    def handle(self):
        first = self.rfile.readline()
        size = 0
        for line in self.rfile:
            if not line.strip():
                break
            if line.lower().startswith(b"content-length:"):
                size = int(line[15:])
        self.rfile.read(size)
        body = "" if first.startswith(b"HEAD") else "seen " + self.seen() + "\n"
        self.say(f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n")
        self.wfile.write(body.encode())


class Line(Handler):
    def handle(self):
        self.rfile.readline()
        self.say("seen " + self.seen())


class Syslog(Handler):
    def handle(self):
        for line in self.rfile:
            log(line)


class Dns(Handler):
    def handle(self):
        while len(size := self.rfile.read(2)) == 2:
            reply = answer(self.rfile.read(struct.unpack("!H", size)[0]))
            self.wfile.write(struct.pack("!H", len(reply)) + reply)


def log(line):
    with open(FOLDER + "/log", "ab") as file:
        file.write(line.rstrip() + b"\n")


def ntp(data):
    now = struct.pack("!II", int(__import__("time").time()) + 2208988800, 0)
    return bytes([data[0] & 0x38 | 4, 1, data[2], 0xEC]) + bytes(8) + b"GPS\0" + now + data[40:48] + now + now


class Server(socketserver.ThreadingTCPServer):
    address_family, allow_reuse_address, daemon_threads, request_queue_size = socket.AF_INET6, True, True, 100

    def handle_error(self, request, client_address):
        """The client has gone, as killed ones do."""


class Tls(Server):
    def get_request(self):
        connection, peer = super().get_request()
        return context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), peer


def datagrams(port, reply):
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    s.bind(("::", port))

    def serve():
        while True:
            data, ancillary, _, peer = s.recvmsg(4000, 200)
            try:
                said = reply(data)
            except (IndexError, struct.error, UnicodeDecodeError):
                continue
            if said:
                s.sendmsg([said], [(level, kind, info[:16] + bytes(4)) for level, kind, info in ancillary], 0, peer)

    threading.Thread(target=serve, daemon=True).start()


os.umask(0)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(FOLDER + "/cert", FOLDER + "/key")
services = {25: Smtp, 587: Smtp, 80: Http, 53: Dns, 110: Pop, 43: Line, 79: Line, 23: Line, 514: Syslog}
servers = [Server(("::", port), handler) for port, handler in services.items()]
servers += [Tls(("::", 443), Http), Tls(("::", 853), Dns)]
for server in servers:
    threading.Thread(target=server.serve_forever, daemon=True).start()
datagrams(53, answer)
datagrams(123, ntp)
datagrams(514, log)
datagrams(7, lambda data: data)
print("ready", flush=True)
threading.Event().wait()
