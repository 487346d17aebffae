#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What doctor and status say of programs that are refused: which setting of theirs helps. dig, host and ping are the real ones.
# Others are Python under their name, with the calls that they make (strace of the real ones, from Debian 12).

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/doctor/doctor.sh
. "$(dirname "${BASH_SOURCE[0]}")/doctor.sh" || exit 1

need python3 dig host ping
A4=192.0.2.25
A=2001:db8:2::25 FAR=2001:db8:9::1

# as NAME CODE: Python in the service, under that name; it goes on after an error
as() {
	inside "$WORLD_CGROUP" python3 -c "open('/proc/self/comm', 'w').write('$1')
from socket import *
try:
    $2
except OSError: pass"
}

# lives NAME [WRAPPER...]: a process of that name in the service, until dies
lives() {
	(
		echo "$BASHPID" >"$WORLD_CGROUP/cgroup.procs"
		# shellcheck disable=SC2016 # the script's own
		exec "${@:2}" "$BASH" -c 'printf %s "$1" >"/proc/$$/comm"; echo >&8; read -r _ <&9' -- "$1" 8>"$WORLD_DIR/born" 9<>"$WORLD_DIR/never"
	) &
	living=$!
	read -r _ <"$WORLD_DIR/born"
}

dies() {
	kill -KILL "$living"
	wait "$living" 2>/dev/null
}

# All processes but the one that lives
others_leave() {
	local pid
	while read -r pid; do
		[[ $pid == "$living" ]] || kill -KILL "$pid"
	done <"$WORLD_CGROUP/cgroup.procs"
	wait_until "it is alone" alone
}

alone() { [[ $(<"$WORLD_CGROUP/cgroup.procs") == "$living" ]]; }

remedy() { # ID
	jq -r ".checks[] | select(.id == \"$1\" and .level == \"finding\").remedy" <<<"$out"
}

names_not() { [[ $(remedy refused) != *"$1"* ]]; }

remedy_of_note() {
	doctor --json
	jq -r '.checks[] | select(.id == "program" and .level == "note").remedy' <<<"$out"
}

reset() {
	"$SRCPIN" status --cgroup "$WORLD_CGROUP" --reset >/dev/null
}

mkfifo "$WORLD_DIR/born" "$WORLD_DIR/never"
wildcard='the socket had a port, and no address'
connected='from the address at which the kernel had connected a UDP socket'
# what unbound, named, pdns_recursor, OpenDKIM and SpamAssassin do for each query
query="s = socket(AF_INET6, SOCK_DGRAM); s.bind(('::', 0)); s.connect(('$FAR', 53)); s.send(b'x')"
put "source = $A"
healthy "nothing was refused"

# ---- real programs

run inside "$WORLD_CGROUP" dig +tries=1 +time=1 "@$FAR" a.test
if [[ $("$SRCPIN" status --json | jq -r '.services[0].last_refusal.process') == null ]]; then
	skip_all "this kernel does not tell whose packet is dropped"
fi
finding refused "[1-9][0-9]* packets? refused: dropped_connected \($connected\), last of .*" "dig"
like "$(remedy refused)" "dig: -b SOURCE, or \+tcp.* \(srcpin status --cgroup /$WORLD_SECTION --reset .*\)" "dig: its setting"
# BIND 9.18's sends by a thread whose name it shares with the others (isc-net-0000), 9.20's by its first
process=$("$SRCPIN" status --json | jq -r '.services[0].last_refusal.process')
for setting in "host: -T" "nslookup: -vc" "nsupdate: -v" "delv: -b SOURCE"; do
	if [[ $process == dig ]]; then
		ok "dig: it is known by its own name, and not taken for ${setting%%:*}" names_not "$setting"
	else
		like "$(remedy refused)" "; $setting" "dig: its threads are named like those of ${setting%%:*}"
	fi
done
like "$("$SRCPIN" status --cgroup "$WORLD_CGROUP")" "refused  last .*: dropped_connected .*"$'\n'"  remedy   .*dig: -b SOURCE, or \+tcp" "dig: so says status"
like "$("$SRCPIN" status)" $'\n'"  remedy   .*dig: -b SOURCE, or \+tcp" "dig: so does its table"
like "$("$SRCPIN" status --json | jq -r '.services[0].last_refusal | .program + ": " + .remedy')" "dig: -b SOURCE, or \+tcp" "dig: so does JSON"
reset
healthy "dig: a reset forgets it"
run inside "$WORLD_CGROUP" dig +tries=1 +time=1 -b "$A" "@$FAR" a.test
run inside "$WORLD_CGROUP" dig +tries=1 +time=1 +tcp "@$FAR" a.test
healthy "dig with its setting"
run inside "$WORLD_CGROUP" host -W 1 a.test "$FAR"
finding refused ".*dropped_connected .*" "host"
like "$(remedy refused)" "host: -T" "host: its setting"
reset
run inside "$WORLD_CGROUP" host -W 1 -T a.test "$FAR"
healthy "host with its setting"

