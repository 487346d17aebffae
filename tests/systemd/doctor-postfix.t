#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What doctor finds of Postfix as it runs: a unit that only stands for it, settings that fight the policy, its greeting.

export ROOT_PACKAGE=postfix
# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/postfix.sh
. "$SYSTEMD_HERE/postfix.sh" || exit 1
# shellcheck source=tests/systemd/doctor.sh
. "$SYSTEMD_HERE/doctor.sh" || exit 1
need dnsmasq dig

# set PARAMETER...: in main.cf
set_main() { in_box postconf -e "$@"; }
reset_main() { in_box postconf -X "$@"; }

postfix_box
if [[ $SERVICE != postfix.service ]]; then
	printf '[postfix.service]\nsource = %s\nipv4 = deny\n\n[doctor]\ndnsbl = none\n' "$OWN" >"$BOX/etc/srcpin.conf"
	doctor_has cgroup finding "postfix.service has no process of its own: its daemons are in $SERVICE" "the section names the unit that only stands for it"
	dropin postfix.service "ExecStartPre=+/usr/sbin/srcpin load --cgroup self"
	ok "a drop-in for that unit" in_box systemctl restart postfix
	doctor_has cgroup finding "postfix.service has no process of its own: its daemons are in $SERVICE" "it is that unit which is pinned"
	dropin postfix.service ""
	in_box srcpin unload --all
fi
service_config "$OWN"
echo $'[doctor]\ndnsbl = none' >>"$BOX/etc/srcpin.conf"
doctor_has loaded finding ".*/$SERVICE runs, has a section, and is not pinned" "it is not pinned"
ok "srcpin install" in_box srcpin install --unit postfix.service
ok "restart" in_box systemctl restart postfix
doctor_has loaded ok "yes, with mode = enforce" "it is pinned"
doctor_has postfix ok ".*/master, with /etc/postfix leaves the source to srcpin" "Postfix as it is installed"
doctor_healthy "Postfix as it is installed"

set_main "smtp_bind_address6 = $SHARED"
doctor_has postfix finding "smtp_bind_address6 of main.cf binds to $SHARED, which is not the source" "smtp_bind_address6"
set_main "smtp_bind_address6 = [$SHARED]"
doctor_has postfix finding "smtp_bind_address6 of main.cf binds to $SHARED, which is not the source" "smtp_bind_address6, in brackets"
set_main "smtp_bind_address_enforce = yes"
doctor_has postfix finding "smtp_bind_address_enforce of main.cf is yes, for an address that is not the source" "smtp_bind_address_enforce"
set_main "smtp_bind_address6 = $OWN"
doctor_healthy "it binds to the source, and insists on it"
reset_main smtp_bind_address_enforce smtp_bind_address6
set_main "smtp_bind_address = 192.0.2.77"
doctor_healthy "smtp_bind_address, where IPv4 is not pinned"
reset_main smtp_bind_address

set_main "inet_interfaces = 127.0.0.1, $SHARED"
doctor_has postfix finding "inet_interfaces of main.cf, the only one: Postfix binds to $SHARED, which is not the source" "inet_interfaces with one address"
set_main "inet_interfaces = 127.0.0.1, $SHARED, $OWN"
doctor_healthy "inet_interfaces with two"
set_main "inet_interfaces = $OWN"
doctor_healthy "inet_interfaces with the source"
set_main "inet_interfaces = localhost, $SHARED"
doctor_has postfix unknown "inet_interfaces of main.cf is 'localhost, $SHARED', which only the mail server can make an address of" "inet_interfaces with one and localhost, which may be ::1"
doctor_healthy "no finding is made of it"
set_main "inet_interfaces = localhost, $OWN"
doctor_has postfix ok ".*/master, with /etc/postfix leaves the source to srcpin" "inet_interfaces with localhost and the source"
set_main "inet_interfaces = loopback-only"
doctor_healthy "inet_interfaces = loopback-only"
set_main "inet_interfaces = \$myhostname, localhost"
doctor_has postfix unknown "inet_interfaces of main.cf is '.*', which only the mail server can make an address of" "inet_interfaces with a name"
doctor_healthy "no finding is made of it"
set_main "inet_interfaces = all"

