#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Nobody waits for ever without a word: who only reads takes no lock, and sees a whole picture all the same; who
# changes something waits ten seconds for a process that has it, and says which.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

need strace flock timeout

A=2001:db8:2::25
B=2001:db8:2::26
HOME_OF_OURS=/sys/fs/bpf/srcpin

# begin NAME COMMAND...: in the background; its pid is in $NAME, what it says in $WORLD_DIR/NAME.*
begin() {
	local name=$1
	shift
	: >"$WORLD_DIR/$name.err" # wait_until looks at it
	"$@" >"$WORLD_DIR/$name.out" 2>"$WORLD_DIR/$name.err" &
	printf -v "$name" %s "$!"
}

# ends NAME: its status in $?, stdout in $out, stderr in $err
ends() {
	local status
	wait "${!1}"
	status=$?
	out=$(<"$WORLD_DIR/$1.out")
	err=$(<"$WORLD_DIR/$1.err")
	return "$status"
}

# Who holds the lock, by /proc/locks
holder() {
	local inode
	inode=$(stat -c %i "$HOME_OF_OURS" 2>/dev/null) || return
	awk -v inode=":$inode" '$2 == "FLOCK" && $6 ~ inode "$" { print $5 }' /proc/locks
}

is_held_by_a_stopped_one() {
	local pid
	pid=$(holder) && [[ $pid ]] && grep -q '^State:.*stop' "/proc/$pid/status"
}

is_held() {
	[[ $(holder) ]]
}

# stopped_load FILE: a load that is stopped half-way, at a call of bpf(2); the pid of srcpin is in $stopped
stopped_load() {
	begin loader strace -f -qq -o /dev/null -e trace=bpf -e inject=bpf:signal=STOP:when=25 \
		"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$1"
	wait_until "it is stopped and has the lock" is_held_by_a_stopped_one
	stopped=$(holder)
}

# at_once STATUS REGEX COMMAND...
at_once() {
	local want=$1 regex=$2
	shift 2
	run timeout -k 5 5 "$@"
	is "$?" "$want" "$when: ${*:2:3} answers at once"
	like "$out$err" "$regex" "$when: and says what is"
}

# readers_answer STATUS REGEX DOCTORS-STATUS
readers_answer() {
	at_once "$1" "$2" "$SRCPIN" status
	at_once "$1" "$2" "$SRCPIN" status --cgroup "$WORLD_CGROUP" --json
	at_once "$3" "$2" "$SRCPIN" doctor --cgroup "$WORLD_CGROUP" -c "$CONFIG"
	at_once 0 2001:db8:2:: "$SRCPIN" explain --cgroup "$WORLD_CGROUP" -c "$CONFIG" 2001:db8:9::1
	begin watcher "$SRCPIN" watch
	wait_until "$when: watch says what it does" grep -q '^srcpin: ' "$WORLD_DIR/watcher.err"
	# shellcheck disable=SC2154 # begin sets it
	kill "$watcher"
	ends watcher
	is "$? $(wc -l <<<"$err")" "0 1" "$when: watch begins at once"
}

# gives_up NAME REGEX: not before ten seconds, and after a word
gives_up() {
	ends "$1"
	is "$? $(wc -l <<<"$err") $out" "2 2 " "$1: gives up"
	like "$(head -1 <<<"$err")" '^srcpin: waiting for ' "$1: said first that it waits"
	like "$(tail -1 <<<"$err")" "$2" "$1: $(tail -1 <<<"$err")"
}

config "source = $B"
cp "$CONFIG" "$WORLD_DIR/b.conf"
put "source = $A" || bail_out "cannot load: $err"
state_of_a=$(state)

