#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# GUIDE.md, as it is written there, with systemd-networkd: it is read from there. The other ways to give a host the
# address are in guide-netplan.t and guide-ifupdown.t.

export ROOT_PACKAGE=postfix
# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/postfix.sh
. "$SYSTEMD_HERE/postfix.sh" || exit 1
# shellcheck source=tests/systemd/guide.sh
. "$SYSTEMD_HERE/guide.sh" || exit 1

# what the guide shows as the output of a command; other Debians have other names and sections
shown() {
	block '^# srcpin install' | sed -n '/^# srcpin install/,/^# systemctl/{/^# /!p}'
}

postfix_box
own_address del

# 1: the kernel's own handling of advertisements ends with networkd's
lines_for systemd-networkd
like "$file" '^/etc/systemd/network/.*\.network$' "the guide has a file for systemd-networkd"
sed '/^\[Address\]/,$d' <<<"$text" >"$BOX$file"
ok "systemd-networkd runs" in_box systemctl enable --now systemd-networkd
wait_until "the shared address is there" net_shared_address
echo "$text" >"$BOX$file"
ok "networkctl reload, with the guide's file" in_box networkctl reload
given_to_nobody "reloaded"
mail unpinned-still
is "$(from unpinned-still)" shared "so does Postfix"

# 2 and 3
block '^source = ' >"$BOX/etc/srcpin.conf"
is "$(wc -l <"$BOX/etc/srcpin.conf")" 3 "the guide's config has three lines"
said=$(in_box srcpin install --unit postfix.service)
is "$?" 0 "srcpin install --unit postfix.service"
if [[ $SERVICE == postfix@-.service ]]; then is "$said" "$(shown)" "says what the guide shows"; fi
ok "systemctl restart postfix" in_box systemctl restart postfix
wire_mark
mail pinned
is "$(from pinned)" own "mail leaves from our own address"
is "$(status_says)" "0 in-force" "srcpin status: in force"

shut_down
boot
wait_until "the router's advertisement has come" net_shared_address
wire_mark
mail booted
is "$(from booted)" own "after a boot, too"
is "$(status_says)" "0 in-force" "srcpin status: in force"
given_to_nobody "booted"
is "$(wire_sources)" own "and from none but our own a connection was opened"
done_testing
