#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The resolver (user/dns/dns.c) against real DNS servers: what is found, and what kind of nothing is not.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/dns.sh
. "$WORLD_HERE/dns.sh" || exit 1

PORT=53         # answers for all below test., refuses the rest
FAILS=5301      # asks that one, and wants a signature that it has not: SERVFAIL
SILENT=5302     # is stopped: takes questions and never answers
NOBODY=5303     # nothing listens
REFERS=5304     # has other zones, and asks nobody: an empty answer

many=()
for i in {1..12}; do
	many+=("--txt-record=many.test,$i$(printf 'x%.0s' {1..240})")
done
dns_serve $PORT --local=/test/ "${many[@]}" \
	--host-record=a.test,192.0.2.1 \
	--host-record=both.test,203.0.113.1,2001:db8:77::1 --host-record=both.test,203.0.113.2,2001:db8:77::2 \
	--cname=alias.test,both.test --cname=lost.test,none.test \
	--mx-host=both.test,mx2.test,20 --mx-host=both.test,mx1.test,5 --mx-host=both.test,mx0.test,5 --mx-host=null.test,.,0 \
	"--txt-record=spf.test,v=spf1 ip6:2001:db8:2::/64, -all" --txt-record=spf.test,another \
	--ptr-record=1.2.0.192.in-addr.arpa,p1.test --ptr-record=1.2.0.192.in-addr.arpa,p2.test \
	--ptr-record=5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa,mail.test
dns_serve $FAILS --dnssec --trust-anchor=.,20326,8,2,E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D \
	--server=$DNS_SERVER#$PORT
dns_serve $SILENT
kill -STOP "$DNS_PID"

# shellcheck disable=SC2016 # they are perl's
# Neither authoritative nor recursive; the question comes back without its EDNS (11 bytes)
nsenter --net="$WORLD_PEER" -- perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(LocalAddr => shift, Proto => "udp") or die;
	while (defined $s->recv(my $q, 512)) { $s->send(substr($q, 0, 2) . "\x80\0\0\1" . "\0" x 6 . substr($q, 12, -11)) }' "$DNS_SERVER:$REFERS" &
dns_pids+=($!)
refers() { nsenter --net="$WORLD_PEER" -- ss -Hlun | grep -q ":$REFERS "; }
wait_until "a server that refers to others answers" refers

lookup() { # PORT TYPE:NAME...: without the time
	local port=$1
	shift
	"$HELPERS/lookup" $DNS_SERVER:"$port" "$@" | sed '$d'
}

sorted() { tr ' ' '\n' | sort | paste -sd' '; }

is "$(lookup $PORT A:a.test)" "a.test: found 192.0.2.1" "A"
is "$(lookup $PORT AAAA:both.test | sorted)" "2001:db8:77::1 2001:db8:77::2 both.test: found" "AAAA: all of them"
is "$(lookup $PORT A:alias.test | sorted)" "203.0.113.1 203.0.113.2 alias.test: found" "A of an alias"
is "$(lookup $PORT MX:both.test)" "both.test: found 5 mx0.test 5 mx1.test 20 mx2.test" "MX: by preference"
is "$(lookup $PORT MX:null.test)" "null.test: found 0 " "MX: the root, for no mail at all (RFC 7505)"
is "$(lookup $PORT TXT:spf.test | sorted)" "$(sorted <<<"spf.test: found v=spf1 ip6:2001:db8:2::/64 -all another")" "TXT: the strings of one record are one"
is "$(lookup $PORT PTR:192.0.2.1 | sorted)" "1.2.0.192.in-addr.arpa: found p1.test p2.test" "PTR of IPv4: all of them"
like "$(lookup $PORT PTR:2001:db8:2::25)" '^5\.2\..*\.2\.ip6\.arpa: found mail\.test$' "PTR of IPv6"
is "$(lookup $PORT TXT:many.test | grep -o x1 | wc -l; lookup $PORT TXT:many.test | tr ' ' '\n' | grep -c xxx)" $'0\n12' \
	"an answer that is cut off is asked for again by TCP"

is "$(lookup $PORT A:none.test MX:none.test)" $'none.test: no such name (NXDOMAIN)\nnone.test: no such name (NXDOMAIN)' "no such name"
is "$(lookup $PORT AAAA:a.test MX:a.test TXT:a.test)" \
	$'a.test: no such record\na.test: no such record\na.test: no such record' "a name without such a record"
like "$(lookup $PORT A:lost.test)" 'lost.test: no such' "an alias that leads nowhere"
is "$(lookup $PORT A:elsewhere.example)" "elsewhere.example: the DNS server refused to answer (REFUSED)" "REFUSED"
is "$(lookup $FAILS A:a.test PTR:192.0.2.1)" \
	$'a.test: the DNS server failed (SERVFAIL)\n1.2.0.192.in-addr.arpa: the DNS server failed (SERVFAIL)' "SERVFAIL"
is "$(lookup $REFERS A:a.test)" "a.test: the DNS server does not look up names of others" "a referral says nothing about the name"
is "$(lookup $NOBODY A:a.test)" "a.test: no DNS server can be reached" "nothing listens"
is "$(lookup $PORT A:a..test "A:$(printf 'x%.0s' {1..64}).test")" \
	$'a..test: not a name that can be asked for\n'"$(printf 'x%.0s' {1..64}).test: not a name that can be asked for" "names that are none"

questions=()
for i in {1..40}; do
	questions+=("A:host$i.test" "AAAA:a.test")
done
questions=("${questions[@]:0:60}")
mapfile -t answers < <("$HELPERS/lookup" $DNS_SERVER:$SILENT "${questions[@]}")
is "$(printf '%s\n' "${answers[@]::60}" | sort -u | grep -vc 'the DNS did not answer in time$'; echo ${#answers[@]})" $'0\n61' "a server that never answers: unknown"
ok "60 questions wait for it at once, and give up in time: ${answers[60]} ms" test "${answers[60]}" -ge 7000 -a "${answers[60]}" -lt 15000
is "$("$HELPERS/lookup" $DNS_SERVER:$SILENT,$DNS_SERVER:$PORT A:a.test | sed '$d')" "a.test: found 192.0.2.1" "the next server is asked where one does not answer"

is "$(lookup $PORT hosts-A:both.test hosts-AAAA:both.test hosts-AAAA:nowhere.test)" \
	$'both.test: found 192.0.2.1\nboth.test: found 2001:db8:9::1\nnowhere.test: no such name (NXDOMAIN)' "/etc/hosts, by itself"
is "$(lookup $PORT hosts-AAAA:localhost)" "localhost: no such name (NXDOMAIN)" "/etc/hosts: of one family alone"
echo "nameserver $DNS_SERVER" >"$WORLD_DIR/resolv.conf"
mount --bind "$WORLD_DIR/resolv.conf" "$(realpath /etc/resolv.conf)"
is "$("$HELPERS/lookup" '' A:a.test | sed '$d')" "a.test: found 192.0.2.1" "the system's server, where none is named"
for none in nobody ',' '192.0.2.1,,' 192.0.2.1,nobody 2001:db8::g 192.0.2.1:x; do
	like "$("$HELPERS/lookup" "$none" 2>&1)" "^'$none' is no DNS server" "no server: $none"
done
done_testing
