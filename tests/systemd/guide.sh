# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# GUIDE.md, and what it promises of the address.
#
#   block REGEX            the guide's first block of code in which a line matches
#   lines_for NAME         its lines for NAME are in $text, and in $file the file that they say they are for
#   chosen_by_the_kernel   the source that it chooses
#   given_to_nobody WHAT   our own address is there, and the kernel chooses the shared one

block() {
	awk -v wanted="$1" '
		/^```/ { if (inside && found) { printf "%s", text; exit } inside = !inside; text = ""; found = 0; next }
		inside { text = text $0 "\n"; if ($0 ~ wanted) found = 1 }' "$SYSTEMD_HERE/GUIDE.md"
}

lines_for() {
	text=$(block "^# $1: ")
	file=$(sed -n "s/^# $1: \([^,;]*\)[,;].*/\1/p" <<<"$text")
}

chosen_by_the_kernel() {
	on_vps ip -6 route get "$RECEIVER" | sed -n 's/.* src \([^ ]*\).*/\1/p'
}

given_to_nobody() {
	wait_until "our own address can be used" address_usable "$OWN"
	wait_until "the shared address is there" net_shared_address
	like "$(on_vps ip -6 addr show to "$OWN")" deprecated "$1: our own address is there, deprecated"
	is "$(chosen_by_the_kernel)" "$SHARED" "$1: the kernel chooses the other"
}
