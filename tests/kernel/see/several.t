#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What is said of several sources and of prefixes: by explain, probe, watch, and by status as a table, JSON and metrics.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

need jq
A=2001:db8:2::25 B=2001:db8:2::26 P=2001:db8:5::/64 A4=203.0.113.1 P4=203.0.113.64/26
PEER=2001:db8:9::1 PEER4=192.0.2.1 TO=2001:db8:77::1
MISSING=$(refusal EADDRNOTAVAIL)
ip addr add $A4/32 dev vps
ip -6 route add local $P dev lo
ip route add local $P4 dev lo
sysctl -qw net.ipv6.ip_nonlocal_bind=1

says() { # COMMAND DEST...
	local command=$1
	shift
	run "$SRCPIN" "$command" --cgroup "$WORLD_CGROUP" "$@"
}
status_of() { # FILTER
	"$SRCPIN" status --cgroup "$WORLD_CGROUP" --json | jq -c ".services[0]$1"
}
usable_are() { # WANTED WHAT: as the metrics have it
	is "$("$SRCPIN" status --prometheus | sed -nE 's/^srcpin_service_source_usable\{.*source="([^"]*)"\} /\1 /p' | sort | paste -sd' ')" "$1" "$2"
}
in_prefix() { # ADDRESS PREFIX
	python3 -c "import ipaddress, sys; sys.exit(ipaddress.ip_address(sys.argv[1]) not in ipaddress.ip_network(sys.argv[2]))" "$@"
}

put "source = $A $B"$'\n'"source4 = $A4"$'\n'"to = 2001:db8:77::/48 $P $B"$'\n'"spread = hash"
is "$?" 0 "loaded"

# ---- explain: by which spread, of what
run "$SRCPIN" explain --cgroup "$WORLD_SECTION" -c "$CONFIG" $PEER $PEER4 $TO
is "$? $out" "0 pinned  [$PEER]:25   from one of $A, $B (spread hash) ($CONFIG:2: source)
pinned  $PEER4:25         from $A4 ($CONFIG:3: source4)
pinned  [$TO]:25  from one of $P, $B (spread hash) ($CONFIG:4: to 2001:db8:77::/48)" "explain"
run "$SRCPIN" explain --cgroup "$WORLD_SECTION" -c "$CONFIG" --json $PEER $PEER4 $TO
is "$(jq -c '[.source, .usable]' <<<"$out" | paste -sd' ')" "[[\"$A\",\"$B\"],true] [\"$A4\",true] [[\"$P\",\"$B\"],true]" "explain --json"

# ---- probe: one of them, and the policy is kept
says probe --json $PEER $PEER
is "$?" 0 "probe"
like "$(jq -r '[.verdict, .as_policy, .source] | join(" ")' <<<"$out" | sort -u)" "^pinned true ($A|$B)\$" "probe: the same one for a destination"
says probe --json $TO
like "$? $(jq -r '[.verdict, .as_policy] | join(" ")' <<<"$out")" "^0 pinned true\$" "probe: of a list with a prefix"

# ---- watch
"$SRCPIN" watch --json --cgroup "$WORLD_CGROUP" >"$WORLD_DIR/seen" 2>"$WORLD_DIR/watching" &
watcher=$!
wait_until "watch has begun" grep -qs watching "$WORLD_DIR/watching"
"$HELPERS/inside" "$WORLD_CGROUP" $PEER "$WORLD_CGROUP" $TO >"$WORLD_DIR/left"
two_seen() { (($(wc -l <"$WORLD_DIR/seen") >= 2)); }
wait_until "watch has seen both" two_seen
kill -INT $watcher
wait $watcher
taken=$(jq -r '[.destination, .verdict, .after] | join(" ")' "$WORLD_DIR/seen")
like "$taken" "^$PEER pinned ($A|$B)"$'\n' "watch: which source was taken"
like "$taken" $'\n'"$TO pinned (2001:db8:5:|$B)" "watch: which one of a list with a prefix"

# ---- status: each source's state, and how one is taken
is "$(status_of .spread)" '"hash"' "status --json: the spread"
is "$(status_of '.sources | map([.address, .prefix, .usable])')" "[[\"$A\",false,true],[\"$B\",false,true],[\"$A4\",false,true],[\"$P\",true,true]]" "status --json: the sources"
usable_are "$A 1 $B 1 $P 1 $A4 1" "metrics: the sources"
ip addr del $A/64 dev vps
ip -6 route del local $P dev lo
is "$(status_of '.state')" '"in-force"' "one of each list is usable: in force"
is "$(status_of '.sources | map([.address, .usable])')" "[[\"$A\",false],[\"$B\",true],[\"$A4\",true],[\"$P\",false]]" "status --json: which are not"
usable_are "$A 0 $B 1 $P 0 $A4 1" "metrics: which are not"
run "$SRCPIN" status --cgroup "$WORLD_CGROUP"
like "$out" "source +$A +not an address of this host" "status: which are not"
like "$out" "source +$B +usable" "status: which are"
says probe --json $PEER $TO
is "$(jq -r '[.verdict, .as_policy, .source] | join(" ")' <<<"$out" | paste -sd' ')" "pinned true $B pinned true $B" "probe: the one that is left"
ip addr del $B/64 dev vps
run "$SRCPIN" explain --cgroup "$WORLD_SECTION" -c "$CONFIG" $PEER
like "$out" "from one of $A, $B \(spread hash\) \(.*\); here and now refused with EADDRNOTAVAIL: the source is not an address of this host\$" "explain: none is usable"
says probe --json $PEER
is "$(jq -r '[.verdict, .as_policy, .errno] | join(" ")' <<<"$out")" "denied true $MISSING" "probe: none is usable"
ip addr add $A/64 dev vps nodad preferred_lft 0
ip -6 route add local $P dev lo

# ---- a prefix alone, IPv4 too; a single address has no spread
put "source = $P"$'\n'"source4 = $P4"$'\n'"spread = random"
is "$(status_of .spread) $(status_of '.sources | map([.address, .prefix, .usable])')" "\"random\" [[\"$P\",true,true],[\"$P4\",true,true]]" "status --json: prefixes"
usable_are "$P 1 $P4 1" "metrics: prefixes"
run "$SRCPIN" explain --cgroup "$WORLD_SECTION" -c "$CONFIG" $PEER $PEER4
is "$? $out" "0 pinned  [$PEER]:25  from $P (spread random) ($CONFIG:2: source)
pinned  $PEER4:25        from $P4 (spread random) ($CONFIG:3: source4)" "explain: prefixes"
says probe --json $PEER $PEER4
mapfile -t from < <(jq -r .source <<<"$out")
ok "probe: an address of the prefix" in_prefix "${from[0]}" $P
ok "probe: an address of the prefix, IPv4" in_prefix "${from[1]}" $P4
put "source = $A"$'\n'"ipv4 = deny"
is "$(status_of .spread) $(status_of '.sources | map(.prefix)')" "null [false]" "status --json: one address"
done_testing
