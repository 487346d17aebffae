#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# srcpin watch: each field of each decision against what a real socket did; filters; a load, and what of it is lost;
# services that come and go; and that nothing is left when it ends, however it does. CALLS=N: so many in the load.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

A=2001:db8:2::25
SHARED=2001:db8:1::5
PEER=2001:db8:9::1
SEEN=$WORLD_DIR/seen SAID=$WORLD_DIR/said

# watch ARGUMENT...: begins; what it shows is in $SEEN, what it says in $SAID
watch() {
	: >"$SEEN"
	: >"$SAID"
	"$SRCPIN" watch "$@" >"$SEEN" 2>"$SAID" &
	watcher=$!
	wait_until "it says whether there is something to watch" grep -q '^srcpin: \(watching\|.* loaded: waiting\)' "$SAID"
}

# end_watch [SIGNAL]: its exit status
end_watch() {
	kill "-${1-INT}" "$watcher"
	wait "$watcher" 2>/dev/null
}

has_lines() {
	(($(wc -l <"$SEEN") >= $1))
}

NOT_TOLD=''
FIELDS='{pid, process, call, protocol, destination, port, before, before_port, after}'

# decides ROW VERDICT REASON [EXPRESSION]: the next line that is watched is that of the call of ROW
decides() {
	local before want
	before=$(wc -l <"$SEEN")
	want=$("$HELPERS/decisions" "$1") || bail_out "$want"
	[[ $1 != *' bound '* ]] || before=$((before + 1)) # a bind comes first
	wait_until "the decision is seen" has_lines $((before + 1))
	has_host_pids || want=$(jq -c '.pid = null' <<<"$want")
	[[ ! $NOT_TOLD ]] || want=$(jq -c ". + ($NOT_TOLD | map_values(null))" <<<"$want")
	is "$(tail -n +$((before + 1)) "$SEEN" | jq -cS "$FIELDS")" "$(jq -cS . <<<"$want")" "$1: as the socket says"
	is "$(tail -n 1 "$SEEN" | jq -c "[.verdict, .reason, .service]")" "[\"$2\",\"$3\",\"$WORLD_SECTION\"]" "$1: $3"
	[[ ! ${4-} ]] || is "$(tail -n 1 "$SEEN" | jq -c "$4")" true "$1: $4"
}

total() { # of all calls and dropped packets, by status
	"$SRCPIN" status --json | jq '[.services[].counters | .pinned + .exempt + .denied + .dropped + .observed] | add'
}

lost() {
	grep '^{"lost"' "$SEEN" | jq -s 'map(.lost) | add // 0'
}

seen() {
	grep -c '"verdict"' "$SEEN"
}

all_is_told() {
	(($(seen) + $(lost) >= calls))
}

watches_again() {
	(($(grep -c '^srcpin: watching 1 service$' "$SAID") == 2))
}

nothing=$(state)
put "source = $A"$'\n'"ipv4 = deny"
loaded=$(state)

watch --json
is "$(<"$SAID")" "srcpin: watching 1 service" "it says what it watches"
decides "udp connect $PEER 25" pinned pinned_connect '.line == 2 and .observed == false'
decides "tcp connect $PEER 25" pinned pinned_connect
decides "udp sendto $PEER 26" pinned pinned_datagram
decides "tcp bind $SHARED 0" pinned pinned_bind
decides "tcp bind :: 4025" exempt exempt_bind
decides "udp connect fd00:1::1 25 left" exempt exempt_rule '.line == null'
decides "udp connect $PEER 25 bound $SHARED 4026" denied denied_bound
decides "udp connect $PEER 25 bound $A 4027" pinned pinned_already
decides "udp connect 192.0.2.1 25" denied denied_rule '.line == 3'
decides "udp connect 10.0.0.1 25 left" exempt exempt_rule
# where the guard is not told the process (Linux 6.12 and before)
[[ $("$SRCPIN" -v load --cgroup "$WORLD_CGROUP" -c "$CONFIG" 2>&1) != *'does not tell the guard'* ]] || NOT_TOLD='{pid, process}'
decides "raw sendto $PEER 0" dropped dropped_source
NOT_TOLD=''
is "$(jq -s 'all(.[]; .cgroup > 0 and (.time | test("^20[0-9]{2}-[0-9]{2}-[0-9]{2}T.*\\.[0-9]{6}Z$")))' "$SEEN")" true "each has a time and a cgroup"
is "$(jq -rs '[.[].time] | . == sort' "$SEEN")" true "in the order of their time"
now=$(date +%s)
is "$(jq -rs --argjson now "$now" '.[-1].time | sub("\\.[0-9]+Z"; "Z") | fromdate | $now - . | . >= 0 and . < 60' "$SEEN")" true "which is now"
is "$(wc -l <"$SEEN")" 13 "there is a line for each call, and none for a packet that passed"
end_watch
is "$?" 0 "ended by SIGINT: exits with 0"
same_state "$loaded" "and nothing is left of it"

