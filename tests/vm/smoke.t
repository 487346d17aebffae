#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The shortest proof that srcpin, a systemd and a kernel get along: a service that connects all the time is pinned from its
# start to its stop, or does not start.

# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../systemd/lib.sh" || exit 1
# shellcheck source=tests/systemd/service.sh
. "$SYSTEMD_HERE/service.sh" || exit 1

SERVICE=client.service

client() {
	cat >"$BOX/etc/systemd/system/$SERVICE" <<-END
		[Unit]
		StartLimitIntervalSec=0
		[Service]
		ExecStart=/bin/bash -c 'while :; do (exec 3<>/dev/tcp/$RECEIVER/25); sleep 0.1; done'
		ExecReload=/bin/true
	END
}

connected() {
	[[ -n $(wire_sources) ]]
}

# pinned WHAT: what connects from the mark on
pinned() {
	wait_until "the service connects" connected
	sleep 1
	is "$(wire_sources)" own "$1: it connects from our own address"
	is "$(status_says)" "0 in-force" "$1: srcpin status: in force"
}

restart_fails() {
	! in_box systemctl restart "$SERVICE"
}

network
new_box
client
boot
wait_until "the router's advertisement has come" net_shared_address
mail_begin
diag "$(in_box systemctl --version | head -1), Debian $(<"$BOX/etc/debian_version"), kernel $(uname -r)"
ok "srcpin is there" install_program # the package has tests of its own
service_config "$OWN"

in_box systemctl start "$SERVICE"
wait_until "the service connects" connected
is "$(wire_sources)" shared "not pinned: it connects from the shared address"
in_box systemctl stop "$SERVICE"
ok "srcpin install" in_box srcpin install --unit "$SERVICE"

wire_mark
ok "systemctl start" in_box systemctl start "$SERVICE"
pinned "started"
for i in 1 2; do
	wire_mark
	ok "systemctl restart" in_box systemctl restart "$SERVICE"
	pinned "restart $i"
done
wire_mark
in_box systemctl kill --signal KILL "$SERVICE"
wait_until "it is dead" service_is failed
ok "systemctl start, after a SIGKILL" in_box systemctl start "$SERVICE"
pinned "started again"

service_config 2001:db8:2::99
ok "systemctl reload" in_box systemctl reload "$SERVICE"
is "$(status_says)" "4 degraded" "a source that is not ours: srcpin status: degraded"
wire_mark
sleep 2
is "$(wire_sources)" "" "and nothing leaves"
service_config "$OWN"
ok "systemctl reload" in_box systemctl reload "$SERVICE"
pinned "reloaded"

echo 'sauce = ::1' >>"$BOX/etc/srcpin.conf"
ok "a broken config: systemctl restart fails" restart_fails
wire_mark
is "$(in_box systemctl is-active "$SERVICE")" failed "the service is not running"
like "$(in_box systemctl status --no-pager --full "$SERVICE")" "srcpin.conf:5:1: " "systemctl status says why"
is "$(status_says)" "3 " "nothing is loaded"
service_config "$OWN"
ok "repaired: systemctl start" in_box systemctl start "$SERVICE"
pinned "repaired"
ok "systemctl stop" in_box systemctl stop "$SERVICE"
sleep 1
is "$(wire_sources)" own "from the start to the stop nothing left from another address"
is "$(status_says)" "3 " "srcpin status: nothing is loaded"
is "$(in_box find /sys/fs/bpf -name 'srcpin*')" "" "nor is anything left in bpffs"
ok "srcpin uninstall" in_box srcpin uninstall --unit "$SERVICE"
done_testing
