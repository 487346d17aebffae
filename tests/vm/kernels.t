#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The kernel tests on other kernels: each in a VM of its own. KERNELS="5.10 newest", TESTS="table out": those alone.
# What they said is kept in $O/vm/tap/KERNEL/.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
export O=${O:-$PWD/build} MUST_RUN=1
read -ra kernels <<<"${KERNELS:-5.10 6.1 6.12 newest}"
read -ra tests <<<"${TESTS:-table out lifecycle replace status nested guard stale reload removed refused others upgrade killed faults address lacks}"

# passed TAP: it is whole, and says "ok" of all
passed() {
	awk '/^ok/ { n++ } /^not ok/ || /^Bail out/ { bad = 1 } /^1\.\.[0-9]+/ { plan = substr($1, 4) }
		END { exit bad || !n || plan != n }' "$1"
}

tests/vm/kernel "${kernels[@]}" || bail_out "cannot fetch the kernels"
for kernel in "${kernels[@]}"; do
	mkdir -p "$O/vm/tap/$kernel"
	version=$(basename "$O/vm/kernels/$kernel"/lib/modules/*)
	for t in "${tests[@]}"; do
		tap=$O/vm/tap/$kernel/$t
		tests/vm/boot "$kernel" env MUST_RUN=1 SRCPIN="$O/srcpin" HELPERS="$O/tests/kernel" "tests/kernel/$t.t" >"$tap" 2>&1
		if passed "$tap"; then
			pass "$version: $t.t, $(grep -c '^ok' "$tap") tests"
		else
			fail "$version: $t.t" "$(grep -A3 -E '^(not ok|Bail out)' "$tap" | head -40; tail -3 "$tap")"
		fi
	done
done
done_testing