# as lines
watch
"$HELPERS/decisions" "udp connect $PEER 25" >/dev/null
wait_until "the decision is seen" has_lines 1
like "$(<"$SEEN")" "^[0-9:]{8}\.[0-9]{6}  decisions\[(host )?[0-9]+\] +udp connect +\[$PEER\]:25 +:: -> $A +pinned +pinned_connect +$WORLD_SECTION\$" \
	"a line has it all"
end_watch TERM
is "$?" 0 "ended by SIGTERM: exits with 0"

# with names that are not for a terminal
watch
"$HELPERS/inside" "$WORLD_CGROUP" "$PEER" >/dev/null
cp "$HELPERS/inside" "$WORLD_DIR/"$'a\eb'
"$WORLD_DIR/"$'a\eb' "$WORLD_CGROUP" "$PEER" >/dev/null
wait_until "both are seen" has_lines 2
like "$(tail -n 1 "$SEEN")" '  a\?b\[(host )?[0-9]+\] ' "a process's name is shown clean"
end_watch

# from within a PID namespace
: >"$SEEN"
: >"$SAID"
unshare --pid --fork --kill-child --mount-proc "$SRCPIN" watch --json >"$SEEN" 2>"$SAID" &
watcher=$!
wait_until "it watches" grep -q watching "$SAID"
want=$("$HELPERS/decisions" "udp connect $PEER 25" | jq .pid)
wait_until "the decision is seen" has_lines 1
has_host_pids || want=$(jq .host_pid "$SEEN")
is "$(jq -c '[.process, .pid, .host_pid > 1, .host_pid]' "$SEEN")" "[\"decisions\",null,true,$want]" "in a PID namespace it is the host's number, and called so"
kill "$(<"/proc/$watcher/task/$watcher/children")" # unshare(1) does not listen
wait "$watcher" 2>/dev/null

# only observed
put "source = $A"$'\n'"mode = observe"
watch --json
decides "udp connect $PEER 25 left" pinned pinned_connect '.observed'
decides "udp connect $PEER 25 bound $SHARED 4028 left" denied denied_bound '.observed'
end_watch

# filters
put "source = $A"$'\n'"ipv4 = deny"
loaded=$(state)
watch --json --only denied
"$HELPERS/decisions" "udp connect $PEER 25" "udp connect fd00:1::1 25" "udp connect 192.0.2.1 25" "raw sendto $PEER 0" >/dev/null
wait_until "all that is denied is seen" has_lines 2
end_watch
is "$(jq -r .reason "$SEEN" | paste -sd' ')" "denied_rule dropped_source" "--only denied"
watch --json --only exempt
"$HELPERS/decisions" "udp connect $PEER 25" "udp connect 192.0.2.1 25" "udp connect fd00:1::1 25" >/dev/null
wait_until "what is exempt is seen" has_lines 1
end_watch
is "$(jq -r .reason "$SEEN")" exempt_rule "--only exempt"
watch --json --to 2001:db8:9::/48
"$HELPERS/decisions" "tcp bind $SHARED 0" "udp connect 2001:db8:77::1 25" "udp connect 192.0.2.1 25" "udp connect $PEER 25" >/dev/null
wait_until "what goes there is seen" has_lines 1
end_watch
is "$(jq -r .destination "$SEEN")" "$PEER" "--to a prefix"
watch --json --to 192.0.2.1 --only denied
"$HELPERS/decisions" "udp connect $PEER 25" "udp connect 192.0.2.1 25" >/dev/null
wait_until "what goes there is seen" has_lines 1
end_watch
is "$(jq -r .destination "$SEEN")" 192.0.2.1 "--to an address of IPv4"
for arguments in "--only refused" "--only" "--to 2001:db8::1/32" "--to nowhere"; do
	# shellcheck disable=SC2086 # words
	run "$SRCPIN" watch $arguments
	is "$?" 1 "watch $arguments: exits with 1"
	ok "watch $arguments: one sentence" one_sentence "$err"
