#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What an older kernel lacks, and what is done instead: `load -v` says so, and so it is.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

# before 5.11 the memory of BPF counts against this limit, and each service takes some
ulimit -l 64
config "source = 2001:db8:2::99"
run "$SRCPIN" -v load --cgroup "$WORLD_CGROUP" -c "$CONFIG"
is "$?" 0 "load -v exits with 0, under a limit of 64 kB of locked memory"
said=$(grep -c '^srcpin: this kernel has no bpf_set_retval (Linux 5.18): .* fails with EPERM' <<<"$err")
if [[ $(refusal EADDRNOTAVAIL) == EPERM ]]; then
	is "$said" 1 "it says that what is refused fails with EPERM"
else
	is "$said" 0 "it says nothing of errnos, which hooks can choose"
fi
# (some kernel between the two was the first)
said=$(grep -c '^srcpin: this kernel does not tell the guard which process runs (Linux 6.18 does, 6.12 does not): ' <<<"$err")
is "$said" "$([[ $(printf '%s\n' 6.18 "$(uname -r)" | sort -V | head -1) == 6.18 ]]; echo $?)" \
	"it says whether the guard is told which process runs"
is "$(source_of "$WORLD_CGROUP")" "$(refusal EADDRNOTAVAIL)" "so it does"
said=$(grep -c '^srcpin: this kernel has no bpf_icmp_send (Linux 7.3): ' <<<"$err")
is "$said" "$([[ $(printf '%s\n' 7.3 "$(uname -r)" | sort -V | head -1) == 7.3 ]]; echo $?)" \
	"it says whether the guard can tell a connect that its packets are dropped"

# connects that are under way when the pin comes, to where nobody answers: from then on the guard drops what they send
SILENT=2001:db8:79::1 SILENT4=198.51.101.1
in_peer ip -6 route add blackhole $SILENT/128
in_peer ip route add blackhole $SILENT4/32
ip route add $SILENT4/32 via 192.0.2.1
"$SRCPIN" unload --all
for to in $SILENT $SILENT4; do
	inside "$WORLD_CGROUP" bash -c "exec 3<>/dev/tcp/$to/25" 2>"$WORLD_DIR/$to" &
	connects+=($!)
done
are_under_way() {
	(($(awk '$4 == "02"' /proc/net/tcp /proc/net/tcp6 | wc -l) == $1))
}
wait_until "two connects are under way" are_under_way 2
put "source = 2001:db8:2::25"$'\n'"ipv4 = deny"
if [[ $said == 0 ]]; then
	wait "${connects[@]}"
	like "$(<"$WORLD_DIR/$SILENT")" 'Permission denied' "a connect whose SYN the guard drops fails with EACCES"
	like "$(<"$WORLD_DIR/$SILENT4")" 'No route to host' "one of IPv4 with EHOSTUNREACH"
else
	dropped() {
		(($("$SRCPIN" status --cgroup "$WORLD_CGROUP" --json | jq '.services[0].counters.dropped') >= 2))
	}
	wait_until "the guard has dropped what both send" dropped
	ok "a connect whose SYN the guard drops goes on" are_under_way 2
	kill "${connects[@]}"
	wait "${connects[@]}" 2>/dev/null
fi

# a ping socket of IPv6, whose send succeeds whatever becomes of the packet; it asks for errors (IPV6_RECVERR is 25, IPPROTO_IPV6 41)
sysctl -qw net.ipv4.ping_group_range='0 0'
answer=$(inside "$WORLD_CGROUP" python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM, socket.IPPROTO_ICMPV6)
s.setsockopt(41, 25, 1)
s.settimeout(3)
s.sendto(b"\x80\0\0\0\0\0\0\1", ("2001:db8:9::1", 0))
try: print(s.recv(100))
except OSError as e: print(type(e).__name__)')
is "$answer" "$([[ $said == 0 ]] && echo PermissionError || echo TimeoutError)" "a ping socket of IPv6, too"
ok "status counts them" test "$("$SRCPIN" status --cgroup "$WORLD_CGROUP" --json | jq '.services[0].counters.dropped')" -ge 3
for i in 1 2 3; do
	mkdir "$WORLD_CGROUP/$i"
	config "source = 2001:db8:2::25" "$i"
	run "$SRCPIN" load --cgroup "$WORLD_CGROUP/$i" -c "$CONFIG"
	is "$?" 0 "a further service is pinned: $i"
done
is "$(source_of "$WORLD_CGROUP/3")" 2001:db8:2::25 "the last one has its source"
ok "unload" "$SRCPIN" unload --all

done_testing
