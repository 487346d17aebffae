#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What keeps Postfix from being pinned keeps its mail in the queue: a broken config, a refused attach, a source that is gone.

export ROOT_PACKAGE=postfix
# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/postfix.sh
. "$SYSTEMD_HERE/postfix.sh" || exit 1

# said_why REGEX WHAT: the one sentence of srcpin in systemctl status
said_why() {
	local said
	said=$(unit_status "$SERVICE" "$1" | sed -n 's/.*srcpin\[[0-9]*\]: //p')
	like "$said" "^[^"$'\n'"]*$1[^"$'\n'"]*\$" "$2"
}

# refuses_to_start SUBJECT REGEX WHAT
refuses_to_start() {
	local restarted
	in_box systemctl restart postfix
	restarted=$?
	is "$(in_box systemctl is-active "$SERVICE")" failed "$3: the unit refuses to start"
	said_why "$2" "$3: systemctl status says why"
	[[ $SERVICE == postfix.service ]] ||
		is "$restarted $(in_box systemctl is-active postfix)" "0 active" "$3: not so systemctl restart and status of postfix.service, as the manual says"
	wire_mark
	mail "$1"
	is "$(queued)" 1 "$3: mail stays queued"
}

starts_again() { # SUBJECT WHAT
	ok "$2: the unit starts" in_box systemctl restart postfix
	is "$(from "$1")" own "$2: the mail that was queued leaves pinned"
	is "$(wire_sources)" own "$2: and nothing else left"
}

postfix_box
service_pinned postfix.service

config=$(<"$BOX/etc/srcpin.conf")
sed -i 's/^ipv4/ip/' "$BOX/etc/srcpin.conf"
refuses_to_start broken "/etc/srcpin.conf:4:1: .*ip" "a broken config"
echo "$config" >"$BOX/etc/srcpin.conf"
starts_again broken "a repaired config"

# by this host's bpftool: Debian 11's pins programs by their section, of which there is one for several
foreign=/proc/$BOX_PID/root/sys/fs/bpf/foreign
bpftool prog loadall "$HELPERS/foreign.bpf.o" "$foreign"
bpftool cgroup attach "$BOX_CGROUP/system.slice" connect6 pinned "$foreign/foreign_port"
refuses_to_start refused "another program is attached there or above exclusively" "a refused attach"
bpftool cgroup detach "$BOX_CGROUP/system.slice" connect6 pinned "$foreign/foreign_port"
starts_again refused "no longer refused"

# gone while it runs
deferred() {
	why=$(journal --since "@$since" | grep "to=<bob@receiver.example>.*status=deferred")
}

wire_mark
own_address del
since=$(date +%s)
mail gone
wait_until "the mail is deferred" deferred
like "$why" "Cannot assign requested address" "the source is gone: mail is deferred, and the log says why"
is "$(queued)" 1 "and stays queued"
is "$(status_says)" "4 degraded" "srcpin status: degraded"
is "$(wire_sources)" "" "and nothing left"
own_address add
wait_until "the source is usable" address_usable "$OWN"
ok "postqueue -f, once it is back" in_box postqueue -f
is "$(from gone)" own "the mail leaves pinned"
is "$(wire_sources)" own "and nothing else left"
is "$(status_says)" "0 in-force" "srcpin status: in force"
done_testing
