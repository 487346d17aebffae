# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""sink.py ADDRESS FILE: takes every mail on port 25, and adds the line "TIME CLIENT'S-ADDRESS SUBJECT" to FILE for each; TIME is when
the connection was there."""
import socket
import sys
import threading
import time


def serve(connection, began, client, received):
    stream = connection.makefile("rwb", buffering=0)

    def say(line):
        stream.write(line.encode() + b"\r\n")

    say("220 receiver.example ESMTP")
    for line in stream:
        command = line.strip().upper()
        if command == b"DATA":
            say("354 go on")
            subject = "-"
            for data in stream:
                if data.rstrip(b"\r\n") == b".":
                    break
                if data.lower().startswith(b"subject: "):
                    subject = data[9:].decode().strip()
            print(f"{began:.6f}", client, subject, file=received, flush=True)
            say("250 taken")
        elif command == b"QUIT":
            say("221 bye")
            break
        else:
            say("250 receiver.example")
    connection.close()


def serve_until_gone(*arguments):
    try:
        serve(*arguments)
    except OSError:  # the client has gone, as killed ones do
        pass


received = open(sys.argv[2], "a")
listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((sys.argv[1], 25))
listener.listen(100)
while True:
    connection, peer = listener.accept()
    threading.Thread(target=serve_until_gone, args=(connection, time.time(), peer[0], received), daemon=True).start()