done

# of one service among two
mkdir "$WORLD_CGROUP/one"
occupy "$WORLD_CGROUP/one"
config "source = 2001:db8:2::26" one
"$SRCPIN" load --cgroup "$WORLD_CGROUP/one" -c "$CONFIG" >/dev/null
watch --json --cgroup "$WORLD_CGROUP/one"
"$HELPERS/inside" "$WORLD_CGROUP" "$PEER" "$WORLD_CGROUP/one" "$PEER" >/dev/null
wait_until "that one's is seen" has_lines 1
end_watch
is "$(jq -r '[.service, .after] | join(" ")' "$SEEN" | sort -u)" "one 2001:db8:2::26" "--cgroup: that service's alone"
vacate "$WORLD_CGROUP/one"
"$SRCPIN" unload --cgroup "$WORLD_CGROUP/one"
rmdir "$WORLD_CGROUP/one"

# nobody reads any more
watch --json
"$SRCPIN" watch --json 2>"$SAID" | head -n 1 >"$WORLD_DIR/first" &
first=$!
wait_until "it watches" grep -q watching "$SAID"
"$HELPERS/decisions" "udp connect $PEER 25" >/dev/null
ok "whose reader is gone ends by itself" timeout 20 tail --pid="$first" -f /dev/null
wait "$first"
is "$? $(wc -l <"$WORLD_DIR/first")" "0 1" "as one that has done its work"
wait_until "the other one saw it too" has_lines 1
end_watch

# killed
watch --json
watch_pid=$watcher
kill -KILL "$watch_pid"
wait "$watch_pid" 2>/dev/null
same_state "$loaded" "killed: nothing is left"
is "$(source_of "$WORLD_CGROUP")" "$A" "the service goes on"
is "$(bpftool -j map dump pinned /sys/fs/bpf/srcpin/maps/watch | jq -c '[.[0].formatted.value[".data.watch"][0].srcpin_watch.on[]]')" "[0,0,0,0]" \
	"its next call has noted that nobody is there"

# four at the same instant, again and again: each has a place of its own, which is free as soon as it ends
four_begin() {
	local i
	pids=()
	for i in 1 2 3 4; do
		: >"$WORLD_DIR/said-$i"
		: >"$WORLD_DIR/seen-$i"
		"$SRCPIN" watch >"$WORLD_DIR/seen-$i" 2>"$WORLD_DIR/said-$i" &
		pids+=($!)
	done
}
four_have_begun() {
	(($(cat "$WORLD_DIR"/said-[1-4] | wc -l) >= 4))
}
four_have_seen() { # or said why not
	(($(grep -lE 'pinned_connect|cannot' "$WORLD_DIR"/seen-[1-4] "$WORLD_DIR"/said-[1-4] | wc -l) >= 4))
}
good=0
for ((round = 0; round < 15; round++)); do
	four_begin
	wait_until "they watch, or cannot" four_have_begun
	"$HELPERS/decisions" "udp connect $PEER 25" >/dev/null
	wait_until "they see a decision" four_have_seen
	if ((round == 14)); then
		run "$SRCPIN" watch
		is "$?" 2 "a fifth: exits with 2"
		is "$err" "srcpin: cannot watch: 4 srcpin watch are running already (end one of them)" "and says why"
		# one is killed, and its place is another's as soon as a call has noted that
		kill -KILL "${pids[1]}"
		wait "${pids[1]}" 2>/dev/null
		"$HELPERS/decisions" "udp connect $PEER 25" >/dev/null
		from=${EPOCHREALTIME/[.,]/}
		a_fifth_watches() {
			: >"$SAID"
			"$SRCPIN" watch >"$SEEN" 2>"$SAID" &
			watcher=$!
			wait_until "it watches or cannot" grep -q . "$SAID"
			grep -q '^srcpin: watching' "$SAID" && return
			wait "$watcher"
			return 1
		}
		wait_until "the killed one's place is free" a_fifth_watches
		diag "after $(((${EPOCHREALTIME/[.,]/} - from) / 1000)) ms"
		"$HELPERS/decisions" "udp connect $PEER 25" >/dev/null
		wait_until "it sees a decision" has_lines 1
		pass "one is killed: another has its place"
		end_watch
		unset 'pids[1]'
	fi
	kill "${pids[@]}" 2>/dev/null
	for pid in "${pids[@]}"; do
		if wait "$pid"; then good=$((good + 1)); else diag "round $round: exits with $?: $(grep -h cannot "$WORLD_DIR"/said-[1-4])"; fi
	done
