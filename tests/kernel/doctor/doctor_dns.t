#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What doctor finds in the DNS, asked of real servers: dnsmasq for names and SPF, rbldnsd for blocklists.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/doctor/doctor.sh
. "$(dirname "${BASH_SOURCE[0]}")/doctor.sh" || exit 1
# shellcheck source=tests/kernel/lib/dns.sh
. "$WORLD_HERE/dns.sh" || exit 1

need rbldnsd strace
A=2001:db8:2::25
SHARED=2001:db8:1::5
SECTION="source = $A"

# names OPTION...: the zone "test", by another dnsmasq; *.bl.test is asked of rbldnsd
names() {
	dns_stop
	dns_serve 53 --cache-size=0 --local=/test/ --local=/arpa/ --server="/bl.test/$DNS_SERVER#5300" "$@"
}

pointer() { # ADDRESS
	perl -MSocket=inet_pton,AF_INET6 -e 'print join(".", reverse split //, unpack "H*", inet_pton AF_INET6, shift), ".ip6.arpa"' "$1"
}

# lists ZONE=LINES...: blocklists below bl.test, until they are made anew
lists() {
	local zone zones=()
	if [[ -n ${rbl-} ]]; then
		kill -KILL "$rbl"
		wait "$rbl" 2>/dev/null
	fi
	for zone; do
		printf '%b\n' "${zone#*=}" >"$WORLD_DIR/${zone%%=*}.zone"
		zones+=("${zone%%=*}.bl.test:ip6trie:$WORLD_DIR/${zone%%=*}.zone")
	done
	# rbldnsd refuses to be root
	nsenter --net="$WORLD_PEER" -- rbldnsd -n -u nobody -b "$DNS_SERVER/5300" "${zones[@]}" >"$WORLD_DIR/rbldnsd.log" 2>&1 &
	rbl=$!
	wait_until "rbldnsd answers" dns_answers 5300
}

# with_lists NAME...: these are in the config, and the section of the service
with_lists() {
	put "$SECTION"
	printf '[doctor]\ndnsbl = %s\n' "$*" >>"$CONFIG"
}

rbl_end() {
	local status=$?
	if [[ -n ${rbl-} ]]; then
		kill -KILL "$rbl"
		wait "$rbl" 2>/dev/null
	fi
	(exit "$status")
	dns_end
}
trap rbl_end EXIT
chmod 711 "$WORLD_DIR"

# ---- nothing is sent without being asked for

with_lists none
run strace -f -qq -o "$WORLD_DIR/trace" -e trace=socket "$SRCPIN" doctor -c "$CONFIG"
is "$? $(grep -c AF_INET "$WORLD_DIR/trace")" "0 0" "without --dns and --online: no socket of the internet"
has dns note "not asked for names, SPF and blocklists: .*" "it says so"

# ---- the names

doctor_options=(--dns "$DNS_SERVER")
names
lacks dns "the DNS is asked"
finding ptr "the source has no PTR" "no PTR"
names --ptr-record="$(pointer $A),mail.test"
has ptr ok mail.test "a PTR"
finding fcrdns "the PTR of the source is mail.test, whose AAAA is not the source" "the name has no address"
names --ptr-record="$(pointer $A),mail.test" --host-record=mail.test,2001:db8:2::26 --host-record=other.test,$A
finding fcrdns "the PTR of the source is mail.test, whose AAAA is not the source" "the name has another address"
names --host-record=mail.test,$A
has fcrdns ok "the AAAA of mail.test is the source" "the name leads back"
healthy "the names are as they should be"
names --ptr-record="$(pointer $A),gone.test" --ptr-record="$(pointer $A),mail.test" --host-record=mail.test,2001:db8:2::26,192.0.2.25 \
	--host-record=mail.test,$A
has fcrdns ok "the AAAA of mail.test is the source" "one name of two leads back"
names --ptr-record="$(pointer $A),mail.elsewhere"
has fcrdns unknown "AAAA of mail.elsewhere: the DNS server refused to answer \(REFUSED\)" "the name's server refuses to tell"
healthy "no finding is made of it"
many=()
for i in {1..8}; do many+=(--ptr-record="$(pointer $A),n$i.test"); done
names "${many[@]}"
finding fcrdns "the PTR of the source is n[1-8].test, whose AAAA is not the source" "8 names, none of which leads back"
names "${many[@]}" --ptr-record="$(pointer $A),n9.test"
has fcrdns unknown "the source has 9 names, of which the first 8 do not lead back to it" "9 names"
healthy "no finding is made of 9 names"

