#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Programs that are under way while a policy is replaced, or taken out. In the programs of this test each look into a
# map takes milliseconds, which is longer than a load takes between its write and the end of the old rules.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/lib/hammer.sh
. "$WORLD_HERE/hammer.sh" || exit 1
# shellcheck source=tests/kernel/lib/variant.sh
. "$WORLD_HERE/variant.sh" || exit 1

need clang make bpftool

SHARED=2001:db8:1::5
A=2001:db8:2::25
B=2001:db8:2::26
ROUNDS=${ROUNDS:-100}

variant slow <<'C'
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

static __attribute__((unused)) long tarry(__u32 i, void *data)
{
	(void)i, (void)data;
	return 0;
}

#define bpf_map_lookup_elem(map, key) (bpf_loop(1 << 20, tarry, NULL, 0), (bpf_map_lookup_elem)(map, key))
C
SRCPIN=$VARIANT

# policy SOURCE: the rule for the peer's addresses lies within one that leaves them to the kernel, so they would
# leave from the shared address if that were found in its place
policy() {
	printf 'source = %s\nguard = on\nexempt = 2001:db8:70::/44\n' "$1"
	printf 'to = 2001:db8:%s::/48 %s\n' 77 "$1" 78 "$1"
}

# hammered WHAT SOURCE...: ends the hammer, and judges
hammered() {
	local what=$1
	shift
	hammer_end
	diag "$hammer_said"
	is "$hammer_status" 0 "$what: no call is refused, no packet leaves from another address"
	ok "$what: programs were under way" test "$(hammer_sum 'connect good')" -ge "$ROUNDS"
}

load() {
	"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$1" >/dev/null 2>>"$WORLD_DIR/err" || failed=$((failed + 1))
}

config "$(policy "$A")"
cp "$CONFIG" "$WORLD_DIR/a.conf"
config "$(policy "$B")"
cp "$CONFIG" "$WORLD_DIR/b.conf"
failed=0

load "$WORLD_DIR/a.conf"
is "$failed" 0 "the slow programs load" || diag "$(cat "$WORLD_DIR/err")"
started=$(date +%s%N)
source_of "$WORLD_CGROUP" 2001:db8:77::1 >/dev/null
ok "a decision takes a millisecond at least" test $(($(date +%s%N) - started)) -ge 1000000
loaded=$(state)

hammer_start "$A"
for ((i = 0; i < ROUNDS; i++)); do
	load "$WORLD_DIR/a.conf"
done
hammered "the same load again" "$A"
is "$failed" 0 "the same load again: none fails"

hammer_start "$A" "$B"
for ((i = 0; i < ROUNDS; i += 2)); do
	load "$WORLD_DIR/b.conf"
	load "$WORLD_DIR/a.conf"
done
hammered "loads of two policies" "$A" "$B"
is "$failed" 0 "loads of two policies: none fails"
same_state "$loaded" "loads leave nothing behind"

# what has connected before a load, or was on its way, is stopped by the guard; but no connect is
hammer_start -a "UDP send EPERM" -a "UDP sendto EPERM" "$A" "$SHARED"
for ((i = 0; i < ROUNDS; i += 2)); do
	"$SRCPIN" unload --cgroup "$WORLD_CGROUP" || failed=$((failed + 1))
	load "$WORLD_DIR/a.conf"
done
hammered "unload and load" "$A" "$SHARED"
is "$failed" 0 "unload and load: none fails"
"$SRCPIN" unload --all
done_testing
