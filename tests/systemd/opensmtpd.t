#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# OpenSMTPD, pinned with its unit.

export ROOT_PACKAGE=opensmtpd
# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/service.sh
. "$SYSTEMD_HERE/service.sh" || exit 1

SERVICE=opensmtpd.service

configure() {
	cat >"$BOX/etc/smtpd.conf" <<-END
		action "relay" relay host "smtp://receiver.example"
		match from local for any action "relay"
	END
}

service_box configure
service_pinned opensmtpd.service
done_testing
