#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The source itself is removed and added, again and again, while 16 processes
# connect: each connect is pinned or refused, and nothing leaves from another.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/lib/hammer.sh
. "$WORLD_HERE/hammer.sh" || exit 1

A=2001:db8:2::25
A4=192.0.2.25

world_ipv4_sources

# while_connecting N: until there were N connects more
while_connecting() {
	local until=$((count + $1))
	while ((count < until)); do
		count=$(hammer_count)
	done
}

# comes_and_goes WHAT ADDRESS OPTIONS CONNECTS REFUSAL...: which call may fail with what
comes_and_goes() {
	local what=$1 address=$2 options=$3 connects=$4 refusal allowed=() n=0 count=0 start=$SECONDS
	shift 4
	for refusal; do
		allowed+=(-a "$refusal")
	done
	hammer_start "${allowed[@]}" "$A" "$A4"
	while ((count < connects)); do
		while_connecting 1000
		ip addr del "$address" dev vps
		while_connecting 300
		# shellcheck disable=SC2086 # options are words
		ip addr add "$address" dev vps $options
		n=$((n + 1))
	done
	hammer_end
	diag "removed $n times in $((SECONDS - start)) s, $count connects"
	diag "$hammer_said"
	diag "$("$SRCPIN" status --json | jq -c '.services[0].counters.reasons | with_entries(select(.value > 0))')"
	is "$hammer_status" 0 "$what: each call is pinned or refused, no other address is seen, here or on the wire"
	ok "$what: removed some hundreds of times" test "$n" -ge "$((connects / 10000))"
	ok "$what: often pinned" test "$(hammer_sum 'connect good')" -ge $((connects / 3))
	ok "$what: often refused" test "$(hammer_sum "connect $(refusal EADDRNOTAVAIL)")" -ge $((connects / 100))
}

put "source = $A"$'\n'"source4 = $A4" || bail_out "cannot load: $err"
loaded=$(state)
ip addr del "$A/64" dev vps
ip addr add "$A/128" dev vps nodad preferred_lft 0
# EPERM: removed after the call was decided; the guard has dropped the packet
comes_and_goes "IPv6" "$A/128" "nodad preferred_lft 0" 1000000 {TCP,UDP}" connect $(refusal EADDRNOTAVAIL)" \
	"UDP sendto $(refusal EADDRNOTAVAIL)" "UDP send EPERM" "UDP sendto EPERM"
# ENETUNREACH, of older kernels EINVAL: the routing finds that the source is not here
comes_and_goes "IPv4" "$A4/32" "" 1000000 {TCP,UDP}" connect $(refusal EADDRNOTAVAIL)" \
	{"TCP connect","UDP connect","UDP send","UDP sendto"}" "{EINVAL,ENETUNREACH}
run "$SRCPIN" status
is "$?" 0 "status: all is well in the end"
same_state "$loaded" "nothing is left behind"
"$SRCPIN" unload --all

done_testing
