#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The last refusal of a service: when, which process, by which hook, where to and why; as people and as programs read it.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

need python3
A=2001:db8:2::25
one=$WORLD_CGROUP/one.service two=$WORLD_CGROUP/two.service

# last SERVICE FILTER: of its last_refusal
last() {
	"$SRCPIN" status --cgroup "$1" --json | jq -c ".services[0].last_refusal | $2"
}

# fails CODE: Python in the service one, with the address to call; its process id is in $pid
fails() {
	cat >"$WORLD_DIR/call.py" <<-END
		import os, socket, sys
		from socket import *
		print(os.getpid())
		open("/proc/self/comm", "w").write("mailer [31m\033")
		try:
		    $1
		    sys.exit("it did not fail")
		except OSError:
		    pass
	END
	pid=$(inside "$one" python3 "$WORLD_DIR/call.py") || bail_out "$1: it did not fail"
	has_host_pids || pid=null
}

# refused HOOK DEST PORT REASON WHAT: by the process that was just there
refused() {
	is "$(last one.service '[.process, .pid, .hook, .destination, .port, .reason]')" "[\"mailer [31m?\",$pid,\"$1\",\"$2\",$3,\"$4\"]" "$5"
}

mkdir "$one" "$two"
occupy "$one" "$two"
CONFIG=$WORLD_DIR/srcpin.conf
policies() {
	printf '[one.service]\nsource = 2001:db8:2::99\nipv4 = deny\nbound = deny\n%s\n[two.service]\nsource = %s\n' "${1-}" "$A" >"$CONFIG"
}
policies
for cgroup in "$one" "$two"; do "$SRCPIN" load --cgroup "$cgroup" -c "$CONFIG" >/dev/null 2>&1; done
is "$(last one.service .) $("$SRCPIN" status | grep -c '^  refused ')" "null 0" "none yet"

before=$(date +%s)
fails 'socket(AF_INET6, SOCK_STREAM).connect(("2001:db8:9::1", 25))'
refused connect 2001:db8:9::1 25 denied_missing "TCP connect: the source is missing"
when=$(last one.service .when | tr -d '"')
after=$(date +%s)
like "$when" '^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9]{3}Z$' "when: as RFC 3339 has it"
seconds=$(date -d "$when" +%s)
ok "when: that is when it was" test "$((before - 1))" -le "$seconds" -a "$seconds" -le "$((after + 1))"
is "$(last two.service .)" null "the other service has none"

# who is in a PID namespace has the host's number
run unshare --pid --fork --mount-proc "$SRCPIN" status --cgroup "$one" --json
number=$(jq '.services[0].last_refusal.host_pid' <<<"$out")
is "$(jq -c '.services[0].last_refusal | [.process, .pid]' <<<"$out")" '["mailer [31m?",null]' "in a PID namespace it has no number of its own"
if has_host_pids; then is "$number" "$pid" "but the host's"; else number="[0-9]+ of the host"; fi

# people have it by their own clock
run env TZ=Asia/Tokyo "$SRCPIN" status
line=$(TZ=Asia/Tokyo date -d "$when" '+  refused  last %F %H:%M:')
like "$out" "one.service: DEGRADED"$'\n'"  problem [^"$'\n'"]*"$'\n'"${line}[0-6][0-9]: mailer \[31m\? \(pid $number\), connect to 2001:db8:9::1 port 25: \
denied_missing \(the source was not on this host\)" "the table has it below, in local time"
is "$(grep -c '  refused ' <<<"$out")" 1 "and only of that service"
like "$("$SRCPIN" status --cgroup "$one")" $'\n'"  refused  last " "so do the details"
like "$("$SRCPIN" status --prometheus)" "srcpin_service_last_refusal_timestamp_seconds\{service=\"one.service\",cgroup=\"[^\"]*\"\} $seconds\.[0-9]{3}"$'\n' \
	"the metrics have its time"
is "$("$SRCPIN" status --prometheus | grep -c '^srcpin_service_last_refusal_timestamp_seconds{service="two.service".* 0.000$')" 1 "and 0 for the other"

fails 'socket(AF_INET6, SOCK_DGRAM).sendto(b"x", ("2001:db8:77::1", 53))'
refused sendmsg 2001:db8:77::1 53 denied_missing "UDP sendto"
fails 'socket(AF_INET, SOCK_DGRAM).connect(("192.0.2.1", 7))'
refused connect 192.0.2.1 7 denied_rule "IPv4"
fails 'socket(AF_INET6, SOCK_DGRAM).connect(("::ffff:192.0.2.1", 8))'
refused connect 192.0.2.1 8 denied_rule "v4-mapped: as IPv4"
fails 's = socket(AF_INET6, SOCK_DGRAM); s.bind(("2001:db8:1::5", 4000)); s.connect(("2001:db8:9::1", 9))'
refused connect 2001:db8:9::1 9 denied_missing "bound elsewhere, and the source is missing"

# which process sent a packet, 6.18 tells the guard and 6.12 does not
fails 'socket(AF_INET6, SOCK_RAW, 253).sendto(b"x", ("2001:db8:9::1", 0))'
[[ $(last one.service .process) != '""' ]] || pid=0
is "$(last one.service '[.hook, .destination, .port, .reason]')" '["packet","2001:db8:9::1",0,"dropped_source"]' "a raw socket: the guard"
if [[ $pid != 0 ]]; then
	refused packet 2001:db8:9::1 0 dropped_source "a raw socket: whose"