# a load that replaces a policy
when="stopped while it replaces"
stopped_load "$WORLD_DIR/b.conf"
readers_answer 0 "$A|in.force" 0
at_once 0 pinned "$SRCPIN" probe --cgroup "$WORLD_CGROUP" 2001:db8:9::1
from=$SECONDS
begin load "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG"
begin reload "$SRCPIN" reload
begin unload "$SRCPIN" unload --cgroup "$WORLD_CGROUP"
begin unload_all "$SRCPIN" unload --all
begin reset "$SRCPIN" status --reset
begin elsewhere unshare --pid --fork --mount-proc "$SRCPIN" unload --all
who="cannot lock $HOME_OF_OURS: '$SRCPIN load --cgroup .*' \\(pid $stopped\\) has held it for more than 10 s, and is stopped \\(kill -CONT $stopped lets it go on\\)\$"
for name in load reload unload unload_all reset; do
	gives_up "$name" "$who"
done
gives_up elsewhere "cannot lock $HOME_OF_OURS: a process that cannot be seen from here has held it for more than 10 s \\("
ok "after ten seconds" test $((SECONDS - from)) -ge 9 -a $((SECONDS - from)) -le 30
is "$(source_of "$WORLD_CGROUP")" "$A" "nothing has changed"
begin load "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG"
wait_until "it says that it waits" grep -q '^srcpin: waiting' "$WORLD_DIR/load.err"
kill -CONT "$stopped"
ends loader
is "$?" 0 "it goes on, and ends well"
ends load
is "$? $(source_of "$WORLD_CGROUP")" "0 $A" "who waited has its turn then"
ok "all is well" "$SRCPIN" status
same_state "$state_of_a" "and nothing is left behind"

# the first load of the host
"$SRCPIN" unload --all
when="stopped in a first load"
stopped_load "$CONFIG"
readers_answer 3 'nothing is loaded|not pinned|"services": ?\[\]' 4
kill -CONT "$stopped"
ends loader
is "$?" 0 "it goes on, and ends well"
ok "all is well" "$SRCPIN" status

# others who have the lock: one whose name is not for a terminal, and one who has it from a process that has ended
begin hangs flock -F "$HOME_OF_OURS" bash -c $'exec -a "$0" sleep infinity' $'ev\e[31mil\nsrcpin: all is well'
wait_until "it has the lock" is_held
begin load "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG"
at_once 0 in.force "$SRCPIN" status
# shellcheck disable=SC2154 # begin sets it
gives_up load "'ev\\?\\[31mil\\?srcpin: all is well infinity' \\(pid $hangs\\) has held it for more than 10 s \\(does it hang.*kill -KILL $hangs"
kill "$hangs"
wait "$hangs"
# shellcheck disable=SC2016 # $ is the other shell's
begin inherits bash -c 'exec 9<"$0"; flock 9; exec sleep infinity' "$HOME_OF_OURS"
is_locked() {
	! flock -n "$HOME_OF_OURS" true
}
wait_until "it has the lock" is_locked
begin load "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG"
gives_up load "a process that cannot be seen from here"
# shellcheck disable=SC2154 # begin sets it
kill "$inherits"
wait "$inherits"
ok "all is well" "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG"

# One that reads again and again while others load and unload sees nothing but what is legal.
mkdir "$WORLD_CGROUP/other"
occupy "$WORLD_CGROUP/other"
{ echo "[$WORLD_SECTION]"; echo "source = $B"; printf 'exempt = 2001:db8:%x::/48\n' {1..300}; } >"$WORLD_DIR/b.conf"
printf '[%s]\nsource = %s\nsource4 = 192.0.2.5\nguard = off\n[other]\nsource = %s\n' "$WORLD_SECTION" "$A" "$B" >"$WORLD_DIR/a.conf"

# changes WHAT...: does that again and again, until it is ended
changes() {
	local failed=0
	trap 'exit $((failed > 0))' TERM
	while :; do
		# shellcheck disable=SC2034 # the trap reads it
		"$@" >/dev/null || failed=1
	done
}

replaces() {
	"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$WORLD_DIR/a.conf" && "$SRCPIN" reload --cgroup "$WORLD_CGROUP" &&
		"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$WORLD_DIR/b.conf"
}

