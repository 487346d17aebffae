#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A family that the policy does not pin: load, check, status and doctor say from where it leaves, and do not promise what does not hold.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/doctor/doctor.sh
. "$WORLD_HERE/../doctor/doctor.sh" || exit 1

A=2001:db8:2::25 A4=192.0.2.5 FAR4=198.51.100.1
ip route add default via 192.0.2.1
in_peer ip addr add $FAR4/32 dev lo

# load's second line, or nothing
said() { sed -n '2,$p' <<<"$out"; }

put "source = $A"
is "$(source_of "$WORLD_CGROUP" $FAR4)" $A4 "source alone: IPv4 leaves from where the kernel chooses"
is "$(said)" "$WORLD_SECTION: IPv4 is not pinned, and leaves from $A4 (source4 pins it, ipv4 = deny refuses it, ipv4 = leave says that it is meant)" \
	"load says so"
run "$SRCPIN" check -c "$CONFIG"
is "$?" 0 "check: that is no error"
is "$(said)" "$CONFIG:1: [$WORLD_SECTION] does not pin IPv4 (source4 pins it, ipv4 = deny refuses it, ipv4 = leave says that it is meant)" "check says so"
like "$("$SRCPIN" status --cgroup "$WORLD_CGROUP")" "
  IPv4 +not pinned: leaves from $A4
" "status says so"
is "$("$SRCPIN" status --cgroup "$WORLD_CGROUP" --json | jq -c '.services[].unpinned')" '[{"family":"IPv4","from":"'$A4'","meant":false}]' "and its JSON"
has family note "IPv4 is not pinned, and leaves from $A4" "doctor notes it"

# mail by a rule of its own
ip addr add 192.0.2.77/24 dev vps
ip route add default via 192.0.2.1 dev vps src 192.0.2.77 table 100
ip rule add ipproto tcp dport 25 lookup 100
put "source = $A"
like "$(said)" "IPv4 is not pinned, and leaves from 192.0.2.77 or $A4 \(" "a rule for port 25: load names both"
like "$("$SRCPIN" status --cgroup "$WORLD_CGROUP")" "IPv4 +not pinned: leaves from 192.0.2.77 or $A4
" "... and status"
has family note "IPv4 is not pinned, and leaves from 192.0.2.77 or $A4" "... and doctor"
ip rule del ipproto tcp dport 25 lookup 100
ip route flush table 100
ip addr del 192.0.2.77/24 dev vps
ip addr del $A/64 dev vps
is "$(source_of "$WORLD_CGROUP") $(source_of "$WORLD_CGROUP" $FAR4)" "$(refusal EADDRNOTAVAIL) $A4" "without the source IPv6 is refused, and IPv4 leaves"
finding family "IPv4 is not pinned, and leaves from $A4" "doctor finds it while the source is missing"
is "$(jq -r '.checks[] | select(.id == "address") | .why' <<<"$out")" \
	"what is pinned to it is refused, and a mail server sends by IPv4 instead, unpinned" "and does not say that mail is deferred"
ip addr add $A/64 dev vps preferred_lft 0 nodad

ip route del default via 192.0.2.1
has family note "IPv4 is not pinned; there is no default route today, and by another route it leaves from where the kernel chooses" "without a default route"
like "$("$SRCPIN" status --cgroup "$WORLD_CGROUP")" "
  IPv4 +not pinned: no default route today; by another route from where the kernel chooses
" "and status says so"
# ... but to a smarthost's network
ip route add 198.51.100.0/24 via 192.0.2.1
ip addr del $A/64 dev vps
is "$(source_of "$WORLD_CGROUP") $(source_of "$WORLD_CGROUP" 198.51.100.1)" "$(refusal EADDRNOTAVAIL) $A4" "without the source, and with a route to a smarthost: IPv4 leaves by it"
doctor --json
is "$(jq -r '.checks[] | select(.id == "address") | .why' <<<"$out")" \
	"what is pinned to it is refused; mail is deferred, unless IPv4 has a route to where it goes: by that it leaves unpinned" "doctor does not say that mail is deferred"
ip route del 198.51.100.0/24
ip addr add $A/64 dev vps preferred_lft 0 nodad
ip route add default via 192.0.2.1

put "source = $A"$'\n'"ipv4 = leave"
is "$(said)" "" "ipv4 = leave: load says nothing"
has family note "IPv4 is not pinned, and leaves from $A4, as the config says" "doctor notes it"
like "$("$SRCPIN" status --cgroup "$WORLD_CGROUP")" "
  IPv4 +not pinned: leaves from $A4
" "status says so all the same"

put "source = $A"$'\n'"ipv4 = deny"
is "$(source_of "$WORLD_CGROUP" $FAR4)" EPERM "ipv4 = deny: IPv4 is refused"
is "$(said)$("$SRCPIN" status --cgroup "$WORLD_CGROUP" | grep IPv4)$(seen family)" "" "and nothing is left"
put "source = $A"$'\n'"source4 = 192.0.2.25"
is "$(said)$("$SRCPIN" status --cgroup "$WORLD_CGROUP" | grep IPv4)$(seen family)" "" "source4: neither"
put "source4 = 192.0.2.25"$'\n'"exempt = ::/0"
is "$(said)" "" "exempt = ::/0 is meant"
like "$("$SRCPIN" status --cgroup "$WORLD_CGROUP")" "
  IPv6 +not pinned: leaves from 2001:db8:1::5
" "and status says from where IPv6 leaves"
put "source = $A"$'\n'"mode = observe"
is "$(said)" "" "mode = observe pins nothing anyway"
done_testing