SECTION="source4 = 192.0.2.5"
with_lists none
ip route add default via 192.0.2.1
names
finding ptr "the source has no PTR" "IPv4: no PTR"
names --ptr-record=5.2.0.192.in-addr.arpa,mail.test --host-record=mail.test,$A
finding fcrdns "the PTR of the source is mail.test, whose A is not the source" "IPv4: the name has no address"
names --host-record=mail.test,192.0.2.5
healthy "IPv4: the name leads back"
SECTION="source4 = 10.0.0.5"
with_lists none
has ptr note "a private address: .*" "a private address has no name for others"
healthy "private: nothing is asked"
ip route del default
SECTION="source = $A"
with_lists none

# ---- SPF

# spf LEVEL RESULT RECORD WHAT [OPTION...]: of spf.test
spf() {
	names --host-record=mail.test,$A --txt-record="spf.test,${3//,/\" \"}" "${@:5}"
	if [[ $1 == finding ]]; then finding spf "$2" "$4"; else has spf "$1" "$2" "$4"; fi
}

doctor_options+=(--domain spf.test)
names --host-record=mail.test,$A
finding spf "SPF of spf.test does not cover the source: none \(spf.test has no SPF record\)" "no record"
is "$(jq -r '.checks[] | select(.id == "spf").remedy' <<<"$out")" "make a record (a TXT of the domain) that has ip6:$A" "no record: the remedy"
spf ok "spf.test: pass, by 'ip6:$A' of spf.test" "v=spf1 ip6:$A -all" "ip6, the address"
healthy "SPF passes"
spf ok "spf.test: pass, by 'ip6:2001:db8:2::/64' of spf.test" "v=spf1 ip6:2001:db8:2::/64 -all" "ip6, a prefix"
spf finding "SPF of spf.test does not cover the source: fail \('-all' of spf.test\)" "v=spf1 ip6:2001:db8:1::/64 ip4:192.0.2.0/24 -all" "-all"
spf finding ".*: softfail \('~all' of spf.test\)" "v=spf1 ~all" "~all"
spf finding ".*: neutral \('\?all' of spf.test\)" "v=spf1 ?all" "?all"
spf finding ".*: neutral \(no term of spf.test is for it\)" "v=spf1" "nothing at all"
spf finding ".*: none \(spf.test has no SPF record\)" "v=spf10 +all" "another version"
spf ok ".*: pass, by 'a:mail.test' of spf.test" "v=spf1 a:mail.test -all" "a"
spf ok ".*: pass, by 'a:mail.test/24//64' of spf.test" "v=spf1 a:mail.test/24//64 -all" "a, the network" --host-record=mail.test,2001:db8:2::77
spf ok ".*: pass, by 'mx' of spf.test" "v=spf1 mx -all" "mx" --mx-host=spf.test,gone.test,10 --mx-host=spf.test,mail.test,20
spf ok ".*: pass, by 'ip6:$A' of _b.test" "v=spf1 include:_a.test include:_b.test -all" "include" \
	--txt-record="_a.test,v=spf1 -all" --txt-record="_b.test,v=spf1 ip6:$A"
spf finding ".*: fail \('-include:_b.test' of spf.test\)" "v=spf1 -include:_b.test +all" "-include" --txt-record="_b.test,v=spf1 ip6:$A"
spf ok ".*: pass, by '\+all' of _a.test" "v=spf1 redirect=_a.test" "redirect" --txt-record="_a.test,v=spf1 +all"
spf ok ".*: pass, by 'exists:%\{ir\}.%\{v\}._spf.%\{d\}' of spf.test" "v=spf1 exists:%{ir}.%{v}._spf.%{d} -all" "exists, with macros" \
	--host-record="$(pointer $A | sed 's/ip6.arpa/ip6._spf.spf.test/'),127.0.0.2"
