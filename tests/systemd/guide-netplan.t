#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# GUIDE.md's file for netplan, as it is written there: beside another one it gives the host the address, for nobody to use.

export ROOT_PACKAGE=netplan.io
# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/guide.sh
. "$SYSTEMD_HERE/guide.sh" || exit 1

network
own_address del
new_box
lines_for netplan
like "$file" '^/etc/netplan/.*\.yaml$' "the guide has a file for netplan"
mkdir -p "$BOX/etc/netplan"
printf 'network:\n  version: 2\n  renderer: networkd\n  ethernets:\n    eth0:\n      dhcp4: false\n' >"$BOX/etc/netplan/01-there.yaml"
boot
ok "systemd-networkd runs" in_box systemctl enable --now systemd-networkd
wait_until "the shared address is there" net_shared_address
echo "$text" >"$BOX$file"
chmod 600 "$BOX/etc/netplan/"*
# apply also has udev look at all devices again, which a box cannot: they are this host's
ok "netplan generate, and networkctl reload" in_box sh -c 'netplan generate && networkctl reload && networkctl reconfigure eth0'
given_to_nobody "applied"
shut_down
boot
given_to_nobody "booted"
done_testing
