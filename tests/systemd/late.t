#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# At boot, Postfix waits for its source, refused meanwhile; and does not wait for what is there.

export ROOT_PACKAGE=postfix
# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/postfix.sh
. "$SYSTEMD_HERE/postfix.sh" || exit 1

waits_for_source() {
	[[ $(in_box systemctl is-active "$SERVICE") == activating && $(status_says) == "4 degraded" ]]
}

postfix_box
service_pinned postfix.service
postfix_stop
mail queued-before-
shut_down

wire_mark
on_vps ip link set eth0 down # and with it all its addresses
boot_begin
wait_until "Postfix waits" waits_for_source
pass "booted without the network: Postfix waits for its source, with the policy in force"
on_vps ip link set eth0 up
wait_until "the router's advertisement has come" net_shared_address
is "$(in_box systemctl is-active "$SERVICE")" activating "the shared address is there: Postfix waits"
own_address add
wait_until "Postfix starts" service_is active
ok "our own address is there: Postfix starts once it is usable" address_usable "$OWN"
is "$(from queued-before-)" own "the mail that was queued leaves pinned"
wait_until "the box is up" box_is_up
is "$(status_says)" "0 in-force" "srcpin status: in force"
shut_down

since=$(date +%s)
boot
is "$(status_says)" "0 in-force" "booted with the network: in force"
is "$(journal --since "@$since" --grep 'in force|waiting')" "$SERVICE: in force, source $OWN" "at once: nothing was waited for"
wait_until "the router's advertisement has come" net_shared_address
mail booted
is "$(from booted)" own "mail leaves pinned"
is "$(wire_sources)" own "and nothing else left since Postfix was pinned"
done_testing
