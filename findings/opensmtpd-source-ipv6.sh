#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# OpenSMTPD 7.6.0p1 of Debian 13 sends no mail with an IPv6 address as its source: with "relay src 2001:db8::25" it says "Failed to get
# source address", and tries again later. With an IPv4 source it sends, and with none, too. Known as OpenSMTPD issue 1289. So one IPv6
# source for it has to be chosen outside of smtpd.conf.
# Seen: the three lines at the end.
# Exits with 1 if that has changed. As root: makes namespaces of its own. Needs mmdebstrap, python3, iproute2, and Debian's mirror by the
# apt that is set up.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
# shellcheck disable=SC2016 # apt-get fills it in
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/$')
mmdebstrap --quiet --variant=apt --include=opensmtpd=7.6.0p1-1,ca-certificates --aptopt='Acquire::Check-Valid-Until "false"' trixie "$work/root" \
	"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

cat >"$work/sink.py" <<'END'
"""Takes mail on each address, and prints from where it came."""
import socket
import sys
import threading


def take(address):
    listener = socket.create_server((address, 25), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
    while True:
        connection, peer = listener.accept()
        lines = connection.makefile("rw", newline="\r\n")
        answer(lines, "220 sink.example")
        for line in lines:
            word = line.split()[0].upper()
            if word == "DATA":
                answer(lines, "354 go on")
                while next(lines) != ".\r\n":
                    pass
                print(peer[0], flush=True)
            answer(lines, "221 bye" if word == "QUIT" else "250 yes")
            if word == "QUIT":
                break


def answer(lines, text):
    lines.write(text + "\r\n")
    lines.flush()


for address in sys.argv[1:]:
    threading.Thread(target=take, args=[address]).start()
print("ready", flush=True)
END

cat >"$work/in-namespace" <<'END'
set -eu
work=$1
ip link set lo up
for address in 2001:db8::1 2001:db8::25; do ip -6 addr add "$address/128" dev lo nodad; done
for address in 192.0.2.1 192.0.2.25; do ip addr add "$address/32" dev lo; done
mount --bind "$work/root" "$work/root"
mount -t proc proc "$work/root/proc"
mount -t devtmpfs dev "$work/root/dev" 2>/dev/null || mount --rbind /dev "$work/root/dev"
mount -t tmpfs run "$work/root/run"
python3 "$work/sink.py" 2001:db8::1 192.0.2.1 >"$work/seen" &
until grep -q ready "$work/seen"; do sleep 0.1; done
echo own.example >"$work/root/etc/mailname"

# sent WHAT HOST [src ADDRESS]: sends a mail there; what the sink saw, or why it was not sent
sent() {
	local what=$1 host=$2 before smtpd
	shift 2
	before=$(wc -l <"$work/seen")
	printf '%s\n' 'listen on socket' "action far relay host smtp://$host $*" 'match from local for any action far' >"$work/root/etc/smtpd.conf"
	chroot "$work/root" smtpd -d >"$work/smtpd.log" 2>&1 &
	smtpd=$!
	until [ -S "$work/root/run/smtpd.sock" ]; do sleep 0.1; done
	printf 'Subject: x\n\nx\n' | chroot "$work/root" sendmail -f a@own.example b@far.example
	for _ in $(seq 150); do
		if [ "$(wc -l <"$work/seen")" != "$before" ] || grep -q 'ailed to get source address' "$work/smtpd.log"; then break; fi
		sleep 0.1
	done
	echo "$what: $(tail -n +$((before + 1)) "$work/seen" | tr '\n' ' ')$(grep -o 'Failed to get source address' "$work/smtpd.log" | head -1)"
	kill "$smtpd"
	wait "$smtpd" || :
	rm -f "$work/root/run/smtpd.sock"
	find "$work/root/var/spool/smtpd" -type f -delete
}

sent "no source" "[2001:db8::1]"
sent "an IPv4 source" 192.0.2.1 src 192.0.2.25
sent "an IPv6 source" "[2001:db8::1]" src 2001:db8::25
END
unshare --net --mount --pid --fork --kill-child bash "$work/in-namespace" "$work" >"$work/said" || { cat "$work/said" "$work/smtpd.log"; exit 1; }
cat "$work/said"
diff - "$work/said" <<'END'
no source: 2001:db8::1 
an IPv4 source: 192.0.2.25 
an IPv6 source: Failed to get source address
END
