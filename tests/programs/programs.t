#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A dozen of the real programs, those that this host has: the rows of the tables whose program is here. make check-programs has the others.

installed=(dig 'dig, IPv4' host nslookup 'glibc: getent' dnsmasq ping 'ping, IPv4' 'bash /dev/tcp' 'bash /dev/udp' logger
	'Python socket' 'Python smtplib' 'Python, bound UDP' 'Perl IO::Socket::IP' 'Perl UDP, LocalPort')
export ROOT=/
# shellcheck source=tests/programs/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
need dig host nslookup dnsmasq ping

wanted() {
	local name
	program=$1
	for name in "${installed[@]}"; do
		[[ $1 != "$name" ]] || return 0
	done
	return 1
}

for table in resolvers clients others runtimes mail; do
	# shellcheck disable=SC1090 # one of the tables
	. "$PROGRAMS/$table.sh"
done
is "$rows" "${#installed[@]}" "each of them has its row"
done_testing