if command -v nslookup >/dev/null; then
	reset
	run inside "$WORLD_CGROUP" nslookup -timeout=1 -retry=0 a.test "$FAR"
	finding refused ".*dropped_connected .*" "nslookup"
	like "$(remedy refused)" "nslookup: -vc" "nslookup: its setting"
	reset
	run inside "$WORLD_CGROUP" nslookup -vc -timeout=1 -retry=0 a.test "$FAR"
	healthy "nslookup with its setting"
fi

reset
run inside "$WORLD_CGROUP" ping -c 1 -W 1 "$FAR"
if [[ $("$SRCPIN" status --json | jq -r '.services[0].last_refusal.process') == ping ]]; then
	finding refused "[1-9] packets? refused: dropped_source \(from another address than the source\), last of ping" "ping"
	like "$(remedy refused)" "^ping: -I SOURCE \(" "ping: its setting"
else
	has refused note "[1-9] packets? refused: dropped_source .*; .*have raw sockets bind the source" "ping: this kernel does not tell who it was"
fi
reset
ok "ping with its setting" inside "$WORLD_CGROUP" ping -c 1 -W 3 -I "$A" "$FAR"
healthy "ping with its setting"

# ---- resolvers, and filters that say nothing

for program in "unbound:udp-connect: no, or outgoing-interface: SOURCE" "named:query-source-v6 address SOURCE, query-source address SOURCE4" \
	"pdns_recursor:query-local-address=SOURCE"; do
	name=${program%%:*} setting=${program#*:}
	reset
	lives "$name"
	finding program "$name runs in it, and as it comes its questions to the DNS are refused" "$name, before its first query"
	like "$(remedy program)" "^$name: $setting" "$name: its setting"
	as "$name" "$query"
	finding refused "1 packet refused: dropped_connected \($connected\), last of $name" "$name, after it"
	like "$(remedy refused)" "^$name: $setting" "$name: its setting, still"
	lacks program "$name: that is said once"
	reset
	as "$name" "s = socket(AF_INET6, SOCK_DGRAM); s.bind(('::', 0)); s.sendto(b'x', ('$FAR', 53))"
	has program note "$name runs in it, and as it comes .*; none was so far, but others in it may have asked" "$name with its setting, beside others"
	like "$(remedy_of_note)" "^$name: $setting.*; not needed if it asks only exempt servers\$" "$name: which may need it"
	others_leave
	has program note "$name runs in it alone, and nothing was refused so far" "$name with its setting, alone"
	healthy "$name with its setting"
	occupy "$WORLD_CGROUP"
	dies
done
for program in "opendkim:OpenDKIM:ResolverConfiguration FILE, with server: udp-connect: no in FILE" \
	"spamd:SpamAssassin:in srcpin.conf exempt = RESOLVER, or ports = 25, 465, 587: its DNS then leaves unpinned"; do
	IFS=: read -r name shown setting <<<"$program"
	reset
	lives "$name"
	finding program "$shown runs in it, and as it comes its questions to the DNS are refused" "$name, before its first mail"
	like "$(remedy program)" "^$shown: $setting" "$name: its setting"
	as "$name" "$query"
	finding refused "1 packet refused: dropped_connected \($connected\), last of $name" "$name, after it"
	like "$(remedy refused)" "^$shown: $setting" "$name: its setting, still"
	reset
	as "$name" "s = socket(AF_INET6, SOCK_DGRAM); s.bind(('::', 0)); s.connect(('fd00:1::1', 53))"
	has program note "$shown runs in it, and as it comes .*; none was so far, but others in it may have asked" "$name, with a resolver that is exempt"
	healthy "$name, with a resolver that is exempt"
	dies
done

# what another program does says nothing of it
reset
lives opendkim
as smtp "socket(AF_INET6, SOCK_STREAM).connect(('::1', 24))"
has program note "OpenDKIM runs in it, and as it comes .*; none was so far, but others in it may have asked" "opendkim, and a connect of another program"
like "$(remedy_of_note)" "^OpenDKIM: ResolverConfiguration FILE" "its setting is still named"
dies
reset
lives unbound
as ntpd "socket(AF_INET6, SOCK_DGRAM).sendto(b'x', ('$FAR', 123))"
has program note "unbound runs in it, and as it comes .*; none was so far, but others in it may have asked" "unbound, and a datagram of another program"
dies

# the last refusal is another's
lives unbound
as unbound "$query"
as mailer "$query"
finding refused "2 packets refused: dropped_connected \($connected\), last of mailer" "two programs"
like "$(remedy refused)" "^unbound: udp-connect: no" "two programs: the one that is known and runs"
dies
finding refused "2 packets refused: dropped_connected .*, last of mailer" "nobody runs who is known"
like "$(remedy refused)" "^have the program bind the source, or exempt the destination that NAT gives it; end older ones with load --close-stale \(" "nobody runs who is known: what helps any program"

# ---- what a program does without

sent="s = socket(AF_INET6, SOCK_DGRAM); s.sendto(b'x', ('$FAR', 53)); s.connect(('$FAR', 53))"
reset
as rspamd "$sent"
as rspamd "$sent"
has refused note "2 calls refused: denied_wildcard \($wildcard\); rspamd: nothing to do, as the query has left before" "rspamd"
healthy "rspamd"
as mailer "$query"
finding refused "1 packet refused: dropped_connected .*, last of mailer" "rspamd, and another"

# ---- other reasons

reset
as courieresmtp "s = socket(AF_INET6); s.bind(('::', 0)); s.connect(('::ffff:192.0.2.1', 25))"
put "source = $A"$'\n'"source4 = 192.0.2.5"
as courieresmtp "s = socket(AF_INET6); s.bind(('::', 0)); s.connect(('::ffff:192.0.2.1', 25))"
finding refused "[12] calls? refused: denied_family \(the socket was IPv6-only\), last of courieresmtp" "Courier"
like "$(remedy refused)" "^Courier: SOURCE in ip6out and SOURCE4 in ipout, with Courier 1.0 SOURCE_ADDRESS_IPV6=SOURCE" "Courier: its setting"
put "source = $A"
reset
as vsftpd "s = socket(AF_INET6); s.bind(('2001:db8:1::5', 20)); s.connect(('$FAR', 2121))"
finding refused "1 call refused: denied_bound \(the socket was bound elsewhere\), last of vsftpd" "vsftpd"
like "$(remedy refused)" "^vsftpd: connect_from_port_20=NO" "vsftpd: its setting"
reset
as curl "s = socket(AF_INET6); s.bind(('::', 4444)); s.connect(('$FAR', 80))"
finding refused "1 call refused: denied_wildcard .*, last of curl" "curl"
like "$(remedy refused)" "^curl: --interface SOURCE" "curl: its setting"
reset
as $'odd\x1b[31m' "$query"
finding refused "1 packet refused: dropped_connected \($connected\), last of odd.*" "an odd name"
ok "an odd name is shown clean" test "${out//$'\x1b'/}" == "$out"

# ---- where the kernel chooses the source by itself, for a user of its own

ip -6 route add default via fe80::1 dev vps src $A table 77
ip -6 rule add uidrange 4711-4711 lookup 77
reset
lives unbound setpriv --reuid 4711 --regid 4711 --clear-groups
lacks program "a resolver whose user has a rule of routing"
is "$(inside "$WORLD_CGROUP" python3 -c "
import os
from socket import *
os.setresuid(4711, 4711, 4711)
$query
print(s.getsockname()[0])")" $A "it leaves from the source"
healthy "and nothing of it is refused"
is "$("$SRCPIN" status --json | jq -r '.services[0].counters.reasons | .exempt_wildcard, .passed_source')" $'1\n1' "the guard has judged it"
put "source = $A"$'\n'"bound = leave"
reset
finding program "unbound runs in it, and as it comes its questions to the DNS are refused" "with bound = leave it is refused all the same"
put "source = $A"$'\n'"guard = off"
reset
finding program "unbound runs in it, and as it comes its questions to the DNS are refused" "and with guard = off"
as unbound "$query"
finding refused "1 call refused: denied_wildcard \($wildcard\), last of unbound" "guard = off: at the connect"
dies
ip -6 rule del uidrange 4711-4711 lookup 77

# IPv4 likewise
ip addr add $A4/32 dev vps
ip route add default via 192.0.2.1 dev vps src $A4 table 77
"$SRCPIN" unload --cgroup "$WORLD_CGROUP" # what it was pinned to before is remembered
put "source4 = $A4"$'\n'"exempt = ::/0"
asked4() {
	inside "$WORLD_CGROUP" python3 -c "
import errno, os
from socket import *
os.setresuid(4711, 4711, 4711)
s = socket(AF_INET, SOCK_DGRAM)
s.bind(('0.0.0.0', 0))
s.connect(('192.0.2.1', 53))
try: s.send(b'x')
except OSError as e: print(errno.errorcode[e.errno])
else: print(s.getsockname()[0])"
}
is "$(asked4)" EPERM "IPv4: without the rule it is refused"
ip rule add uidrange 4711-4711 lookup 77
is "$(asked4)" $A4 "IPv4: with the rule it leaves from the source"
is "$("$SRCPIN" status --json | jq -r '.services[0].counters.reasons | .exempt_wildcard, .passed_source')" $'2\n1' "IPv4: the guard has judged it"
ip rule del uidrange 4711-4711 lookup 77
ip addr del $A4/32 dev vps

# ---- not there, or not asked

put "source = $A"$'\n'"mode = observe"
lives unbound
as unbound "$query"
lacks program "mode = observe: nothing is refused"
dies
ok "unload" "$SRCPIN" unload --all
done_testing
