#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# GUIDE.md's lines for ifupdown, as they are written there: at a boot they give the host the address, for nobody to use.

export ROOT_PACKAGE=ifupdown
# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/guide.sh
. "$SYSTEMD_HERE/guide.sh" || exit 1

network
own_address del
new_box
lines_for ifupdown
is "$file" /etc/network/interfaces "the guide has lines for ifupdown"
printf 'auto lo eth0\niface lo inet loopback\n\n%s\n' "$text" >"$BOX$file"
boot
ok "networking.service has started" in_box systemctl is-active networking.service
given_to_nobody "booted"
done_testing
