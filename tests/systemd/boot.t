#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The world of these tests: what the others rely on.

# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1

network
new_box
boot
like "$(in_box systemctl --version)" '^systemd [0-9]+' "a real systemd runs: $(in_box systemctl --version | head -1)"
is "$(in_box systemctl --failed --plain --no-legend)" "" "no unit failed"
wait_until "the router's advertisement has come" net_shared_address
pass "the router's advertisement gives $SHARED"
like "$(in_box ip -6 route get "$RECEIVER")" "src $SHARED " "the kernel prefers the shared address"
ok "bpf(2) works inside" in_box bpftool prog
touch "$BOX/etc/outlives"
shut_down
pass "it shuts down"
boot
ok "its files outlive that" in_box test -e /etc/outlives
done_testing
