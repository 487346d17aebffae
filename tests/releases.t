#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The short form of make check-releases: on a fresh Debian 13 (SUITE=sid: another one) it builds without a warning, and the unit
# tests and the table pass.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh || exit 1
O=$(realpath -m "${O:-build}")
export O
SUITE=${SUITE:-trixie}
root=$O/releases/$SUITE-short

[ "$(id -u)" = 0 ] || skip_all "root is needed"
need mmdebstrap pivot_root

inside() {
	DIR=/srv/srcpin tests/releases/enter "$root" "$@"
}

ok "a fresh Debian ($SUITE)" tests/releases/root "$SUITE" "$root"
ok 'it has the packages, by their names' inside tools/setup build test
ok 'no warning, nor an error' inside make -s -j2 WERROR=-Werror all unit kernel
ok 'the unit tests pass' inside make -s WERROR=-Werror check
ok 'the table passes' inside tests/kernel/table/table.t
rm -rf --one-file-system "$root"
done_testing
