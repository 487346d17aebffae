#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Pools of sources under load: 16 processes connect as fast as they can, while the policy goes to and fro between two
# pools, and while a source of the pool goes and comes. Nothing leaves from elsewhere, and nothing is refused while one is
# usable. Each part goes on for 5 s; CONNECTS=1000000 for as many connects.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/lib/hammer.sh
. "$WORLD_HERE/hammer.sh" || exit 1

A=2001:db8:2::25 B=2001:db8:2::26 C=2001:db8:2::27 D=2001:db8:2::28
A4=192.0.2.25 B4=192.0.2.26
refused=$(refusal EADDRNOTAVAIL)

world_ipv4_sources
for address in $A $B $C $D; do
	ip addr flush dev vps to "$address"
	ip addr add "$address/128" dev vps nodad preferred_lft 0
done

# goes_on: until there were as many connects as are asked for, or else for 5 s
goes_on() {
	count=$(hammer_count)
	if [[ -n ${CONNECTS-} ]]; then
		((count < CONNECTS))
	else
		((SECONDS < start + 5))
	fi
}

reasons() { "$SRCPIN" status --json | jq -c '.services[0].counters.reasons | with_entries(select(.value > 0))'; }

# load_of FILE: a load, and nothing else
load_of() {
	"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$WORLD_DIR/$1" >/dev/null 2>>"$WORLD_DIR/pools.err" || failed=$((failed + 1))
}

# seen WHAT SOURCE...: each was in use
seen() {
	local what=$1 source
	shift
	for source; do
		like "$hammer_said" "$source here [1-9][0-9]* there [1-9]" "$what: $source was in use"
	done
}

# flips WHAT CONFIG-A CONFIG-B SOURCE...
flips() {
	local what=$1 a=$2 b=$3 n=0 start count
	shift 3
	config "$b"
	cp "$CONFIG" "$WORLD_DIR/b.conf"
	put "$a" || bail_out "cannot load: $err"
	cp "$CONFIG" "$WORLD_DIR/a.conf"
	failed=0
	hammer_start "$@"
	start=$SECONDS
	while goes_on; do
		load_of b.conf
		load_of a.conf
		n=$((n + 2))
	done
	hammer_end
	diag "$what: $n flips in $((SECONDS - start)) s, $count connects"
	diag "$hammer_said"
	is "$failed" 0 "$what: no load fails"
	is "$hammer_status" 0 "$what: no connect and no send fails, no other address, here or on the wire"
	is "$(dropped)" 0 "$what: the guard has dropped nothing"
	seen "$what" "$@"
	is "$(bpftool -j map dump pinned /sys/fs/bpf/srcpin/maps/lists | jq length)" "$(grep -cE '^source4? = .* ' "$WORLD_DIR/a.conf")" \
		"$what: the lists of what was replaced are gone"
	"$SRCPIN" unload --all
}

# comes_and_goes WHAT CONFIG ADDRESS OPTIONS ALLOWED...: ADDRESS of a pool; ALLOWED: which call may fail with what
comes_and_goes() {
	local what=$1 address=$3 options=$4 allowed=() n=0 start count until row
	put "$2" || bail_out "cannot load: $err"
	shift 4
	for row; do
		allowed+=(-a "$row")
	done
	hammer_start "${allowed[@]}" "${pool[@]}"
	start=$SECONDS
	while goes_on || ((n < 10)); do
		ip addr del "$address" dev vps
		until=$((count + 300))
		while ((count < until)); do count=$(hammer_count); done
		# shellcheck disable=SC2086 # options are words
		ip addr add "$address" dev vps $options
		until=$((count + 300))
		while ((count < until)); do count=$(hammer_count); done
		n=$((n + 1))
	done
	hammer_end
	diag "$what: removed $n times in $((SECONDS - start)) s, $count connects"
	diag "$hammer_said"
	diag "$(reasons)"
	is "$hammer_status" 0 "$what: no call is refused, no other address is seen, here or on the wire"
	is "$(hammer_sum "connect $refused")" 0 "$what: no connect is refused for a missing source"
	is "$(counter reasons.denied_missing)" 0 "$what: nor does srcpin count one"
	seen "$what" "${pool[@]}"
	"$SRCPIN" unload --all
}

# the first pool of the host: the programs in force do not know lists yet, and are replaced
flips "one address and a pool" "source = $A" "source = $B $C"$'\n'"spread = hash" $A $B $C
flips "two pools" "source = $A $B"$'\n'"spread = hash" "source = $C $D"$'\n'"spread = round-robin" $A $B $C $D
flips "a pool and one address" "source = $A $B"$'\n'"source4 = $A4"$'\n'"spread = random" "source = $B"$'\n'"source4 = $B4 $A4" $A $B $A4 $B4

# A socket that was bound to the source before it went, cannot be bound again: its packets are dropped, or find no route.
gone6=("UDP send EPERM" "UDP sendto EPERM")
for spread in first hash random round-robin; do
	pool=("$A" "$B" "$C")
	[[ $spread == first ]] && pool=("$A" "$B")
	comes_and_goes "$spread" "source = ${pool[*]}"$'\n'"spread = $spread" $A/128 "nodad preferred_lft 0" "${gone6[@]}"
done
# IPv4's sendto is told nothing of the source: the kernel refuses what is gone. And a route is looked for after the bind.
gone4=({"TCP connect","UDP connect","UDP send","UDP sendto"}" "{EINVAL,ENETUNREACH})
pool=("$A" "$A4" "$B4")
comes_and_goes "IPv4" "source = $A"$'\n'"source4 = $A4 $B4"$'\n'"spread = hash" $A4/32 "" "${gone4[@]}"

# A pool of as many sources as are remembered loses one of them: what was connected from it may still send.
pool=()
for ((i = 0x10; i < 0x20; i++)); do
	pool+=("$(printf '2001:db8:2::1:%x' "$i")")
	ip addr add "${pool[-1]}/128" dev vps nodad preferred_lft 0
done
put "source = ${pool[*]}"$'\n'"source4 = $A4"$'\n'"spread = hash" || bail_out "cannot load: $err"
coproc SENDER {
	inside "$WORLD_CGROUP" python3 -uc "
import errno, socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 0))
s.connect(('2001:db8:9::1', 7777))
print('connected')
for line in sys.stdin:
    try: print('sent', s.send(b'x'))
    except OSError as e: print(errno.errorcode[e.errno])
" "${pool[15]}"
}
read -r line <&"${SENDER[0]}"
is "$line" connected "a socket at the last source of a large pool"
put "source = ${pool[*]:0:15} $A"$'\n'"source4 = $A4"$'\n'"spread = hash"
echo >&"${SENDER[1]}"
read -r line <&"${SENDER[0]}"
is "$line, $(counter reasons.passed_previous)" "sent 1, 1" "the pool loses it: it is remembered, rather than those that stay"
eval "exec ${SENDER[1]}>&-"
"$SRCPIN" unload --all
done_testing