else
	like "$("$SRCPIN" status)" "refused  last [-0-9: ]*: packet to 2001:db8:9::1: dropped_source" "a raw socket: whose, this kernel does not tell"
fi

# it lives as long as the counters
was=$(last one.service 'del(.when)')
"$SRCPIN" reload >/dev/null 2>&1
"$SRCPIN" load --cgroup "$one" -c "$CONFIG" >/dev/null 2>&1
is "$(last one.service 'del(.when)')" "$was" "a reload and another load keep it"
run "$SRCPIN" status --cgroup "$two" --reset
is "$(last one.service 'del(.when)')" "$was" "a reset of the other service, too"
run "$SRCPIN" status --reset
is "$? $(last one.service .)" "0 null" "a reset forgets it"
fails 'socket(AF_INET6, SOCK_DGRAM).connect(("2001:db8:9::1", 25))'
refused connect 2001:db8:9::1 25 denied_missing "the next one is noted again"
"$SRCPIN" unload --cgroup "$one"
"$SRCPIN" load --cgroup "$one" -c "$CONFIG" >/dev/null 2>&1
is "$(last one.service .)" null "unloaded and loaded anew: there is none"

# the remedy is for the state that the source is in now
S=2001:db8:2::98
remedy() { # WHAT REMEDY: in JSON and for people
	is "$(last one.service .remedy)" "\"$2\"" "remedy, $1: JSON"
	is "$("$SRCPIN" status --cgroup "$one" | sed -n 's/^  remedy *//p')" "$2" "remedy, $1: people"
}
printf '[one.service]\nsource = %s\nto = 2001:db8:77::/48 2001:db8:2::97\n' "$S" >"$CONFIG"
"$SRCPIN" load --cgroup "$one" -c "$CONFIG" >/dev/null 2>&1
connects() { fails 'socket(AF_INET6, SOCK_DGRAM).connect(("2001:db8:9::1", 25))'; }
connects
remedy "no device has it" "give it to the host: ip addr add $S/64 dev DEVICE preferred_lft 0 (/128, if only this address is the host's)"
sysctl -qw net.ipv6.conf.vps.dad_transmits=1000
ip addr add "$S/64" dev vps preferred_lft 0
connects
remedy tentative "wait a second; if it stays so, see whether vps has a carrier (ip link show dev vps)"
sysctl -qw net.ipv6.conf.vps.dad_transmits=1
ip addr del "$S/64" dev vps
in_peer ip addr add "$S/64" dev peer nodad
ip addr add "$S/64" dev vps preferred_lft 0
is_duplicate() { [[ $(ip -6 addr show dev vps dadfailed) == *"$S"* ]]; }
wait_until "the duplicate is noticed" is_duplicate
remedy "another host has it" "find the other host (ip -6 neigh), then ip addr del and ip addr add"
in_peer ip addr del "$S/64" dev peer
ip addr del "$S/64" dev vps
ip addr add "$S/64" dev vps nodad preferred_lft 0
wait_until "the address is usable" world_usable
remedy "it is back" "nothing to do: the source is usable now"
is "$(inside "$one" "$HELPERS/inside" "$one" 2001:db8:9::1)" "$S" "and it is pinned"
fails 'socket(AF_INET6, SOCK_DGRAM).connect(("2001:db8:77::1", 25))'
remedy "another source is for the destination" "give it to the host: ip addr add 2001:db8:2::97/64 dev DEVICE preferred_lft 0 (/128, if only this address is the host's)"
printf '[one.service]\nsource = %s\nexempt = 2001:db8:77::/48\n' "$S" >"$CONFIG"
"$SRCPIN" reload --cgroup "$one" >/dev/null 2>&1
remedy "it is exempt by now" "nothing to do: 2001:db8:77::1 is not pinned any more"
printf '[one.service]\nsource = %s\nsource4 = 192.0.2.97\n' "$S" >"$CONFIG"
"$SRCPIN" reload --cgroup "$one" >/dev/null 2>&1
fails 'socket(AF_INET, SOCK_STREAM).connect(("192.0.2.1", 25))'
fails 'socket(AF_INET, SOCK_STREAM).bind(("0.0.0.0", 0))'
printf '[one.service]\nsource = %s\n' "$S" >"$CONFIG"
"$SRCPIN" reload --cgroup "$one" >/dev/null 2>&1
remedy "its family is not pinned by now, and the other one is" "nothing to do: 192.0.2.1 is not pinned any more"
policies
"$SRCPIN" reload --cgroup "$one" >/dev/null 2>&1
"$SRCPIN" status --reset >/dev/null 2>&1
ip addr del "$S/64" dev vps

# what is only observed is not refused
policies 'mode = observe'
"$SRCPIN" reload >/dev/null 2>&1
is "$(inside "$one" "$HELPERS/inside" "$one" 2001:db8:9::1)" 2001:db8:1::5 "mode = observe: goes on"
is "$(last one.service .)" null "and is no refusal"
done_testing