done
is "$good" 59 "60 of them, started four at a time: none is evicted, and those that are not killed end well"

# a load: what is not seen is lost, and said to be; at a rate that this machine can follow, nothing is
for rate in 100000 50000 25000; do
	before=$(total)
	watch --json
	read -r calls took < <("$HELPERS/decisions" load "$((${CALLS:-200000} / 2))" 2 "$rate")
	wait_until "all is seen or lost" all_is_told
	end_watch
	diag "$calls decisions in $took ms, $(lost) lost"
	is "$(($(seen) + $(lost)))" "$calls" "$rate a second: seen and lost are what was decided"
	is "$(($(total) - before))" "$calls" "$rate a second: which is also what was counted"
	lost_at_rate=$(lost)
done
is "$lost_at_rate" 0 "at $rate in a second, nothing is lost"

# a reader that is too slow
mkfifo "$WORLD_DIR/fifo"
"$SRCPIN" watch --json >"$WORLD_DIR/fifo" 2>"$SAID" &
watcher=$!
exec {slow}<"$WORLD_DIR/fifo"
wait_until "it watches" grep -q watching "$SAID"
before=$(total)
read -r calls took < <("$HELPERS/decisions" load 200000 2 0)
: >"$SEEN"
cat <&$slow >"$SEEN" &
reader=$!
exec {slow}<&-
wait_until "all is seen or lost" all_is_told
end_watch
is "$?" 0 "a slow reader: it ends with 0"
wait "$reader"
diag "$calls decisions in $took ms, $(lost) lost"
is "$(($(seen) + $(lost)))" "$calls" "seen and lost are what was decided"
ok "some are lost" test "$(lost)" -gt 0

# one that is stuck can be ended all the same
"$SRCPIN" watch --json >"$WORLD_DIR/fifo" 2>"$SAID" &
watcher=$!
exec {slow}<"$WORLD_DIR/fifo"
wait_until "it watches" grep -q watching "$SAID"
"$HELPERS/decisions" load 10000 1 0 >/dev/null
kill -INT "$watcher"
ok "nobody reads: SIGINT ends it" timeout 20 tail --pid="$watcher" -f /dev/null
wait "$watcher"
is "$?" 0 "with 0"
exec {slow}<&-

# killed under load and begun again, many times
"$HELPERS/decisions" load 2000000 1 50000 >/dev/null &
load=$!
for i in 1 2 3 4 5 6 7 8; do
	watch --json
	wait_until "it sees the load" has_lines 100
	kill -KILL "$watcher"
	wait "$watcher" 2>/dev/null
done
pass "killed and begun again under load, 8 times"
kill "$load"
wait "$load" 2>/dev/null
same_state "$loaded" "nothing is left of them"

