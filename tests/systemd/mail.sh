# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Mail from the box to the receiver, judged by what the receiver and the wire saw.
#
#   mail_begin            starts the receiver and the recorder of SYNs
#   mail SUBJECT          hands a mail to the box's sendmail
#   from SUBJECT          waits for it, and prints which address it came from: shared, own, or the address
#   began SUBJECT         when the connection was there, in microseconds: the first, if it came twice
#   now                   likewise
#   wire_mark             from here on, wire_sources prints what opened a connection to port 25
#   stream_begin          sends mail all the time, until stream_end
#   stream_flows N        waits for N more of them

MAILS=$WORLD_DIR/mails
WIRE=$WORLD_DIR/wire

mail_begin() {
	: >"$MAILS"
	: >"$WIRE"
	python3 "$SYSTEMD_HERE/sink.py" "$RECEIVER" "$MAILS" &
	python3 "$SYSTEMD_HERE/wire.py" lan "$WIRE" 2>"$WORLD_DIR/wire.log" &
	wait_until "the receiver of mail listens" mail_receiver_listens
	wait_until "the wire is watched" grep -qx ready "$WIRE"
	wire_mark
}

mail_receiver_listens() {
	[[ -n $(ss -6Hltn 'sport = :25') ]]
}

mail() { # SUBJECT
	printf 'From: root@vps.example\nTo: bob@receiver.example\nSubject: %s\n\nHello Bob.\n' "$1" |
		in_box sendmail -f root@vps.example bob@receiver.example
}

arrived() { # SUBJECT
	grep -q " $1\$" "$MAILS"
}

from() { # SUBJECT
	local end=$((SECONDS + 30))
	until arrived "$1"; do
		((SECONDS < end)) || {
			echo "it did not arrive"
			return
		}
		sleep 0.02
	done
	awk -v subject="$1" '$3 == subject { print $2 }' "$MAILS" | mail_names
}

began() { # SUBJECT
	awk -v subject="$1" '$3 == subject { sub("\\.", "", $1); print $1; exit }' "$MAILS"
}

now() {
	echo "${EPOCHREALTIME/[.,]/}"
}

# each address once: a mail that is cut off by a restart may be sent again; the two by name
mail_names() {
	sort -u | sed -e "s/^$SHARED\$/shared/" -e "s/^$OWN\$/own/" | paste -sd' '
}

wire_mark() {
	wire_from=$(($(wc -l <"$WIRE") + 1))
}

wire_sources() {
	tail -n "+$wire_from" "$WIRE" | awk '$3 == 25 { print $1 }' | mail_names
}

stream_begin() {
	touch "$BOX/root/streaming"
	in_box bash -c 'for ((i = 0; ; i++)); do
		[[ -e /root/streaming ]] || exit 0
		printf "Subject: stream-%d-\n\n" "$i" | sendmail bob@receiver.example
		sleep 0.1
	done' &
	stream=$!
	stream_flows 3
}

stream_has() {
	(($(grep -c stream "$MAILS") >= $1))
}

stream_flows() {
	wait_until "mail flows" stream_has "$(($(grep -c stream "$MAILS") + $1))"
}

stream_end() {
	rm "$BOX/root/streaming"
	wait "$stream"
}
