#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The kernel tests on other kernels, each in a VM of its own. KERNELS="5.10 newest", TESTS="table out": those alone.
# What they said is kept in $O/vm/tap/KERNEL/.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh || exit 1
. tests/vm/cell.sh || exit 1
read -ra kernels <<<"${KERNELS:-5.10 6.1 6.12 newest}"
read -ra tests <<<"${TESTS:-table sources out lifecycle replace status nested guard older reload removed refused others upgrade killed faults address wait lacks counters refusal probe watch}"

tests/vm/kernel "${kernels[@]}" || bail_out "cannot fetch the kernels"
for kernel in "${kernels[@]}"; do
	for t in "${tests[@]}"; do
		cell "$kernel" "$t" env SRCPIN="$O/srcpin" HELPERS="$O/tests/helpers" CALLS="$([[ $t == watch ]] && echo 20000 || echo 100000)" tests/kernel/*/"$t.t"
	done
	[[ -n ${TESTS-} ]] || cell "$kernel" netcls env SRCPIN="$O/srcpin" HELPERS="$O/tests/helpers" tests/vm/netcls.t
done
cells
done_testing