spf ok ".*: pass, by 'ptr:mail.test' of spf.test" "v=spf1 ptr:mail.test -all" "ptr"
spf finding ".*: permerror \('ip6:2001:db8::/129' is wrong, in the record of spf.test\)" "v=spf1 ip6:$A ip6:2001:db8::/129 -all" "an error behind what fits"
spf finding ".*: permerror \('a:%\{x\}.test' is wrong, .*" "v=spf1 a:%{x}.test -all" "a macro that is none"
spf finding ".*: permerror \(spf.test has more than one record\)" "v=spf1 +all" "two records" --txt-record="spf.test,v=spf1 +all "
mapfile -t hosts < <(printf -- '--host-record=h%d.test,2001:db8:9::1\n' {1..11})
spf finding ".*: permerror \(more than 10 terms ask the DNS, in the record of spf.test\)" \
	"v=spf1 $(printf 'a:h%d.test ' {1..11})+all" "11 terms that ask" "${hosts[@]}"
spf ok ".*: pass, by '\+all' of spf.test" "v=spf1 $(printf 'a:h%d.test ' {1..10})+all" "10 terms that ask" "${hosts[@]}"
spf finding ".*: permerror \(more than 2 terms ask for what is not there, .*" "v=spf1 a:x1.test a:x2.test a:x3.test +all" "3 terms that ask for nothing"
spf ok ".*: pass, by '\+all' of spf.test" "v=spf1 a:x1.test a:x2.test +all" "2 terms that ask for nothing"
spf finding ".*: permerror \(more than 10 terms ask the DNS, .*" "v=spf1 include:spf.test +all" "a loop"
spf unknown "SPF of spf.test: x.elsewhere: the DNS server refused to answer \(REFUSED\)" "v=spf1 include:x.elsewhere -all" "a record that cannot be asked for"
healthy "SPF unknown: no finding is made of it"
spf unknown "SPF of spf.test: mail.elsewhere: the DNS server refused to answer \(REFUSED\)" "v=spf1 ptr:mail.elsewhere -all" "ptr, whose name cannot be asked for" \
	--ptr-record="$(pointer $A),mail.elsewhere"
healthy "ptr unknown: no finding is made of it"
spf finding ".*: fail \('-all' of spf.test\)" "v=spf1 ptr:mail.elsewhere -all" "ptr, of another name"
doctor_options=(--dns "$DNS_SERVER")

# ---- blocklists

names --host-record=mail.test,$A
with_lists one.bl.test two.bl.test
lists one= two=
has dnsbl ok "$A and its /64 are not in one.bl.test, two.bl.test" "in no list"
has dnsbl ok "without srcpin: $SHARED and its /64 are not in one.bl.test, two.bl.test" "nor what the kernel would choose"
lists one= "two=:127.0.0.2:spam from \$\n$A"
finding dnsbl "$A is in two.bl.test: 127.0.0.2 \(spam from .*\)" "the source is listed"
has dnsbl ok "$A and its /64 are not in one.bl.test" "and in the other list it is not"
lists one= "two=:127.0.0.4:neighbours\n2001:db8:2::/64"
finding dnsbl "the /64 of $A is in two.bl.test: 127.0.0.4 \(neighbours\)" "its /64 is listed"
lists one= "two=:127.0.0.4:neighbours\n2001:db8:2::/64\n!$A"
finding dnsbl "the /64 of $A is in two.bl.test: 127.0.0.4 \(neighbours\)" "its /64 is, and it is not"
lists "one=:127.0.0.2:the neighbours' spam\n2001:db8:1::/64" two=
has dnsbl note "without srcpin: the /64 of $SHARED is in one.bl.test: 127.0.0.2 \(the neighbours' spam\)" "what the kernel would choose is listed"
healthy "that is no finding, but why there is srcpin"
lists "one=:127.0.0.2:bad\033[31m words\n$A" two=
finding dnsbl "$A is in one.bl.test: 127.0.0.2 \(bad\?\[31m words\)" "what the list says is cleaned"

for code in "252:no such list there" "254:asked through a public resolver" "255:asked too often" "250:an error"; do
	lists "one=:127.255.255.${code%%:*}:query refused\n0::/0" two=
	has dnsbl unknown "$A in one.bl.test: it refuses to tell: 127.255.255.${code%%:*} \(${code#*:}\)" "refused: ${code#*:}"
	healthy "refused is not listed"
