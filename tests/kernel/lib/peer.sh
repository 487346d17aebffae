# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The peer answers on TCP and UDP port 7777 with the address that it sees.

need python3
nsenter --net="$WORLD_PEER" -- python3 "$WORLD_HERE/peer.py" >"$WORLD_DIR/peer" 2>&1 &
wait_until "the peer listens" grep -qs ready "$WORLD_DIR/peer"
