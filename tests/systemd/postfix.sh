# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Postfix, as Debian installs it, in the box: its daemons are in a unit of another name on Debian 11 and 12.
#
#   postfix_box           service_box, with Postfix
#   postfix_stop          systemctl stop
#   queued                how many mails are in the queue

# shellcheck source=tests/systemd/service.sh
. "$SYSTEMD_HERE/service.sh" || exit 1

SERVICE=postfix.service
[[ ! $SUITE =~ ^(bullseye|bookworm)$ ]] || SERVICE=postfix@-.service

postfix_configure() {
	local unit
	chroot "$BOX" postconf -e "relayhost = [$RECEIVER]" 'smtp_tls_security_level = none' 'smtp_dns_support_level = disabled' \
		'inet_protocols = all' 'minimal_backoff_time = 1000s'
	# systemd would refuse the tests' restarts, so many in so short a time
	for unit in postfix.service "$SERVICE"; do
		mkdir -p "$BOX/etc/systemd/system/$unit.d"
		printf '[Unit]\nStartLimitIntervalSec=0\n' >"$BOX/etc/systemd/system/$unit.d/70-often.conf"
	done
}

postfix_box() {
	service_box postfix_configure
}

# It returns before postfix@-.service has stopped.
postfix_stop() {
	in_box systemctl stop postfix && wait_until "$SERVICE has stopped" service_is inactive
}

queued() {
	in_box postqueue -j 2>/dev/null | grep -c '"queue_name"'
}
