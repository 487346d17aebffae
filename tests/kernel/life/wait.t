#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# load --wait: the policy is in force first, and the command ends when the
# sources can be used. Duplicate address detection is the kernel's own here.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

need strace
A=2001:db8:2::125
B=2001:db8:2::126
A4=192.0.2.125
refused=$(refusal EADDRNOTAVAIL)

add() {
	ip addr add "$1" dev vps "${@:2}"
}

remove() {
	ip addr del "$1" dev vps
}

flags_of() {
	ip -j -6 addr show dev vps | jq -r --arg a "$1" '.[].addr_info[] | select(.local == $a) | keys[]'
}

# begin SECONDS BODY [OPTION...]: load in the background; its pid is in $loading
begin() {
	config "$2"
	: >"$WORLD_DIR/wait.out" # what the one before has said is not to be taken for its words
	: >"$WORLD_DIR/wait.err"
	"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" --wait "$1" "${@:3}" >"$WORLD_DIR/wait.out" 2>"$WORLD_DIR/wait.err" &
	loading=$!
}

says() {
	grep -q "$1" "$WORLD_DIR/wait.out" "$WORLD_DIR/wait.err"
}

# waits_for SOURCE: it has looked, and it sleeps
waits_for() {
	wait_until "it waits for $1" says "waiting up to .* for source $1, which is"
}

is_over() {
	! kill -0 "$loading" 2>/dev/null
}

# ends WANTED WHAT: exit status; stdout in $out, stderr in $err
ends() {
	local status
	wait_until "load --wait has ended: $2" is_over
	wait "$loading" 2>/dev/null # bash says what signal it was
	status=$?
	out=$(<"$WORLD_DIR/wait.out")
	err=$(<"$WORLD_DIR/wait.err")
	is "$status" "$1" "$2"
}

still_waits() {
	if is_over; then fail "$1" "$(cat "$WORLD_DIR/wait.out" "$WORLD_DIR/wait.err")"; else pass "$1"; fi
}

# the address is there: no poll, no word
add "$A/64" nodad preferred_lft 0
config "source = $A"$'\n'"ipv4 = leave"
run strace -f -qq -o "$WORLD_DIR/trace" -e trace=poll,ppoll,signalfd4 "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" --wait 30
is "$?" 0 "the address is there: exit status"
is "$out$err" "$WORLD_SECTION: in force, source $A" "the address is there: nothing more is said than without --wait"
is "$(<"$WORLD_DIR/trace")" "" "the address is there: it did not wait"
"$SRCPIN" unload --all

# it is not: in force first
remove "$A/64"
begin 50 "source = $A"$'\n'"ipv4 = leave"
waits_for "$A"
is "$(source_of "$WORLD_CGROUP")" "$refused" "the address is missing: nothing leaves meanwhile"
run "$SRCPIN" status
is "$?" 4 "the address is missing: status works meanwhile, and says degraded"
mkdir "$WORLD_CGROUP/other"
printf '[other]\nsource = 2001:db8:2::25\n' >"$WORLD_DIR/other.conf"
run "$SRCPIN" load --cgroup "$WORLD_CGROUP/other" -c "$WORLD_DIR/other.conf"
is "$?" 0 "the address is missing: another service is loaded meanwhile"
run "$SRCPIN" unload --cgroup "$WORLD_CGROUP/other"
is "$?" 0 "the address is missing: and unloaded"
add "$A/64" nodad preferred_lft 0
ends 0 "it is added: the load succeeds"
is "$(source_of "$WORLD_CGROUP")" "$A" "it is added: pinned"
like "$out" "^$WORLD_SECTION: in force, source $A"$'\n'"$WORLD_SECTION: waiting up to 50 s for source $A, which is not an address of this host"$'\n'"$WORLD_SECTION: all sources are usable after [0-9.]+ s\$" \
	"it is added: what was waited for, and how long, is said once"
is "$err" "" "it is added: there was nothing to warn of"

# the news of an address comes before it can be used: the first connect counts
soon=0
for _ in {1..40}; do
	remove "$A/64"
	begin 50 "source = $A"
	waits_for "$A"
	add "$A/64" nodad preferred_lft 0
	wait "$loading"
	[[ $(source_of "$WORLD_CGROUP") != "$A" ]] || soon=$((soon + 1))
done
is "$soon" 40 "the first connect after it is pinned, 40 times out of 40"

