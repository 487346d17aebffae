#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# srcpin-watch.service, as it is shipped: with its capabilities and sandbox it logs what is refused, with fields.

# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1

# entries [MATCH...]: of the journal, as JSON, a line each
entries() {
	in_box journalctl --sync && in_box journalctl --quiet --no-pager --output json --identifier srcpin "$@" _SYSTEMD_UNIT=srcpin-watch.service
}

refusals() {
	entries SRCPIN_SERVICE=knock.service
}

are_logged() { # NUMBER
	(($(refusals | wc -l) >= $1))
}

watches() {
	entries | jq -r .MESSAGE | grep -q "$1"
}

network
new_box
cp "$SRCPIN" "$BOX/usr/sbin/srcpin"
cp "$TOP/user/systemd/srcpin-watch.service" "$BOX/etc/systemd/system/"
# two calls, one to a pinned destination and one that is refused; then it stays, as services do
printf '[Service]\nExecStart=/bin/bash -c "exec 3<>/dev/udp/2001:db8:9::1/25; exec 4<>/dev/udp/192.0.2.99/25; exec sleep infinity"\n' \
	>"$BOX/etc/systemd/system/knock.service"
# pinned all the time: the first load of a host is seen a moment late
printf '[Service]\nExecStart=/bin/sleep infinity\n' >"$BOX/etc/systemd/system/other.service"
printf '[*]\nsource = %s\nipv4 = deny\n' "$OWN" >"$BOX/etc/srcpin.conf"
boot
diag "systemd $(in_box systemctl --version | awk '{ print $2; exit }')"
wait_until "our own address is usable" address_usable "$OWN"
is "$(in_box systemd-analyze verify --man=no /etc/systemd/system/srcpin-watch.service 2>&1 | grep srcpin)" "" "systemd finds nothing to say against it"

in_box systemctl enable --now srcpin-watch.service 2>/dev/null
wait_until "it waits" watches "nothing is loaded"
pass "it runs, and waits: nothing is loaded yet"
in_box srcpin install --unit knock.service >/dev/null
in_box srcpin install --unit other.service >/dev/null
in_box systemctl start other.service
wait_until "it watches" watches "watching 1 service"

in_box systemctl start knock.service
wait_until "the refusal is logged" are_logged 1
entry=$(refusals | head -1)
# the box is a PID namespace: the number is the host's, and not that of a process that journald could look at
is "$(jq -c '[.SRCPIN_SERVICE, (.SRCPIN_PROCESS | sub("[0-9]+"; "PID")), .SRCPIN_CALL, .SRCPIN_PROTOCOL, .SRCPIN_DESTINATION, .SRCPIN_VERDICT, .SRCPIN_REASON, .PRIORITY]' <<<"$entry")" \
	'["knock.service","bash[host PID]","connect","udp","192.0.2.99:25","denied","denied_rule","4"]' "what is refused is an entry with fields, a warning"
like "$(jq -r .MESSAGE <<<"$entry")" '192\.0\.2\.99:25' "and says it in words"
is "$(jq -r .OBJECT_PID <<<"$entry")" null "without OBJECT_PID, which would name another process of the box"
in_box systemctl restart knock.service
wait_until "the next one, too" are_logged 2
is "$(refusals | wc -l) $(refusals | jq -r .SRCPIN_VERDICT | sort -u)" "2 denied" "again after a restart; and nothing but what is refused"
is "$(in_box systemctl show -P NRestarts srcpin-watch.service) $(in_box systemctl is-active srcpin-watch.service)" "0 active" "it has not failed meanwhile"
in_box systemctl stop srcpin-watch.service
is "$(in_box systemctl is-failed srcpin-watch.service) $(in_box systemctl show -P Result srcpin-watch.service)" "inactive success" "stopped, it ends well"
done_testing
