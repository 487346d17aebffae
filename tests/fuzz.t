#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The code that reads bytes of others, under libFuzzer with AddressSanitizer and UBSan. Each target begins with its seeds: tests/fuzz.
# tests/fuzz.t [TARGET...]: only those, as "config" or "dns". FUZZ_SECONDS=600: each runs so long, with another random seed each time.
# Otherwise each runs for some seconds, always in the same way.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh || exit 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
how=(-runs=20000 -max_total_time=5 -seed=1)
if [ -n "${FUZZ_SECONDS-}" ]; then how=(-max_total_time="$FUZZ_SECONDS"); fi
[ $# != 0 ] || set -- tests/fuzz/fuzz_*.c
for target; do
	target=${target##*/fuzz_}
	target=${target%.c}
	mkdir "$work/$target"
	said=$("${O:-build}/tests/fuzz_$target" "${how[@]}" -max_len=4096 -timeout=10 -artifact_prefix="$work/" "$work/$target" "tests/fuzz/corpus/$target" 2>&1)
	status=$?
	# "Done 20000 runs in 3 second(s)"; of a finding the report, and the input, in base64
	what="$target: $(grep -oE '^Done [0-9]+ runs in [0-9]+ s' <<<"$said" || echo finding)"
	if [ "$status" = 0 ]; then
		pass "$what"
	else
		fail "$what" "$(grep -vE '^(#[0-9]+[[:space:]]|INFO:)' <<<"$said" | tail -60)"
	fi
done
done_testing
