# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Another srcpin, whose BPF programs are compiled with a header of the test before all others.

# variant NAME <<HEADER: sets $VARIANT to the binary
variant() {
	local built=${HELPERS%/tests/helpers} folder=$WORLD_DIR/$1 clang
	clang=$(command -v "${CLANG:-clang}") || bail_out "there is no ${CLANG:-clang}"
	mkdir -p "$folder/bin"
	cat >"$folder/first.h"
	printf '#!/bin/sh\nexec %s -include %s "$@"\n' "$clang" "$folder/first.h" >"$folder/bin/clang"
	chmod 755 "$folder/bin/clang"
	# all but the programs stays: only those, and what has them in it, are built again
	cp -a "$built/user" "$built/flags" "$folder" || bail_out "$built is not built"
	PATH=$folder/bin:$PATH make -s -C "$WORLD_TOP" O="$folder" >"$folder/log" 2>&1 ||
		bail_out "cannot build $1: $(tail -5 "$folder/log")"
	# shellcheck disable=SC2034 # for the caller
	VARIANT=$folder/srcpin
}
