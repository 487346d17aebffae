#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What reads the bytes of others, under libFuzzer with AddressSanitizer and UBSan, each target from its seeds on: tests/fuzz.
# tests/fuzz.t [TARGET...]: those alone, as "config" or "dns". FUZZ_SECONDS=600: each for so long, from another beginning each time;
# else as many runs as take some seconds, always the same ones.
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
