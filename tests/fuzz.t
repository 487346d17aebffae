#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The config parser and what reads its values, under libFuzzer with AddressSanitizer and UBSan, from the seed corpus on.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ok "no crash in ${FUZZ_SECONDS:-30} s of fuzzing" "${O:-build}/tests/fuzz_config" -max_total_time="${FUZZ_SECONDS:-30}" -max_len=4096 -timeout=10 \
	-artifact_prefix="$work/" -verbosity=0 "$work" tests/fuzz/corpus
done_testing