# tentative, for as long as the kernel takes: five seconds, so that there is time to look
sysctl -qw net.ipv6.conf.vps.dad_transmits=5
remove "$A/64"
add "$A/64" preferred_lft 0
like "$(flags_of "$A")" tentative "duplicate address detection runs"
begin 50 "source = $A"
waits_for "$A"
ok "tentative: says so" says "which is tentative"
is "$(source_of "$WORLD_CGROUP")" "$refused" "tentative: nothing leaves meanwhile"
ends 0 "tentative: the load succeeds"
is "$(flags_of "$A" | grep -c tentative)" 0 "tentative: detection is over then"
is "$(source_of "$WORLD_CGROUP")" "$A" "tentative: pinned then"

# an optimistic address can be used while detection runs
remove "$A/64"
sysctl -qw net.ipv6.conf.vps.optimistic_dad=1
add "$A/64" optimistic
begin 50 "source = $A"
ends 0 "optimistic: the load succeeds"
like "$(flags_of "$A")" optimistic "optimistic: detection is not over then"
is "$(source_of "$WORLD_CGROUP")" "$A" "optimistic: pinned all the same"
sysctl -qw net.ipv6.conf.vps.optimistic_dad=0 net.ipv6.conf.vps.dad_transmits=1
remove "$A/64"

# the peer has it too
in_peer ip addr add "$A/64" dev peer nodad
begin 50 "source = $A"
waits_for "$A"
add "$A/64"
wait_until "the duplicate is found" says "source $A is in use by another host too"
still_waits "a duplicate: said at once"
is "$(source_of "$WORLD_CGROUP")" "$refused" "a duplicate: nothing leaves"
in_peer ip addr del "$A/64" dev peer
remove "$A/64"
add "$A/64"
ends 0 "a duplicate no more: the load succeeds"
is "$(source_of "$WORLD_CGROUP")" "$A" "a duplicate no more: pinned"
is "$err" "srcpin: warning: $WORLD_SECTION: source $A is in use by another host too (duplicate address detection failed)" \
	"a duplicate: said once"
remove "$A/64"

# two sources, and one that goes again
begin 50 "source = $A"$'\n'"to = 2001:db8:77::/48 $B"
waits_for "$A"
waits_for "$B"
add "$A/64" nodad
still_waits "two sources: one is not enough"
remove "$A/64"
add "$B/64" nodad
still_waits "two sources: nor is one that went again"
usable_is() {
	[[ $("$SRCPIN" status --json | jq -r '[.services[0].sources[] | select(.usable) | .address] | join(" ")') == "$1" ]]
}
wait_until "two sources: status knows which is there" usable_is "$B" # the kernel makes it usable a moment after it was added
still_waits "two sources: still"
add "$A/64" nodad
ends 0 "two sources: the load succeeds"
is "$(source_of "$WORLD_CGROUP") $(source_of "$WORLD_CGROUP" 2001:db8:77::1)" "$A $B" "two sources: pinned to both"
remove "$A/64"
remove "$B/64"

# IPv4
begin 50 "source4 = $A4"
waits_for "$A4"
is "$(source_of "$WORLD_CGROUP" 192.0.2.1)" "$refused" "IPv4: nothing leaves meanwhile"
add "$A4/32"
ends 0 "IPv4: the load succeeds"
is "$(source_of "$WORLD_CGROUP" 192.0.2.1)" "$A4" "IPv4: pinned"
remove "$A4/32"

# an IPv4 address of a device that is down can be bound to
ip link add spare type veth peer name spare2
ip addr add "$A4/32" dev spare
begin 50 "source4 = $A4"
ends 0 "IPv4, the device is down: the load succeeds"
is "$(source_of "$WORLD_CGROUP" 192.0.2.1)" "$A4" "IPv4, the device is down: pinned"
ip link del spare

# an address without its local route (as in a VRF, which has another table) cannot be used
add "$A/64" nodad
wait_until "it has its route" ip -6 route del local "$A" dev vps table local
begin 50 "source = $A"
waits_for "$A"
ok "without its route: says so" says "which is on vps, but not in the local routing table"
is "$(source_of "$WORLD_CGROUP")" "$refused" "without its route: nothing leaves"
run "$SRCPIN" status
is "$?" 4 "without its route: status says degraded"
ip -6 route add local "$A" dev vps table local
ends 0 "with its route: the load succeeds"
is "$(source_of "$WORLD_CGROUP")" "$A" "with its route: pinned"
remove "$A/64"
ip -6 route del local "$A" dev vps table local # made by hand, so it stayed

# it never comes
for late in "" "late = start"; do
	begin 1 "source = $A"$'\n'"$late"
	ends 0 "never, '$late': the load succeeds"
	is "$err" "srcpin: warning: $WORLD_SECTION: waited 1 s in vain: source $A is not an address of this host: what is pinned to it is refused until it is usable" \
		"never, '$late': a warning"
	is "$(source_of "$WORLD_CGROUP")" "$refused" "never, '$late': in force, and nothing leaves"
	"$SRCPIN" unload --all
