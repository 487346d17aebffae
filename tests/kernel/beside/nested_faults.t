#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Pinned cgroups in pinned cgroups, and a load that fails at each of its bpf(2) calls; and what cannot
# be listed or looked for is an error, not an absence.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
need strace

SHARED=2001:db8:1::5 A=2001:db8:2::25 B=2001:db8:2::26
outer=$WORLD_CGROUP/mail inner=$WORLD_CGROUP/mail/postfix
CONFIG=$WORLD_DIR/srcpin.conf
mkdir -p "$inner" "$WORLD_CGROUP/other"
occupy "$inner"

# sections [LINE of the inner one]
sections() {
	printf '[mail]\nsource = %s\n[postfix]\nsource = %s\n%b\n[other]\nsource = %s\n' "$A" "$B" "${1-}" "$A" >"$CONFIG"
}

load() {
	"$SRCPIN" load --cgroup "$1" -c "$CONFIG" >/dev/null 2>&1 || bail_out "cannot load $1"
}

sources() {
	"$HELPERS/inside" "$outer" 2001:db8:9::1 "$inner" 2001:db8:9::1 | paste -sd' '
}

traced() {
	on_one_cpu strace -f --seccomp-bpf -qq -o "$WORLD_DIR/trace" "$@" "$SRCPIN" load --cgroup "$target" -c "$CONFIG" >"$WORLD_DIR/out" 2>&1
}

# at_each WHAT: a load of TARGET in which one call more goes well each time; JUDGE says if all is well.
# After a failure, what was before is there still, says JUDGE; only after anything else RESTORE makes it again
at_each() {
	local what=$1 n total status=0 bad=0
	"$restore"
	traced -e trace=bpf || bail_out "cannot load under strace"
	total=$(grep -c 'bpf(' "$WORLD_DIR/trace")
	for ((n = 1; n <= total; n++)); do
		[[ $status == 2 ]] || "$restore"
		traced -e trace=bpf -e "inject=bpf:error=ENOMEM:when=$n"
		status=$?
		"$judge" "$status" || {
			bad=$((bad + 1))
			((bad > 5)) || diag "bpf call $n, exit $status: $(sources), $(<"$WORLD_DIR/out")"
			status=
		}
	done
	is "$bad" 0 "$what, ENOMEM at each of $total calls of bpf"
}

mode_of_inner() {
	"$SRCPIN" status --cgroup "$inner" --json | jq -r '.services[0] | .mode + " " + .state'
}

# whatever happened: what status says of the inner service is what it does, and a failure has changed nothing
as_said() {
	local want="$A $B"
	[[ $(mode_of_inner) != observe* ]] || want="$A $A"
	[[ $1 != 2 ]] || want="$A $B"
	[[ $(sources) == "$want" ]]
}

enforced() {
	sections
	load "$inner"
	sections 'mode = observe'
}

target=$inner restore=enforced judge=as_said
sections
load "$outer"
at_each "the inner one, to observe"
"$SRCPIN" unload --all

# the first load of the inner one: pinned by it, or by the outer one as before; never by none
outer_alone() {
	"$SRCPIN" unload --all
	load "$outer"
}

first_inner() {
	case $1 in
	0) [[ $(sources) == "$A $B" ]] ;;
	*) [[ $(sources) == "$A $A" && $("$SRCPIN" status --json | jq '.services | length') == 1 ]] ;;
	esac
}

# shellcheck disable=SC2034 # at_each reads it
restore=outer_alone judge=first_inner
sections
at_each "the inner one, first"

# the first load of the outer one: the inner one's pin stays whatever happens
inner_alone() {
	"$SRCPIN" unload --all
	load "$inner"
}

first_outer() {
	case $1 in
	0) [[ $(sources) == "$A $B" ]] ;;
	*) [[ $(sources) == "$SHARED $B" ]] ;;
	esac
}

# shellcheck disable=SC2034 # likewise
target=$outer restore=inner_alone judge=first_outer
at_each "the outer one, first"
"$SRCPIN" unload --all

# what cannot be listed is not absent
load "$outer"
load "$inner"
load "$WORLD_CGROUP/other"
folder=/sys/fs/bpf/srcpin/services
before=$(sources)
run strace -f -qq -o /dev/null -P "$folder" -e trace=openat -e inject=openat:error=EMFILE "$SRCPIN" status
is "$?" 2 "the services cannot be listed: status exits with 2"
like "$err" "cannot list $folder: Too many open files" "the services cannot be listed: status says so"
for command in "unload --cgroup $WORLD_CGROUP/other" "unload --all" reload "load --cgroup $inner -c $CONFIG"; do
	read -ra words <<<"$command"
	for n in 1 2 3 4 5 6 7 8; do
		run strace -f -qq -o /dev/null -P "$folder" -e trace=openat -e "inject=openat:error=EMFILE:when=$n" "$SRCPIN" "${words[@]}"
		status=$?
		[[ $status == 0 || $status == 2 ]] || fail "$command, listing $n fails: exit status $status" "$err"
		case $command:$status in
		"unload --all:0") ok "$command, listing $n fails: nothing is left" test ! -e /sys/fs/bpf/srcpin ;;
		"unload --all:2") ;; # part of it is out, and it says so; again does the rest
		*) is "$(sources)" "$before" "$command, listing $n fails, exit status $status: the others are as they were" ;;
		esac
		load "$outer"
		load "$inner"
		load "$WORLD_CGROUP/other"
	done
done

# after the last one, too: programs stay only where that is said
"$SRCPIN" unload --all
for n in 1 2 3 4 5 6 7 8; do
	load "$WORLD_CGROUP/other"
	run strace -f -qq -o /dev/null -P "$folder" -e trace=openat -e "inject=openat:error=EMFILE:when=$n" "$SRCPIN" \
		unload --cgroup "$WORLD_CGROUP/other"
	case $?:$err in
	0:) ok "unload of the last, listing $n fails: nothing is left" test ! -e /sys/fs/bpf/srcpin ;;
	2:*"cannot list $folder: Too many open files"*) pass "unload of the last, listing $n fails: says so" ;;
	*) fail "unload of the last, listing $n fails" "$err" ;;
	esac
	run "$SRCPIN" unload --all
	ok "unload --all after that leaves nothing" test ! -e /sys/fs/bpf/srcpin
done
load "$outer"
load "$inner"
load "$WORLD_CGROUP/other"

# without the capability to look for a cgroup by its id, nothing is taken for gone
run setpriv --bounding-set=-all,+bpf,+net_admin,+perfmon --inh-caps=-all "$SRCPIN" load --cgroup "$inner" -c "$CONFIG"
is "$?" 2 "without CAP_DAC_READ_SEARCH: load exits with 2"
like "$err" "CAP_DAC_READ_SEARCH is missing" "without CAP_DAC_READ_SEARCH: says so"
is "$(sources)" "$before" "without CAP_DAC_READ_SEARCH: nothing changes"
"$SRCPIN" unload --all
done_testing
