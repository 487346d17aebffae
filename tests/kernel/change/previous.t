#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What leaves from a source that a reload has replaced, row by row: previous.c.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/hammer.sh
. "$WORLD_HERE/hammer.sh" || exit 1

world_ipv4_sources
"$HELPERS/previous"