done
for seconds in 0 1; do
	begin "$seconds" "source = $A"$'\n'"source4 = $A4"$'\n'"late = fail"
	ends 2 "never, --wait $seconds, late = fail: the load fails"
	like "$err" "waited $seconds s in vain: source $A is not .*late = fail.*"$'\n'".*source $A4 is not .*late = fail" "never, --wait $seconds, late = fail: says of both why"
	is "$(source_of "$WORLD_CGROUP")" "$refused" "never, --wait $seconds, late = fail: in force, and nothing leaves"
	"$SRCPIN" unload --all
done
put "source = $A"$'\n'"late = fail"
is "$?" 0 "late = fail without --wait means nothing"
run "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" --wait 0 -n
is "$? $(head -1 <<<"$out")" "0 mode enforce, guard on, late fail" "with -n nothing is waited for"
config "source = $A"
run "$SRCPIN" status
is "$(grep -c "says something else" <<<"$out")" 0 "status: another late is no other policy"

# only observed: nothing is refused that one would have to wait for
begin 50 "source = $A"$'\n'"mode = observe"$'\n'"late = fail"
ends 0 "mode = observe: does not wait"

# what is in force changes meanwhile
begin 50 "source = $A"
waits_for "$A"
"$SRCPIN" unload --cgroup "$WORLD_CGROUP"
ends 2 "unloaded meanwhile: the load fails"
is "$err" "srcpin: $WORLD_SECTION: it was unloaded, or its cgroup removed, while it waited for its sources" "unloaded meanwhile: says so"
begin 50 "source = $A"
waits_for "$A"
config "source = 2001:db8:2::25"
run "$SRCPIN" reload
is "$?" 0 "reload meanwhile"
ends 0 "reloaded with a source that is there: the load succeeds"
is "$(source_of "$WORLD_CGROUP")" "2001:db8:2::25" "reloaded meanwhile: pinned to that"
mkdir "$WORLD_CGROUP/gone"
printf '[gone]\nsource = %s\n' "$A" >"$WORLD_DIR/gone.conf"
: >"$WORLD_DIR/wait.out" # as in begin
: >"$WORLD_DIR/wait.err"
"$SRCPIN" load --cgroup "$WORLD_CGROUP/gone" -c "$WORLD_DIR/gone.conf" --wait 50 >"$WORLD_DIR/wait.out" 2>"$WORLD_DIR/wait.err" &
loading=$!
waits_for "$A"
rmdir "$WORLD_CGROUP/gone"
ends 2 "its cgroup goes meanwhile: the load fails"
is "$err" "srcpin: gone: it was unloaded, or its cgroup removed, while it waited for its sources" "its cgroup goes meanwhile: says so"
"$SRCPIN" unload --all

# signals
for signal in TERM INT HUP; do
	begin 50 "source = $A"
	waits_for "$A"
	kill "-$signal" "$loading"
	ends $((128 + $(kill -l "$signal"))) "SIG$signal: ends it"
	like "$err" "^srcpin: $WORLD_SECTION: no longer waiting for its sources: [^;]+; the policy is in force all the same\$" "SIG$signal: one sentence"
	is "$(source_of "$WORLD_CGROUP")" "$refused" "SIG$signal: in force, and nothing leaves"
done

# more news than a socket holds
drops() {
	awk -v pid="$loading" '$3 == pid { n += $9 } END { print n + 0 }' /proc/net/netlink
}
begin 50 "source = $A"
waits_for "$A"
kill -STOP "$loading"
for ((i = 1; i <= 3000; i++)); do
	printf 'addr add 2001:db8:3::%x/128 dev lo nodad\n' "$i"
done >"$WORLD_DIR/many"
ip -batch "$WORLD_DIR/many"
add "$A/64" nodad
ok "more news than it can hold: some are lost" test "$(drops)" -gt 0
kill -CONT "$loading"
ends 0 "more news than it can hold: the load succeeds"
is "$(source_of "$WORLD_CGROUP")" "$A" "more news than it can hold: pinned"

# usage
for bad in "" -1 30s 1.5 " 5" +5 86401 99999999999999999999 0x10; do
	run "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" --wait "$bad"
	is "$? $err" "1 srcpin: --wait needs a number of seconds from 0 to 86400, not '$bad'" "--wait '$bad'"
done
run "$SRCPIN" reload --wait 5
is "$?" 1 "reload does not take --wait"
"$SRCPIN" unload --all
done_testing
