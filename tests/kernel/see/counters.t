#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The counters add up: a million calls of all kinds on two CPUs, and each of them, and each packet, was counted once and for the
# reason that its outcome shows; also while the policy is loaded again and again. And when they begin at zero. CALLS=N: so many.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/lib/hammer.sh
. "$WORLD_HERE/hammer.sh" || exit 1

need strace
A=2001:db8:2::25
CALLS=${CALLS:-1000000}
policy="source = $A
source4 = 192.0.2.25
exempt = 2001:db8:79::/48
to = 2001:db8:78::/48 2001:db8:2::99"

# counters FILTER: of the test's cgroup
counters() {
	"$SRCPIN" status --cgroup "$WORLD_CGROUP" --json | jq -c ".services[0].counters | $1"
}

# How often the programs of our hooks have run, by the kernel's own count: SELECT is of their names
runs() {
	local id sum=0
	for id in $("$SRCPIN" status --cgroup "$WORLD_CGROUP" --json | jq ".services[0].programs[] | select(.name | $1) | .id"); do
		sum=$((sum + $(bpftool --json prog show id "$id" | jq '.run_cnt // 0')))
	done
	echo "$sum"
}

retransmitted() {
	awk '$1 == "Tcp:" && n++ { print $13 }' /proc/net/snmp
}

# The policy is put in force again each tenth of a second, until $WORLD_DIR/enough is there
reload_again_and_again() {
	local n=0 failed=0
	until [[ -e $WORLD_DIR/enough ]]; do
		"$SRCPIN" reload >/dev/null 2>&1 || failed=$((failed + 1))
		n=$((n + 1))
		sleep 0.1
	done
	echo "$n $failed" >"$WORLD_DIR/reloads"
}

# mixed_calls WHAT: from zero
mixed_calls() {
	local before want calls packets again
	before=$(retransmitted)
	calls=$(runs 'test("guard") | not') packets=$(runs 'test("guard")')
	SECONDS=0
	run "$HELPERS/mixed" "$CALLS"
	is "$? $err" "0 " "$1: all calls come to what they should in $SECONDS s" || diag "$out"
	again=$(($(retransmitted) - before))
	diag "$out, $again segments sent again"
	want=$(jq -cS ".passed_source += $again" <<<"$out")
	is "$(jq '[to_entries[] | select(.key | test("passed|dropped") | not) | .value] | add' <<<"$out")" "$CALLS" "$1: $CALLS calls"
	is "$(counters '.reasons | with_entries(select(.value > 0))' | jq -cS .)" "$want" "$1: each call and each packet is counted, for its reason"
	is "$(counters '.pinned + .exempt + .denied')" "$CALLS" "$1: by verdict, the sum of the calls"
	is "$(counters '.passed + .dropped')" "$(jq '[to_entries[] | select(.key | test("passed|dropped")) | .value] | add' <<<"$want")" "$1: and of the packets"
	is "$(counters '[.observed, (.observed_reasons | add)]')" "[0,0]" "$1: nothing is observed"
	is "$(($(runs 'test("guard") | not') - calls))" "$CALLS" "$1: that many runs of their hooks the kernel has counted"
	is "$(($(runs 'test("guard")') - packets))" "$(counters '.passed + .dropped')" "$1: and of the guard"
}

world_ipv4_sources
in_peer ip -6 route add blackhole 2001:db8:9:1::/64
in_peer ip -6 route add blackhole 2001:db8:79::/48
in_peer ip route add blackhole 203.0.113.0/24

put "$policy"
is "$?" 0 "loaded" || diag "$err"
is "$(counters '.reasons | add')" 0 "loaded: nothing is counted"
mixed_calls "at rest"

# again, with the policy swapped all the time
run "$SRCPIN" status --cgroup "$WORLD_CGROUP" --reset
is "$? $(counters '.reasons | add')" "0 0" "reset: zero again"
reload_again_and_again &
reloader=$!
mixed_calls "reloaded meanwhile"
: >"$WORLD_DIR/enough"
wait "$reloader"
read -r n failed <"$WORLD_DIR/reloads"
diag "$n reloads"
is "$failed" 0 "no reload fails"
ok "at least ten of them" test "$n" -ge 10

