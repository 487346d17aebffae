#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What doctor finds of Exim as it runs: `interface` of its transports, and its greeting.

export ROOT_PACKAGE=exim4-daemon-light
# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/service.sh
. "$SYSTEMD_HERE/service.sh" || exit 1
# shellcheck source=tests/systemd/doctor.sh
. "$SYSTEMD_HERE/doctor.sh" || exit 1
need dnsmasq dig

SERVICE=exim4.service
TEMPLATE=$BOX/etc/exim4/exim4.conf.template

configure() {
	sed -i -e "s/^dc_eximconfig_configtype=.*/dc_eximconfig_configtype='satellite'/" -e "s/^dc_smarthost=.*/dc_smarthost='receiver.example'/" \
		-e "s/^dc_readhost=.*/dc_readhost='vps.example'/" "$BOX/etc/exim4/update-exim4.conf.conf"
	chroot "$BOX" update-exim4.conf
	cp "$TEMPLATE" "$WORLD_DIR/template"
}

# exim LINE [MAIN]: a line of the transport that sends to the smarthost, and one of the main section
exim() {
	sed -e "/^remote_smtp_smarthost:/,/driver/ s/driver = smtp\$/&\n  ${1//\//\\/}/" ${2+-e "1i $2"} "$WORLD_DIR/template" >"$TEMPLATE"
	in_box update-exim4.conf
}

new_box
network
configure
# shellcheck disable=SC2119 # the version that it has
package
boot
wait_until "the router's advertisement has come" net_shared_address
ok "srcpin is installed" install_deb
service_config "$OWN"
echo $'[doctor]\ndnsbl = none' >>"$BOX/etc/srcpin.conf"
ok "srcpin install" in_box srcpin install --unit exim4.service
ok "restart" in_box systemctl restart exim4
doctor_has exim ok ".*/exim4 leaves the source to srcpin" "Exim as it is installed"
doctor_healthy "Exim as it is installed"

exim "interface = <; $SHARED"
doctor_has exim finding "interface of the transport remote_smtp_smarthost binds to $SHARED, which is not the source" "interface"
exim "interface = ${SHARED//:/::}"
doctor_has exim finding "interface of the transport remote_smtp_smarthost binds to $SHARED, which is not the source" "interface, with doubled colons"
exim "interface = <; 192.0.2.77 ; $OWN"
doctor_healthy "interface with the source"
exim "interface = <; $OWN ; $SHARED"
doctor_healthy "interface with the source first: Exim takes no other"
exim "interface = <; $SHARED ; $OWN"
doctor_has exim finding "interface of the transport remote_smtp_smarthost binds to $SHARED, which is not the source" "interface with the source second"
exim "interface = \${lookup{x}lsearch{/etc/interfaces}}"
doctor_has exim unknown "interface of the transport remote_smtp_smarthost is '.*', which only the mail server can make an address of" "interface that is looked up"
doctor_healthy "no finding is made of it"

exim "no_hosts_override" "primary_hostname = mail.example"
names mail.example="$OWN"
doctor_has helo ok "it greets as mail.example, which leads to the source" "the greeting fits"
exim "no_hosts_override" "primary_hostname = other.example"
doctor_has helo finding "it greets as other.example, whose AAAA is not the source" "it greets by another name"
done_testing