comes_and_goes() {
	"$SRCPIN" load --cgroup "$WORLD_CGROUP/other" -c "$WORLD_DIR/a.conf" && "$SRCPIN" unload --cgroup "$WORLD_CGROUP/other"
}

first_and_last() {
	"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$WORLD_DIR/a.conf" && "$SRCPIN" unload --all
}

# looks ROUNDS LEGAL: "EXIT NAME:STATE..." of each round is to match
looks() {
	local i got
	for ((i = 0; i < $1; i++)); do
		run "$SRCPIN" status --json
		got="$? $(jq -r '[.services[] | (.cgroup.path | split("/")[-1]) + ":" + .state] | join(" ")' <<<"$out")"
		[[ $got =~ ^($2)$ ]] || {
			diag "round $i: $got: $(jq -r '.services[].problems[]' <<<"$out") $err"
			bad=$((bad + 1))
		}
		seen[$got]=$((${seen[$got]-0} + 1))
	done
}

# while_changing WHAT LEGAL COMMAND...
while_changing() {
	local what=$1 legal=$2 each pids=() pid statuses=''
	declare -A seen=()
	shift 2
	for each; do
		changes "$each" 2>>"$WORLD_DIR/changes.err" &
		pids+=($!)
	done
	bad=0
	looks "${ROUNDS:-150}" "$legal"
	kill "${pids[@]}"
	for pid in "${pids[@]}"; do
		wait "$pid"
		statuses+=$?
	done
	for each in "${!seen[@]}"; do
		diag "$what: ${seen[$each]} times: $each"
	done
	is "$bad" 0 "$what: status says nothing but what is legal, ${ROUNDS:-150} times"
	is "${statuses//0/}" "" "$what: none of the others fails"
}

me=$WORLD_SECTION:in-force
"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$WORLD_DIR/a.conf" >/dev/null
while_changing "replaced, and another comes and goes" "0 $me( other:in-force)?" replaces comes_and_goes

# A load makes its folder before it says there which cgroup it is for. Who reads in between, and then again after it,
# tells no service without a name.
folder=$HOME_OF_OURS/services/$(stat -c %i "$WORLD_CGROUP/other")
ok "another is loaded" "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$WORLD_DIR/a.conf"
begin load strace -qq -o "$WORLD_DIR/load.trace" -P "$folder" -e trace=mkdir,mkdirat -e inject=mkdir,mkdirat:signal=STOP:when=1 \
	"$SRCPIN" load --cgroup "$WORLD_CGROUP/other" -c "$WORLD_DIR/a.conf"
wait_until "a load has made its folder" grep -qs 'stopped by' "$WORLD_DIR/load.trace"
begin reads strace -qq -o "$WORLD_DIR/reads.trace" -P "$folder/cgroup" -e trace=readlink,readlinkat \
	-e inject=readlink,readlinkat:signal=STOP:when=1 "$SRCPIN" status --json
wait_until "status has seen no name in it" grep -qs 'stopped by' "$WORLD_DIR/reads.trace"
# shellcheck disable=SC2154 # begin sets it
pkill -CONT -P "$load"
ends load
is "$?" 0 "the load ends"
# shellcheck disable=SC2154 # begin sets it
pkill -CONT -P "$reads"
ends reads
is "$? $(jq -r '[.services[] | (.cgroup.path | split("/")[-1]) + ":" + .state] | sort | join(" ")' <<<"$out")" \
	"0 $(printf '%s\n' "$me" other:in-force | LC_ALL=C sort | paste -sd ' ')" "status tells both, by their names"
ok "one is unloaded" "$SRCPIN" unload --cgroup "$WORLD_CGROUP/other"
"$SRCPIN" unload --all
while_changing "the first and the last" "0 $me|3 " first_and_last
is "$(cat "$WORLD_DIR/changes.err")" "" "nobody has said anything"

"$SRCPIN" unload --all
done_testing
