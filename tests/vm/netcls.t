#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# cgroup v1's net_cls comes into use, which no host can undo: so only in a VM. Linux 5.10 as released takes all sockets out of
# cgroup2 from then on, and no hook would run for them. Debian's has the fix of 5.15.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../kernel/lib/world.sh" || exit 1

config "source = 2001:db8:2::25"
ok "load" "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG"
is "$(source_of "$WORLD_CGROUP")" 2001:db8:2::25 "pinned"
mkdir "$WORLD_DIR/v1"
mount -t cgroup -o net_cls cgroup "$WORLD_DIR/v1" || bail_out "cannot mount cgroup v1"
mkdir "$WORLD_DIR/v1/a"
is "$(source_of "$WORLD_CGROUP")" 2001:db8:2::25 "net_cls mounted: pinned all the same"
echo 1 >"$WORLD_DIR/v1/a/net_cls.classid" || bail_out "cannot use net_cls"
is "$(source_of "$WORLD_CGROUP")" 2001:db8:2::25 "net_cls in use: pinned all the same"
ok "unload" "$SRCPIN" unload --all
rmdir "$WORLD_DIR/v1/a"
umount "$WORLD_DIR/v1"
done_testing
