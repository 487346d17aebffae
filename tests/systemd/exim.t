#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Exim, pinned with its unit.

export ROOT_PACKAGE=exim4-daemon-light
# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/service.sh
. "$SYSTEMD_HERE/service.sh" || exit 1

SERVICE=exim4.service

configure() {
	sed -i -e "s/^dc_eximconfig_configtype=.*/dc_eximconfig_configtype='satellite'/" -e "s/^dc_smarthost=.*/dc_smarthost='receiver.example'/" \
		-e "s/^dc_readhost=.*/dc_readhost='vps.example'/" "$BOX/etc/exim4/update-exim4.conf.conf"
	chroot "$BOX" update-exim4.conf
}

# handed to the daemon: what is handed to sendmail(8) is delivered by a process of who called it, in that one's cgroup
mail() { # SUBJECT
	wait_until "Exim listens" exim_listens
	# shellcheck disable=SC2016 # for that shell
	on_vps "$BASH" -c 'exec 3<>/dev/tcp/127.0.0.1/25
		say() { while read -r answer <&3 && [[ $answer == ???-* ]]; do :; done; printf "%s\r\n" "$@" >&3; }
		say "HELO vps.example"
		say "MAIL FROM:<root@vps.example>"
		say "RCPT TO:<bob@receiver.example>"
		say "DATA"
		say "Subject: $1" "" "Hello Bob." "."
		say "QUIT"' -- "$1"
}

exim_listens() {
	[[ -n $(on_vps ss -4Hltn 'sport = :25') ]]
}

sendmail() { # SUBJECT
	wait_until "Exim listens" exim_listens
	printf 'To: bob@receiver.example\nSubject: %s\n\nHello Bob.\n' "$1" | in_box sendmail bob@receiver.example
}

service_box configure
service_pinned exim4.service
wire_mark
sendmail sendmail
is "$(from sendmail)" shared "what sendmail(8) is given it sends itself, in the cgroup of the caller: not pinned"
sed -i '1i queue_only = true' "$BOX/etc/exim4/exim4.conf.template"
ok "with queue_only" in_box systemctl restart exim4
wire_mark
sendmail queued
ok "the daemon sends it at its next run" in_box systemctl restart exim4
is "$(from queued)" own "pinned"
is "$(wire_sources)" own "and nothing else left"

sendmail by-hand
ok "a queue run by hand" in_box exim4 -qff
is "$(from by-hand)" shared "a queue run by hand is in the cgroup of the shell: not pinned, in spite of queue_only"
done_testing