# services come and go, the first and the last as well
watch --json
"$SRCPIN" unload --all
wait_until "it says that nothing is loaded" grep -q '^srcpin: nothing is loaded: waiting until something is$' "$SAID"
same_state "$nothing" "unload --all, while it watches: nothing is held"
ids=$(ids_of "$loaded")
wait_until "it lets go of the maps" none_left "$ids"
put "source = 2001:db8:2::26"
wait_until "it says that it watches again" watches_again
decides "udp connect $PEER 25" pinned pinned_connect '.after == "2001:db8:2::26"'
make_newer
"$NEWER" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" >/dev/null
decides "udp connect $PEER 25" pinned pinned_connect
mkdir "$WORLD_CGROUP/one"
occupy "$WORLD_CGROUP/one"
config "source = $A" one
"$SRCPIN" load --cgroup "$WORLD_CGROUP/one" -c "$CONFIG" >/dev/null
"$HELPERS/inside" "$WORLD_CGROUP/one" "$PEER" >/dev/null
wait_until "the first call of a service that has come is seen" grep -q '"service":"one"' "$SEEN"
pass "a service that has come is seen from its first call"
vacate "$WORLD_CGROUP/one"
rmdir "$WORLD_CGROUP/one"
is "$(grep -vc '^srcpin: \(watching 1 service\|nothing is loaded.*\)$' "$SAID")" 0 "it has said nothing else"
end_watch
is "$?" 0 "and ends with 0"

# the first load of the host: the service's first calls, though there is nothing to watch until then
put "source = $A"$'\n'"ipv4 = deny"
for try in 1 2 3 4 5; do # not so where the host has something better to do
	watch --json --only denied
	for ((i = 0; i < 10; i++)); do
		"$SRCPIN" unload --all
		"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" >/dev/null
		sleep 0.01 # what starts a service takes no less
		"$HELPERS/decisions" "udp connect 192.0.2.1 25" >/dev/null
	done
	end_watch
	[[ $(seen) != 10 ]] || break
done
is "$(seen)" 10 "first loads of the host: what is refused right after each is seen (try $try)"

# stopped for so long that others may have its place
pids=()
for i in 1 2 3 4; do
	: >"$WORLD_DIR/said-$i"
	"$SRCPIN" watch >"$WORLD_DIR/seen-$i" 2>"$WORLD_DIR/said-$i" &
	pids+=($!)
	wait_until "it watches" grep -q watching "$WORLD_DIR/said-$i"
done
kill -STOP "${pids[@]}"
a_fifth_has_a_place() {
	: >"$SAID"
	"$SRCPIN" watch --json >"$SEEN" 2>"$SAID" &
	watcher=$!
	wait_until "it watches or cannot" grep -q . "$SAID"
	grep -q '^srcpin: watching' "$SAID" && return
	wait "$watcher"
	return 1
}
wait_until "the stopped ones lose their places" a_fifth_has_a_place
kill -CONT "${pids[@]}"
"$HELPERS/decisions" "udp connect $PEER 25" >/dev/null
wait_until "the fifth sees it" has_lines 1
one_has_ended() {
	grep -q cannot "$WORLD_DIR"/said-[1-4]
}
wait_until "one of the four has ended" one_has_ended
is "$(cat "$WORLD_DIR"/said-[1-4] | grep -v watching)" \
	"srcpin: cannot watch any longer: while this was stopped, another srcpin watch took its place" "stopped for long: one has lost its place, and says so"
others_see_it() {
	(($(grep -l pinned_connect "$WORLD_DIR"/seen-[1-4] | wc -l) >= 3))
}
wait_until "the other three see it" others_see_it
pass "the other three go on"
statuses=''
for i in "${pids[@]}"; do
	kill "$i" 2>/dev/null
	wait "$i"
	statuses+=" $?"
done
is "$(tr ' ' '\n' <<<"$statuses" | sort | paste -sd' ')" " 0 0 0 2" "which exits with 2"
end_watch

# before anything is loaded
"$SRCPIN" unload --all
same_state "$nothing" "nothing is left"
config "source = $A" one
watch --json --cgroup one
is "$(<"$SAID")" "srcpin: one is not loaded: waiting until it is" "nothing is loaded: it waits"
mkdir "$WORLD_CGROUP/one"
occupy "$WORLD_CGROUP/one"
"$SRCPIN" load --cgroup "$WORLD_CGROUP/one" -c "$CONFIG" >/dev/null
wait_until "it watches" grep -q '^srcpin: watching 1 service$' "$SAID"
"$HELPERS/inside" "$WORLD_CGROUP/one" "$PEER" >/dev/null
wait_until "its call is seen" has_lines 1
pass "what is loaded then is watched"
end_watch
"$SRCPIN" unload --all
same_state "$nothing" "nothing is left"

done_testing