done
lists "one=:127.0.0.2:the list is closed\n0::/0" two=
has dnsbl unknown "$A in one.bl.test: it lists even what no list may \(RFC 5782, 5\)" "a list that lists everything"
healthy "that is not listed"
lists two=
has dnsbl unknown "$A in one.bl.test: .*REFUSED.*" "a list that refuses to answer"
has dnsbl ok "$A and its /64 are not in two.bl.test" "and the other one answers"
with_lists gone.test two.bl.test
has dnsbl unknown "$A in gone.test: there is no such list any more" "a list that is gone"
names --host-record=mail.test,$A --address=/hijacked.test/10.1.2.3 --address=/one.test/127.0.0.1
with_lists hijacked.test one.test
has dnsbl unknown "$A in hijacked.test: it answers 10.1.2.3, which no blocklist does: .*" "a resolver that makes up addresses"
has dnsbl unknown "$A in one.test: it answers 127.0.0.1, which no blocklist does: .*" "127.0.0.1 is no listing"
healthy "no finding is made of it"

SECTION="source4 = 192.0.2.5"
ip route add default via 192.0.2.1
with_lists four.test
names --host-record=mail.test,192.0.2.5 --address=/5.2.0.192.four.test/127.0.0.3 --host-record=four.test,127.0.0.9
finding dnsbl "192.0.2.5 is in four.test: 127.0.0.3 \(no reason given\)" "IPv4 is listed"
names --host-record=mail.test,192.0.2.5 --address=/5.2.0.192.four.test/127.0.0.3 --host-record=four.test,127.0.0.9 --server=/1.0.0.127.four.test/#
has dnsbl unknown "192.0.2.5 in four.test: listed, unless it lists everything, which is not known: .*REFUSED.*" "whether it lists everything is not known"
names --host-record=mail.test,192.0.2.5 --host-record=four.test,127.0.0.9
has dnsbl ok "192.0.2.5 is not in four.test" "IPv4 is not listed"
ip route del default
SECTION="source = $A"

# ---- the DNS does not answer

with_lists one.bl.test two.bl.test
doctor_options=(--dns "$DNS_SERVER:54" --domain spf.test)
has ptr unknown "PTR of the source: no DNS server can be reached" "no server there"
doctor --json
is "$? $(jq -c '[.findings, (.unknown > 4)]' <<<"$out")" "0 [0,true]" "no server there: unknown, and no finding"
doctor_options=(--dns "$DNS_SERVER" --domain spf.test)
kill -STOP "$DNS_PID"
begin=$SECONDS
doctor --json
is "$? $(jq -c '[.findings, (.unknown > 4)]' <<<"$out")" "0 [0,true]" "a silent server: unknown, and no finding"
ok "it waits no longer than 25 s for all together" test $((SECONDS - begin)) -le 25
like "$(jq -r '.checks[] | select(.id == "ptr").seen' <<<"$out")" "the DNS did not answer in time" "it says so"
kill -CONT "$DNS_PID"

# ---- the servers of the host; usage; a cgroup named doctor

doctor_options=(--online)
echo "nameserver $DNS_SERVER" >"$WORLD_DIR/resolv.conf"
mount --bind "$WORLD_DIR/resolv.conf" "$(realpath /etc/resolv.conf)"
names
finding ptr "the source has no PTR" "--online: the servers of resolv.conf"
names --host-record=mail.test,$A
has fcrdns ok "the AAAA of mail.test is the source" "--online: they know it now"
umount "$(realpath /etc/resolv.conf)"

for options in "--dns ::1 --online" "--domain spf.test" "--online --domain a..b" "--online --domain ''" "--dns nobody"; do
	eval "run \"\$SRCPIN\" doctor $options"
	is "$?" 1 "usage: doctor $options"
	ok "it says so in one sentence" one_sentence "$err"
done

doctor_options=()
mkdir "$WORLD_CGROUP/doctor"
occupy "$WORLD_CGROUP/doctor"
config "dnsbl = none" doctor
run "$SRCPIN" load --cgroup "$WORLD_CGROUP/doctor" -c "$CONFIG"
is "$?" 1 "[doctor] is no service's"
config "source = $A" 'docto[r]'
ok "a cgroup of that name has its section by a glob" "$SRCPIN" load --cgroup "$WORLD_CGROUP/doctor" -c "$CONFIG"
ok "unload" "$SRCPIN" unload --all
done_testing
