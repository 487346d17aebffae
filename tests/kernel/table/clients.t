#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A mail client that is not Postfix, and knows nothing of us: Python's smtplib, through getaddrinfo, to a server that refuses the
# shared /64, as a blocklist would have it. One that keeps its connection for the next mail. One that is run by hand.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

need python3

cat >"$WORLD_DIR/server.py" <<'END'
import socket, sys
port = int(sys.argv[1])
listener = socket.create_server(("::", port), family=socket.AF_INET6)
print("ready", flush=True)
def serve(connection, peer):
    lines = connection.makefile("rw", newline="\r\n")
    def say(line):
        lines.write(line + "\n")
        lines.flush()
    say("554 5.7.1 blocked" if port == 25 and peer[0].startswith("2001:db8:1:") else "220 peer.test ESMTP")
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
while True:
    connection, peer = listener.accept()
    try:
        serve(connection, peer)
    except ConnectionResetError:
        pass
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

# a mail for each line that it reads, all over one connection; then it says so
cat >"$WORLD_DIR/keeper.py" <<'END'
import smtplib, sys
s = smtplib.SMTP("mx.test", 2525, "vps.test", timeout=10)
for line in sys.stdin:
    try:
        s.mail("a@vps.test")
        s.rcpt("b@mx.test")
        print(*s.data(b"Subject: hello\r\n\r\nhello\r\n"), flush=True)
    except smtplib.SMTPServerDisconnected:
        print("disconnected", flush=True)
END

echo 2001:db8:9::1 mx.test >>"$WORLD_DIR/hosts"
coproc SERVER { exec nsenter --net="$WORLD_PEER" -- python3 "$WORLD_DIR/server.py" 25; }
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

# by hand: the line of srcpin(8), with another service and another command
by_hand=$(sed -n 's,\\-,-,g; /^srcpin run --cgroup exim4.service -- exim4 -qff$/p' "$WORLD_TOP/user/man/srcpin.8" | head -1)
by_hand=${by_hand/exim4 -qff/"python3 $WORLD_DIR/client.py"}
by_hand=${by_hand/#srcpin/"$SRCPIN"}
is "$("$BASH" -c "${by_hand/exim4.service/"$WORLD_CGROUP"}")" "250 b'2.0.0 from 2001:db8:2::25'" "by hand, as srcpin(8) has it: delivered from the source"
is "$("$BASH" -c "${by_hand/exim4.service/"$WORLD_CGROUP/none"}" 2>/dev/null)" "" "by hand, while the service does not run: not run at all"
ip addr del 2001:db8:2::25/64 dev vps
is "$(mail "$WORLD_CGROUP")" "$(refusal EADDRNOTAVAIL)" "source gone: not sent, and the client is told why"
ip addr add 2001:db8:2::25/64 dev vps nodad preferred_lft 0
is "$(mail "$WORLD_CGROUP")" "250 b'2.0.0 from 2001:db8:2::25'" "source back: delivered again, with no load"
"$SRCPIN" unload --cgroup "$WORLD_CGROUP"
is "$(mail "$WORLD_CGROUP")" "554 b'5.7.1 blocked'" "after unload: bounced as ever"
kill "$server"
wait "$server"

# mail over a connection that is older than the load
coproc SERVER { exec nsenter --net="$WORLD_PEER" -- python3 "$WORLD_DIR/server.py" 2525; }
server=$SERVER_PID
read -r line <&"${SERVER[0]}"
kept() {
	echo >&"$keeper_in"
	read -r line <&"$keeper_out"
	echo "$line"
}
mkfifo "$WORLD_DIR/to" "$WORLD_DIR/from"
inside "$WORLD_CGROUP" python3 "$WORLD_DIR/keeper.py" <"$WORLD_DIR/to" >"$WORLD_DIR/from" &
keeper=$!
exec {keeper_in}>"$WORLD_DIR/to" {keeper_out}<"$WORLD_DIR/from"
is "$(kept)" "250 b'2.0.0 from 2001:db8:1::5'" "a kept connection: before load"
run "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG"
like "$err" "1 older connection .* and new mail may leave by them; srcpin load .* --close-stale" "a kept connection: load warns of the mail, too"
is "$(kept)" "250 b'2.0.0 from 2001:db8:1::5'" "a kept connection: after it new mail leaves from the old address"
ok "load --close-stale" "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" --close-stale
is "$(kept)" disconnected "a kept connection: after that it does not"
exec {keeper_in}>&-
wait "$keeper"
inside "$WORLD_CGROUP" python3 "$WORLD_DIR/keeper.py" <<<"" >"$WORLD_DIR/out"
is "$(<"$WORLD_DIR/out")" "250 b'2.0.0 from 2001:db8:2::25'" "a kept connection: the next one is from the source"
kill "$server"
done_testing
