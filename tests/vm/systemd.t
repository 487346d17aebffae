#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Many systemds on many kernels: smoke.t with each Debian in a VM with each kernel. KERNELS="5.10 newest",
# SUITES="bookworm sid": those alone. What they said is kept in $O/vm/tap/KERNEL/.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh || exit 1
. tests/vm/cell.sh || exit 1
read -ra kernels <<<"${KERNELS:-5.10 6.1 6.12 newest}"
read -ra suites <<<"${SUITES:-bullseye bookworm bookworm-backports trixie sid}"

tests/vm/kernel "${kernels[@]}" || bail_out "cannot fetch the kernels"
# makes the roots, and what goes into them: a VM has no network, and a slow CPU
for suite in "${suites[@]}"; do
	SUITE=$suite ROOT_PACKAGE='' ok "$suite on this host" tests/vm/smoke.t
done
for kernel in "${kernels[@]}"; do
	for suite in "${suites[@]}"; do
		VM_MEMORY=2048 cell "$kernel" "smoke-$suite" env O="$O" SRCPIN="$O/srcpin" SUITE="$suite" tests/vm/smoke.t
	done
done
cells
done_testing
