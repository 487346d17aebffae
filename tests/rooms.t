#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The rooms of user/: an include goes down, never up, and never in a circle. HACKING.md shows which room includes which.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh || exit 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$PWD

# breaks FILE LINE COMPLAINT: with that line in it a copy of the tree is refused
breaks() {
	local said
	rm -rf "$work/user" && cp -r user "$work" && echo "$2" >>"$work/$1" &&
		! said=$(cd "$work" && perl "$here/tests/rooms.pl" 2>&1 >/dev/null) && grep -qF -e "$3" <<<"$said"
}

# The lines that are counted change with each commit: they are for the reader.
graph_is_current() {
	local drawn
	drawn=$(perl tests/rooms.pl 2>/dev/null | awk -F'|' '{ print $2 $5 }')
	diff <(echo "$drawn") <(grep -A"$(($(wc -l <<<"$drawn") - 1))" '^| room | files' HACKING.md | awk -F'|' '{ print $2 $5 }')
}

ok 'no include goes up, or in a circle; only kernel/ knows libbpf' perl tests/rooms.pl
ok 'a circle of files is refused' breaks user/base/text.c '#include "base/quote.h"' 'a circle: base/'
ok 'an include of a room above is refused' breaks user/base/text.c '#include "config/config.h"' 'base is below config'
ok 'so is one from between' breaks user/policy/policy.h '#include "report/report.h"' 'policy is below report'
ok 'libbpf in another room is refused' breaks user/report/report.c '#include <bpf/bpf.h>' 'only kernel/ includes <bpf/>'
ok 'an include without its room is refused' breaks user/report/report.c '#include "health.h"' 'names no room'
ok 'a second file of one name is refused' breaks user/report/policy.h '' 'there is user/policy/policy.h already'
ok 'HACKING.md shows it' graph_is_current
done_testing
