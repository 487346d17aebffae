#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What doctor finds of OpenSMTPD as it runs: `src` of its actions, and its greeting.

export ROOT_PACKAGE=opensmtpd
# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/service.sh
. "$SYSTEMD_HERE/service.sh" || exit 1
# shellcheck source=tests/systemd/doctor.sh
. "$SYSTEMD_HERE/doctor.sh" || exit 1
need dnsmasq dig

SERVICE=opensmtpd.service

# smtpd OPTIONS [LINE...]: of the relay; smtpd itself says that it is right
smtpd() {
	printf '%s\n' "${@:2}" "action \"out\" relay host \"smtp://receiver.example\" $1" 'match from local for any action "out"' >"$BOX/etc/smtpd.conf"
	in_box smtpd -n >/dev/null 2>&1 || bail_out "smtpd does not take: $*"
}

network
new_box
# shellcheck disable=SC2119 # the version that it has
package
boot
wait_until "the router's advertisement has come" net_shared_address
ok "srcpin is installed" install_deb
smtpd ""
service_config "$OWN"
echo $'[doctor]\ndnsbl = none' >>"$BOX/etc/srcpin.conf"
ok "srcpin install" in_box srcpin install --unit opensmtpd.service
ok "restart" in_box systemctl restart opensmtpd
doctor_has opensmtpd ok ".*/smtpd leaves the source to srcpin" "OpenSMTPD without src"
doctor_healthy "OpenSMTPD without src"

smtpd "src $SHARED"
doctor_has opensmtpd finding "src of the action out binds to $SHARED, which is not the source" "src"
smtpd "src $OWN"
doctor_healthy "src with the source"
smtpd "src { \"$OWN\", \"$SHARED\" }"
doctor_has opensmtpd finding "src of the action out binds to $SHARED, which is not the source" "src, a list"
smtpd "src { \"192.0.2.77\", \"$OWN\" } helo mail.example"
doctor_healthy "src, a list with the source"
echo >"$BOX/etc/none"
smtpd "" 'include "/etc/none"'
doctor_has opensmtpd unknown "/etc/smtpd.conf includes /etc/none, which is not looked at" "what is included"
smtpd 'src <sources>' "table sources { \"$SHARED\", \"192.0.2.77\" }"
doctor_has opensmtpd finding "src of the action out binds to $SHARED, which is not the source" "src, a table"
smtpd 'src <sources>' "table sources { \"$OWN\" }"
doctor_healthy "src, a table with the source"
smtpd "src \$address" "address = \"$SHARED\""
doctor_has opensmtpd finding "src of the action out binds to $SHARED, which is not the source" "src, a macro"
echo 192.0.2.77 >"$BOX/etc/from"
smtpd 'src <sources>' "table sources file:/etc/from"
doctor_has opensmtpd unknown "src of the action out is '.*', which only the mail server can make an address of" "src, a file"
doctor_healthy "no finding is made of it"
smtpd $'\\\n'"  src $SHARED # a comment" '# src in a comment'
doctor_has opensmtpd finding "src of the action out binds to $SHARED, which is not the source" "src on a line that goes on"

names mail.example="$OWN"
smtpd 'helo "mail.example"'
doctor_has helo ok "it greets as mail.example, which leads to the source" "the greeting fits"
smtpd 'helo other.example'
doctor_has helo finding "it greets as other.example, whose AAAA is not the source" "it greets by another name"
smtpd "src $OWN helo-src <greetings>" "table greetings { $OWN = mail.example }"
doctor_healthy "it greets by the name of the source"
smtpd ""
echo mail.example >"$BOX/etc/mailname"
doctor_has helo ok "it greets as mail.example, which leads to the source" "the greeting is /etc/mailname"
done_testing
