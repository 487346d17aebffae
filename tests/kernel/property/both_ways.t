#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The short way (bpf/short.h) and the long way agree: random calls (calls.py) have the same outcome and are counted under
# the same reasons with programs that have no short way, and those decide as the reference does. SEED=N plays one run
# again; SOCKETS=N of each policy.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/lib/variant.sh
. "$WORLD_HERE/variant.sh" || exit 1

need clang make bpftool python3

SEED=${SEED:-$(date +%s)}
SOCKETS=${SOCKETS:-1000}
A=2001:db8:2::25 B=2001:db8:2::26 C=2001:db8:2::27 A4=203.0.113.1 B4=203.0.113.2

variant long <<'C'
#define LONG_WAY_ONLY 1
C

diag "SEED=$SEED"
for address in $A4 $B4; do ip addr add "$address/32" dev vps; done
ip route add 198.51.100.0/24 via 192.0.2.1
in_peer ip route add 203.0.113.0/24 via 192.0.2.5
in_peer sysctl -qw net.ipv6.ip_nonlocal_bind=1
sysctl -qw net.ipv4.ping_group_range="0 2147483647"
# shellcheck source=tests/kernel/lib/peer.sh
. "$WORLD_HERE/peer.sh" || exit 1

# calls BINARY OUTPUT: what becomes of the calls, then how often each reason was counted
calls() {
	"$1" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" >/dev/null 2>"$WORLD_DIR/err" || bail_out "cannot load: $(cat "$WORLD_DIR/err")"
	inside "$WORLD_CGROUP" python3 "$WORLD_HERE/../property/calls.py" "$SEED" "$SOCKETS" >"$2"
	"$1" status --cgroup "$WORLD_CGROUP" --json | jq -c '.services[0].counters.reasons | to_entries[] | select(.value > 0)' >>"$2"
	"$1" unload --cgroup "$WORLD_CGROUP"
}

n=0
while IFS= read -r policy; do
	config "$(tr ';' '\n' <<<"$policy")"
	[[ $policy != *late* ]] || ip addr del $A/64 dev vps
	calls "$SRCPIN" "$WORLD_DIR/short.out"
	calls "$VARIANT" "$WORLD_DIR/long.out"
	[[ $policy != *late* ]] || ip addr add $A/64 dev vps nodad preferred_lft 0
	is "$(diff "$WORLD_DIR/short.out" "$WORLD_DIR/long.out" | head -20)" "" "${policy//;/, }: both ways agree"
	is "$(grep -c "^[0-9]" "$WORLD_DIR/short.out")" "$SOCKETS" "${policy//;/, }: of each socket"
	cat "$WORLD_DIR/short.out" >>"$WORLD_DIR/all.out"
	n=$((n + 1))
done <<POLICIES
source = $A
source = $A;source4 = $A4
source = $A;source4 = $A4;guard = off
source = $A;source4 = $A4;ports = 7777
source = $A;source4 = $A4;mode = observe
source = $A;source4 = $A4;bound = deny
source = $A;source4 = $A4;bound = leave
source = $A;source4 = $A4;to = 2001:db8:66::/64 $B;to = 198.51.100.0/30 $B4
source = $A;source4 = $A4;exempt = 2001:db8:77::/48 198.51.100.4/30
source = $A;ipv4 = deny
source4 = $A4
source4 = 10.0.0.5
source = $A;source4 = 203.0.113.99;late = start
source = $A;source4 = 203.0.113.99;missing = pass;late = start
source = $A $B $C;source4 = $A4 $B4;spread = first
POLICIES

for reason in pinned_connect pinned_bind pinned_datagram pinned_already exempt_bind exempt_rule denied_missing denied_bound passed_source dropped_source; do
	ok "$reason was among them" grep -q "\"$reason\"" "$WORLD_DIR/all.out"
done
diag "$n policies, $(grep -c '^[0-9]' "$WORLD_DIR/all.out") sockets"

run env SRCPIN="$VARIANT" "$HELPERS/property"
is "$?" 0 "the long way alone decides as the reference does" || diag "$out"
done_testing
