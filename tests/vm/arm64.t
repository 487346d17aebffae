#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Cross-built for arm64: kernel tests on Debian's arm64 kernels, each in a VM, and the unit tests on the last of these. KERNELS="6.1 newest",
# TESTS="table": those alone; SUITE=bookworm builds. The ways out are tried with all hooks: without each of them they would take an hour.
# What they said is kept in $O/vm/arm64/tap/KERNEL/. (Debian has no 5.10 for arm64 any more.)
cd "$(dirname "$0")/../.." || exit 1
export VM_ARCH=arm64
. tests/tap.sh || exit 1
. tests/vm/cell.sh || exit 1
read -ra kernels <<<"${KERNELS:-6.1 6.12 newest}"
read -ra tests <<<"${TESTS:-out table unit lifecycle lacks guard counters}"
export VM_ROOT=$vm/guest VM_DIR=/srv/srcpin

tests/vm/kernel "${kernels[@]}" || bail_out "cannot fetch the kernels"
ok "built on ${SUITE:-bookworm} for arm64" tests/vm/arm64 "${SUITE:-bookworm}"
is "$(od -An -tu2 -j18 -N2 "$VM_ROOT/srv/srcpin/build/srcpin")" "   183" "it is a program for arm64 (EM_AARCH64)"
ok "and its package is, without what lintian calls an error or warns of" lintian --allow-root --fail-on error,warning "$vm"/deb/*.changes
for t in "${tests[@]}"; do
	if [ "$t" = unit ]; then
		# shellcheck disable=SC2016 # the inner shell's
		cell "${kernels[-1]}" unit env CMOCKA_MESSAGE_OUTPUT=TAP sh -c 'for t in build/tests/unit/*/test_*; do "$t" || exit; done'
		continue
	fi
	for kernel in "${kernels[@]}"; do cell "$kernel" "$t" env ROWS_ONLY=1 tests/kernel/*/"$t.t"; done
done
cells
done_testing
