#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A mail client that is not Postfix, and knows nothing of us: Python's smtplib, through getaddrinfo, to a server that refuses the
# shared /64, as a blocklist would have it.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1

need python3

cat >"$WORLD_DIR/server.py" <<'END'
import socket, sys
listener = socket.create_server(("::", 25), family=socket.AF_INET6)
print("ready", flush=True)
while True:
    connection, peer = listener.accept()
    lines = connection.makefile("rw", newline="\r\n")
    def say(line):
        lines.write(line + "\n")
        lines.flush()
    say("554 5.7.1 blocked" if peer[0].startswith("2001:db8:1:") else "220 peer.test ESMTP")
    for line in lines:
        verb = line[:4].upper()
        if verb == "DATA":
            say("354 go on")
            while lines.readline().rstrip("\r\n") != ".":
                pass
            say("250 2.0.0 from " + peer[0])
        elif verb == "QUIT":
            say("221 bye")
            break
        else:
            say("250 ok")
    connection.close()
END

cat >"$WORLD_DIR/client.py" <<'END'
import errno, smtplib
try:
    s = smtplib.SMTP("mx.test", 25, "vps.test", timeout=10)
    s.mail("a@vps.test")
    s.rcpt("b@mx.test")
    print(*s.data(b"Subject: hello\r\n\r\nhello\r\n"))
    s.quit()
except smtplib.SMTPResponseException as e:
    print(e.smtp_code, e.smtp_error)
except OSError as e:
    print(errno.errorcode[e.errno])
END

echo 2001:db8:9::1 mx.test >>"$WORLD_DIR/hosts"
coproc SERVER { exec nsenter --net="$WORLD_PEER" -- python3 "$WORLD_DIR/server.py"; }
# shellcheck disable=SC2153 # the shell sets it
server=$SERVER_PID
read -r line <&"${SERVER[0]}"
is "$line" ready "a mail server listens"

mail() {
	inside "$1" python3 "$WORLD_DIR/client.py"
}

config "source = 2001:db8:2::25"
is "$(mail "$WORLD_CGROUP")" "554 b'5.7.1 blocked'" "before load: bounced"
"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" >/dev/null
is "$(mail "$WORLD_CGROUP")" "250 b'2.0.0 from 2001:db8:2::25'" "after: delivered from the source"
is "$(mail "$WORLD_MOUNT")" "554 b'5.7.1 blocked'" "outside the cgroup: bounced as ever"
ip addr del 2001:db8:2::25/64 dev vps
is "$(mail "$WORLD_CGROUP")" "$(refusal EADDRNOTAVAIL)" "source gone: not sent, and the client is told why"
ip addr add 2001:db8:2::25/64 dev vps nodad preferred_lft 0
is "$(mail "$WORLD_CGROUP")" "250 b'2.0.0 from 2001:db8:2::25'" "source back: delivered again, with no load"
"$SRCPIN" unload --cgroup "$WORLD_CGROUP"
is "$(mail "$WORLD_CGROUP")" "554 b'5.7.1 blocked'" "after unload: bounced as ever"
kill "$server"
done_testing
