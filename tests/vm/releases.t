#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What each Debian builds, with that Debian's libraries, on each kernel, in a VM: a header or a library that is newer than the kernel
# must not make a difference. SUITES="trixie sid", KERNELS="5.10 newest", TESTS="table": those alone.
# What they said is kept in $O/vm/tap/KERNEL/.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh || exit 1
. tests/vm/cell.sh || exit 1
read -ra suites <<<"${SUITES:-bookworm trixie sid}"
read -ra kernels <<<"${KERNELS:-5.10 6.1 6.12 6.18 newest}"
read -ra tests <<<"${TESTS:-lifecycle lacks guard}"

builds() { # SUITE
	tests/releases/root "$1" "$O/releases/$1-built" &&
		DIR=/srv/srcpin tests/releases/enter "$O/releases/$1-built" sh -c 'tools/setup build test && make -s -j2 all kernel'
}

tests/vm/kernel "${kernels[@]}" || bail_out "cannot fetch the kernels"
for suite in "${suites[@]}"; do
	ok "built on $suite" builds "$suite"
done
for kernel in "${kernels[@]}"; do
	for suite in "${suites[@]}"; do
		# shellcheck disable=SC2016 # the inner shell's
		cell "$kernel" "built-on-$suite" env DIR=/srv/srcpin ENVIRONMENT="MUST_RUN=1 PATIENCE=$PATIENCE" \
			tests/releases/enter "$O/releases/$suite-built" sh -c 'for t; do tests/kernel/*/"$t.t"; done' sh "${tests[@]}"
	done
done
cells
done_testing
