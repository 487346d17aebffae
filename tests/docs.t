#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The manual agrees with the program: each message is in srcpin-messages(7). And the picture shows these programs.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh || exit 1

page=user/man/srcpin-messages.7
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

preprocess() {
	local f
	make -s O="${O:-build}" all || return
	for f in user/*/*.c; do
		"${CC:-cc}" -E -D_GNU_SOURCE '-DSRCPIN_VERSION="0"' -Iinclude -Iuser -isystem "${O:-build}" "$f" -o "$work/$(basename "$f" .c).i" || return
	done
}

messages() {
	perl tests/messages.pl "$1" "$work"/*.i
}

# notices SED COMPLAINT: the page without, or with, one of its lines
notices() {
	local said
	sed "$1" "$page" >"$work/page"
	! said=$(messages "$work/page") && grep -qF -e "$2" <<<"$said"
}

picture_is_current() {
	tools/picture | cmp - tools/picture.svg && xmllint --noout tools/picture.svg && grep -qF '(tools/picture.svg)' README.md
}

reasons_are_current() {
	tools/reasons >"$work/reasons" && diff "$work/reasons" <(sed -n '/^\.SS Calls$/,/^\.SH METRICS$/{/^\.SH METRICS$/!p}' user/man/srcpin.8)
}

# The settings of user/report/remedy.c, as the preprocessor has them, are in PROGRAMS of srcpin(8)
settings_are_there() {
	perl -0777 -e '
		my ($table, $page) = map { open my $in, "<", $_ or die "$_: $!\n"; <$in> } @ARGV;
		my ($section) = $page =~ /^\.SH PROGRAMS\n(.*?)^\.SH /ms or die "no PROGRAMS\n";
		$section =~ s/\\-/-/g;
		my ($rows) = $table =~ /remedies\[\] = \{(.*?)\n\};/s or die "no table\n";
		while ($rows =~ /\{ "[^"]*", "([^"]*)", ROLE_\w+, [^"]*((?:"[^"]*"\s*)+)\}/g) {
			my ($program, $literals) = ($1, $2);
			my $setting = join "", $literals =~ /"([^"]*)"/g;
			$n++;
			next if $section =~ /^\.B \Q$program\E$/m && index($section, $setting) >= 0;
			die "not in srcpin(8): $program: $setting\n";
		}
		die "no setting\n" unless $n > 20;
	' "$1" "$2"
}

readme_is_short() {
	[ "$(wc -l <README.md)" -lt 250 ] && ! LC_ALL=C.UTF-8 grep -nE '^.{121}' README.md
}

misses_setting() {
	grep -v '^bindacqaddress' user/man/srcpin.8 >"$work/page" && ! settings_are_there "$work/remedy.i" "$work/page" 2>"$work/said" &&
		grep -q 'chronyd: bindacqaddress SOURCE' "$work/said"
}

# a copy of the tree in which one of the programs has another name
picture_misses() {
	mkdir "$work/tree" && cp -r bpf tools "$work/tree" &&
		sed -i 's/^int srcpin_sendmsg6(/int srcpin_recvmsg6(/' "$work/tree/bpf/srcpin.bpf.c" &&
		! "$work/tree/tools/picture" >/dev/null 2>"$work/said" && grep -q recvmsg6 "$work/said"
}

ok 'the sources can be read' preprocess
ok 'each message is in srcpin-messages(7), and no other' messages "$page"
ok 'one that is missing is noticed' notices '/cannot lock/d' 'cannot lock'
ok 'a part of one that is missing is noticed' notices 's/ (as many rules as fit are loaded)//' '(as many rules as fit are loaded)'
# shellcheck disable=SC2016 # $ is sed's
ok 'one that is not in the program is noticed' notices '$a.B "cannot do without"' 'cannot do without'
ok 'the picture of the README is what tools/picture draws' picture_is_current
ok 'which notices a program that it does not know' picture_misses
ok 'srcpin(8) says of each reason what its table says' reasons_are_current
ok 'srcpin(8) has the settings of all programs that status and doctor know' settings_are_there "$work/remedy.i" user/man/srcpin.8
ok 'one that is missing is noticed' misses_setting
ok 'the README can be read in one sitting: less than 250 lines, none over 120 columns' readme_is_short
done_testing