in_box postconf -P "smtp/unix/smtp_bind_address6=$SHARED"
doctor_has postfix finding "smtp_bind_address6 of smtp/unix binds to $SHARED, which is not the source" "an override in master.cf"
set_main "smtp_bind_address6 = $SHARED"
in_box postconf -P "smtp/unix/smtp_bind_address6=$OWN" "relay/unix/smtp_bind_address6=$OWN"
doctor_run
is "$(jq -r '[.checks[] | select(.id == "postfix").seen] | join(" ")' <<<"$doctor_json")" \
	"smtp_bind_address6 of main.cf binds to $SHARED, which is not the source" "master.cf overrides main.cf for its services"
in_box postconf -PX smtp/unix/smtp_bind_address6 relay/unix/smtp_bind_address6
reset_main smtp_bind_address6
doctor_healthy "as it was"

# by how the policy takes what is bound elsewhere
set_main "smtp_bind_address6 = $SHARED"
for bound in "rewrite:.*all the same.*" "deny:.*no mail leaves" "leave:.*mail leaves from there"; do
	service_config "$OWN"
	printf 'bound = %s\n' "${bound%%:*}" >>"$BOX/etc/srcpin.conf"
	in_box srcpin reload >/dev/null
	doctor_run
	like "$(jq -r '.checks[] | select(.id == "postfix").why' <<<"$doctor_json")" "^${bound#*:}\$" "bound = ${bound%%:*}"
done
reset_main smtp_bind_address6
service_config "$OWN"
echo $'[doctor]\ndnsbl = none' >>"$BOX/etc/srcpin.conf"
in_box srcpin reload >/dev/null

# the greeting
set_main "myhostname = mail.example"
names mail.example="$OWN"
doctor_has helo ok "it greets as mail.example, which leads to the source" "the greeting fits"
doctor_healthy "the names fit"
set_main "myhostname = other.example"
doctor_has helo finding "it greets as other.example, whose AAAA is not the source" "it greets by another name"
set_main "smtp_helo_name = mail.example"
doctor_healthy "smtp_helo_name mends it"
reset_main smtp_helo_name
in_box postconf -P "smtp/unix/smtp_helo_name=mail.example"
doctor_has helo ok "it greets as mail.example, which leads to the source" "smtp_helo_name in master.cf mends it, too"
in_box postconf -PX smtp/unix/smtp_helo_name
in_box postconf -P "smtp/unix/myhostname=mail.example"
doctor_healthy "myhostname in master.cf: by which name it greets is not known"
in_box postconf -PX smtp/unix/myhostname
names mail.example="$OWN" other.example="$OWN"
doctor_has helo "(ok|note)" "it greets as other.example, which leads to the source.*" "both names lead to the source"
doctor_healthy "both names lead to the source"
kill -STOP "$names_pid"
doctor_has helo unknown "AAAA of other.example: .*" "the DNS does not answer"
doctor_healthy "that is unknown"
kill -CONT "$names_pid"

# another instance, with a folder of its own, wherever its unit says
if [[ $SERVICE != postfix.service ]]; then
	DOCTOR=(srcpin doctor)
	in_box systemctl stop postfix
	wait_until "Postfix has stopped" service_is inactive
	in_box postmulti -e init
	in_box postmulti -I postfix-two -e create
	in_box postconf -c /etc/postfix-two -e "master_service_disable =" "smtp_bind_address6 = $SHARED" "authorized_submit_users = root"
	in_box postmulti -i postfix-two -e enable
	SERVICE=postfix@postfix-two.service
	service_config "$OWN"
	ok "the second instance" in_box systemctl start "$SERVICE"
	doctor_has postfix finding "smtp_bind_address6 of main.cf binds to $SHARED, which is not the source" "the settings of that instance"
	in_box postconf -c /etc/postfix-two -X smtp_bind_address6
	doctor_has postfix ok ".*/master, with /etc/postfix-two leaves the source to srcpin" "they are mended"
fi
done_testing
