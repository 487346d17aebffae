#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The package while Postfix is pinned: upgraded, removed, purged. Its section matches the umbrella of Debian 12, too, which has a drop-in then.

export ROOT_PACKAGE=postfix
# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/postfix.sh
. "$SYSTEMD_HERE/postfix.sh" || exit 1

# says COMMAND...: what it says is in $WORLD_DIR/said
says() {
	"$@" >"$WORLD_DIR/said" 2>&1
}

programs() {
	in_box srcpin status --json | jq -c '[.services[].programs[].id]'
}

loaded_by() {
	in_box srcpin status --json | jq -r '"\(.services[].loaded_by | join(" ")), this is \(.srcpin)"'
}

SECTION='postfix*.service'
postfix_box
service_pinned postfix.service
old=$(in_box srcpin status --json | jq -r .srcpin)
new=$old.1
programs=$(programs)
package "$new"
wire_mark
stream_begin

ok "the package of $new installs over that of $old" install_deb
stream_flows 3
is "$(status_says)" "0 in-force" "Postfix is still pinned"
is "$(programs)" "$programs" "by the programs of $old"
is "$(loaded_by)" "$old, this is $new" "and status says so"
ok "systemctl reload postfix" in_box systemctl reload postfix
stream_flows 3
is "$(status_says)" "0 in-force" "Postfix is pinned"
is "$(loaded_by)" "$new, this is $new" "by the programs of $new"

ok "the package is removed" says in_box apt-get remove -qq -y srcpin
like "$(<"$WORLD_DIR/said")" "srcpin: $SERVICE is pinned, and stays so until it is stopped" "which warns of what is in force"
like "$(<"$WORLD_DIR/said")" "srcpin: $SERVICE will refuse to start without srcpin: [^ ]*/50-srcpin.conf calls it" "and of what will not start"
like "$(<"$WORLD_DIR/said")" "srcpin: postfix.service will refuse to start without srcpin: [^ ]*/50-srcpin.conf calls it" "by the name that a user knows, too"
stream_flows 3
stream_end
is "$(wire_sources)" own "all the while mail left from our own address, and nothing else"
mail removed
is "$(from removed)" own "Postfix stays pinned"

ok "the package is purged" says in_box apt-get purge -qq -y srcpin
like "$(<"$WORLD_DIR/said")" "srcpin: $SERVICE is not pinned any more" "which says what ends"
for unit in "$SERVICE" postfix.service; do
	like "$(<"$WORLD_DIR/said")" "srcpin: removing /etc/systemd/system/$unit.d/50-srcpin.conf" "and what it takes back: $unit"
done
mail purged
is "$(from purged)" shared "Postfix is not pinned any more"
is "$(in_box find /sys/fs/bpf /etc /usr -name '*srcpin*')" "" "nothing of srcpin is left"
ok "Postfix restarts" in_box systemctl restart postfix
mail without
is "$(from without)" shared "and sends as it did before srcpin"

ok "the package installs again" install_deb
service_pinned postfix.service
in_box apt-get remove -qq -y srcpin >/dev/null 2>&1
in_box systemctl restart postfix
like "$(in_box systemctl is-active "$SERVICE")" '^(failed|inactive)$' "removed again: Postfix refuses to start unpinned"
wire_mark
mail refused
is "$(queued)" 1 "mail stays queued"
is "$(wire_sources)" "" "and nothing left"
done_testing