# of one service, or of all; and what is not loaded any more has nothing to tell
one=$WORLD_CGROUP/one.service two=$WORLD_CGROUP/two.service
mkdir "$one" "$two"
occupy "$one" "$two"
printf '[one.service]\nsource = %s\n[two.service]\nsource = %s\nmode = observe\n' $A $A >"$CONFIG"
"$SRCPIN" unload --all
run "$SRCPIN" status --reset
is "$? $out$err" "3 nothing is loaded" "reset: nothing is loaded"
for cgroup in "$one" "$two"; do "$SRCPIN" load --cgroup "$cgroup" -c "$CONFIG" >/dev/null; done

# calls: of both
calls() {
	"$SRCPIN" status --json | jq -c '[.services[].counters | [.pinned, .observed]]'
}

# connect_both: one call each
connect_both() {
	"$HELPERS/inside" "$one" 2001:db8:9::1 "$two" 2001:db8:9::1 >/dev/null
}

connect_both
connect_both
is "$(calls)" "[[2,0],[0,2]]" "two services have counted two calls each"
run "$SRCPIN" status --cgroup one.service --reset
is "$? $out$err" "0 one.service: counters are zero; they were pinned 2, exempt 0, denied 0, passed 0, dropped 0" "reset of one: says what they were"
is "$(calls)" "[[0,0],[0,2]]" "reset of one: the other's stay"
connect_both
run "$SRCPIN" status --reset
is "$? $out$err" "0 one.service: counters are zero; they were pinned 1, exempt 0, denied 0, passed 0, dropped 0
two.service: counters are zero; they were pinned 0, exempt 0, denied 0, passed 0, dropped 0, observed 3" "reset of all: says what they were"
is "$(calls)" "[[0,0],[0,0]]" "reset of all: all are zero"
connect_both
is "$(calls)" "[[1,0],[0,1]]" "and count on"
"$SRCPIN" reload >/dev/null
"$SRCPIN" load --cgroup "$one" -c "$CONFIG" >/dev/null
is "$(calls)" "[[1,0],[0,1]]" "a reload and another load keep them"
"$SRCPIN" unload --cgroup "$one"
"$SRCPIN" load --cgroup "$one" -c "$CONFIG" >/dev/null
is "$(calls)" "[[0,0],[0,1]]" "unloaded and loaded while the other stays: begins at zero"

# one that fails says so, and is not half done
strace -f -qq -o "$WORLD_DIR/trace" -e trace=bpf "$SRCPIN" status --cgroup one.service --reset >/dev/null
is "$?" 0 "reset under strace"
last=$(grep -c 'bpf(' "$WORLD_DIR/trace") failed=0 bad=''
connect_both
for ((n = 1; n <= last; n++)); do
	run strace -f -qq -o /dev/null -e trace=bpf -e "inject=bpf:error=ENOMEM:when=$n" "$SRCPIN" status --cgroup one.service --reset
	case $? in
	0)
		[[ $(calls) == "[[0,0],"* ]] || bad+=" $n: not zero"
		connect_both
		;;
	2)
		failed=$((failed + 1))
		[[ $(calls) == "[[1,0],"* ]] && one_sentence "$err" || bad+=" $n: $err"
		;;
	*) bad+=" $n: exits with $?" ;;
	esac
done
is "$bad" "" "reset, each of $last bpf(2) fails: done, or one sentence and all as before"
ok "of which some are not done" test "$failed" -gt 2

vacate "$two"
rmdir "$two"
run "$SRCPIN" status --reset
is "$? $(grep -c 'counters are zero' <<<"$out")$err" "0 2" "reset: one whose cgroup is gone is no error"
for options in "--json --reset" "--prometheus --reset" "--json --prometheus"; do
	# shellcheck disable=SC2086 # words
	run "$SRCPIN" status $options
	is "$? $out$err" "1 srcpin: status takes only one of --json, --prometheus and --reset" "$options: only one"
done
done_testing
