#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# From a unit's name to its cgroup: sections by glob, names that cannot be
# meant, self, and what is left of a service when it stops.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

in_few_files() {
	(
		ulimit -Sn 64
		exec "$@"
	)
}

SHARED=2001:db8:1::5 A=2001:db8:2::25 B=2001:db8:2::26 C=2001:db8:2::27
nothing=$(state)
tag=t$$

# refused STATUS REGEX WHAT COMMAND...
refused() {
	local want=$1 regex=$2 what=$3 status
	shift 3
	run "$@"
	status=$?
	is "$status" "$want" "$what: exits with $want"
	ok "$what: in one sentence" one_sentence "$err"
	like "$err" "$regex" "$what: says what to do"
}

# instances of a template, as Debian 12's Postfix has them, in the slice of their own
slice=$WORLD_CGROUP/system-$tag.slice
first=$slice/$tag@-.service second=$slice/$tag@out.service third=$slice/$tag@in\\x2dner.service
mkdir -p "$first" "$second" "$third"
occupy "$first" "$second" "$third"
CONFIG=$WORLD_DIR/srcpin.conf
printf '[%s]\nsource = %s\n' "$tag@o*.service" "$B" "$tag@*.service" "$C" "$tag@-.service" "$A" >"$CONFIG"
for cgroup in "$first" "$second" "$third"; do
	run inside "$cgroup" "$SRCPIN" load --cgroup self -c "$CONFIG"
	is "$?" 0 "load --cgroup self, in ${cgroup##*/}"
done
is "$(source_of "$first")" "$A" "the section of that very name wins, though globs come first"
is "$(source_of "$second")" "$B" "the first glob that matches wins"
is "$(source_of "$third")" "$C" "a glob takes an instance whose name is escaped"
run "$SRCPIN" status --json
is "$? $(jq -r '.services[].name' <<<"$out" | sort | paste -sd' ')" "0 $tag@-.service $tag@in\\x2dner.service $tag@out.service" \
	"status names the instances"
run inside "$second" "$SRCPIN" reload --cgroup self
is "$? $(source_of "$second")" "0 $B" "reload --cgroup self reloads the instance"

# where systemd runs the commands of a unit with Delegate=
mkdir "$second/.control"
printf '[%s]\nsource = %s\nipv4 = leave\n' "$tag@*.service" "$A" >"$CONFIG"
run inside "$second/.control" "$SRCPIN" load --cgroup self -c "$CONFIG"
is "$? $out" "0 $tag@out.service: in force, source $A" "self in .control is the unit"
is "$(source_of "$second")" "$A" "and the unit is pinned"
run inside "$second/.control" "$SRCPIN" unload --cgroup self
is "$? $(source_of "$second")" "0 $SHARED" "and unloaded from there"
"$SRCPIN" unload --all

# a unit that only stands for others
umbrella=$WORLD_CGROUP/$tag.service
mkdir "$umbrella"
printf '[*]\nsource = %s\n' "$A" >"$CONFIG"
load=("$SRCPIN" load -c "$CONFIG" --cgroup)
refused 1 "cannot use cgroup $tag.service: no process is in it, did you mean: .*/$tag@-.service" "an empty umbrella" \
	"${load[@]}" "$tag.service"
refused 1 "cannot find a cgroup named $tag@x.service \(is the service running\?\), did you mean: .*/$tag@-.service" \
	"another instance" "${load[@]}" "$tag@x.service"
mkdir "$WORLD_CGROUP/alone-$tag.service"
refused 1 "cannot use cgroup alone-$tag.service: no process is in it \(start the service, or name it by its path: .*/alone-$tag.service\)" \
	"an empty cgroup" "${load[@]}" "alone-$tag.service"
rmdir "$WORLD_CGROUP/alone-$tag.service"
refused 1 "cannot find a cgroup named alone-$tag.service: nothing of the service runs \(start it; or srcpin install --unit alone-$tag.service" \
	"a unit that does not run" "${load[@]}" "alone-$tag.service"
mkdir -p "$WORLD_CGROUP/user/$tag@-.service"
occupy "$WORLD_CGROUP/user/$tag@-.service"
refused 1 "cannot choose cgroup $tag@-.service: there are 2, name one by its path: .*$tag@-.service, .*$tag@-.service" \
	"a name that exists twice" "${load[@]}" "$tag@-.service"
same_state "$nothing" "all that loads nothing"
run "${load[@]}" "$umbrella"
is "$?" 0 "by its path an empty cgroup is taken"
run "$SRCPIN" status --cgroup "$umbrella"
is "$?" 4 "and is found wanting by status"
occupy "$umbrella"
run "${load[@]}" "$tag.service"
is "$?" 0 "by its name, too, once a process is in it"
"$SRCPIN" unload --all

# what a user has made of that name is never meant
joes=$WORLD_CGROUP/joes/$tag@-.service
vacate "$WORLD_CGROUP/user/$tag@-.service"
rmdir "$WORLD_CGROUP/user/$tag@-.service"
mkdir "$WORLD_CGROUP/joes"
chown 1000 "$WORLD_CGROUP/joes"
setpriv --reuid=1000 --clear-groups mkdir "$joes"
occupy "$joes"
run "${load[@]}" "$tag@-.service"
is "$? $(source_of "$first") $(source_of "$joes")" "0 $A $SHARED" "a user's cgroup of that name, while the service is up: the service is pinned"
"$SRCPIN" unload --all
vacate "$first"
rmdir "$first"
refused 1 "cannot find a cgroup named $tag@-.service.*; not looked at: .*/joes, which belongs to uid 1000 \(name it by its path\)" \
	"while it is down" "${load[@]}" "$tag@-.service"
run "$SRCPIN" probe --cgroup "$tag@-.service" 2001:db8:9::1
is "$? $out" "1 " "while it is down: probe tries nothing"
printf '[%s]\nsource = %s\n' "$tag@-.service" "$A" >"$CONFIG"
"$SRCPIN" doctor -c "$CONFIG" --json >"$WORLD_DIR/doctor.json"
is "$(jq "[.checks[] | select(.service == \"$tag@-.service\" and .id == \"loaded\").seen]" -c "$WORLD_DIR/doctor.json")" \
	'["no service that runs is of this section"]' "while it is down: doctor does not take the user's"
same_state "$nothing" "and nothing was loaded"
run "${load[@]}" "$joes"
is "$? $(source_of "$joes")" "0 $A" "by its path a user's cgroup is taken"
"$SRCPIN" unload --all
vacate "$joes"
rmdir "$joes" "$WORLD_CGROUP/joes"
mkdir "$first"
occupy "$first"
printf '[*]\nsource = %s\n' "$A" >"$CONFIG"

# what a service leaves behind that stops
unload=("$SRCPIN" unload --if-empty --cgroup)
vacate "$first" "$second"
"${load[@]}" "$first" >/dev/null
run inside "$first" "${unload[@]}" self
is "$? $out$err" "0 " "unload --if-empty, nobody but the caller is in it: unloads"
same_state "$nothing" "and nothing is left"
run inside "$first" "${unload[@]}" self
is "$? $out$err" "0 " "unload --if-empty, and nothing is loaded: no error"
occupy "$first"
"${load[@]}" "$first" >/dev/null
run inside "$first" "${unload[@]}" self
is "$? $out" "0 $tag@-.service: still in force, as 1 process of it is left" "unload --if-empty, a process is left: says so"
is "$(source_of "$first")" "$A" "and it stays pinned"
mkdir -p "$first/below/deeper"
occupy "$first/below" "$first/below/deeper"
vacate "$first"
run "${unload[@]}" "$first"
is "$? $out" "0 $tag@-.service: still in force, as 2 processes of it are left" "unload --if-empty, from outside, two are left below: says so"
is "$(source_of "$first/below")" "$A" "and they stay pinned"
# shellcheck disable=SC2016 # the inner shell's own
unshare --pid --fork --mount-proc --cgroup -- "$BASH" -c 'echo $$ >"$1/cgroup.procs"; exec sleep infinity' bash "$second" 2>/dev/null &
disown
wait_until "a process of another pid namespace is there" world_populated "$second" 1
"${load[@]}" "$second" >/dev/null
run unshare --pid --fork --mount-proc -- "${unload[@]}" "$second"
is "$? $out" "0 $tag@out.service: still in force, as 1 process of it is left" "unload --if-empty, one that we cannot see is left: says so"
vacate "$first/below" "$first/below/deeper"
run "${unload[@]}" "$first"
is "$? $(source_of "$first")" "0 $SHARED" "unload --if-empty, all have ended: unloads"
vacate "$second"
rmdir "$second/.control" "$second"
run "${unload[@]}" "$second"
is "$? $out$err" "0 " "unload --if-empty, its cgroup is gone: unloads"
same_state "$nothing" "and nothing is left in the end"
refused 1 "needs --cgroup NAME" "unload --all --if-empty" "$SRCPIN" unload --all --if-empty

# whom a cgroup is delegated to may move what root runs in it
theirs=$WORLD_CGROUP/$tag-theirs.service
mkdir -p "$theirs/$tag-theirs.service"
chown -R 65534 "$theirs"
occupy "$theirs"
run inside "$theirs/$tag-theirs.service" "${load[@]}" self
is "$?" 0 "load --cgroup self, moved to a cgroup below a delegated one: exits with 0"
is "$(source_of "$theirs") $(source_of "$theirs/$tag-theirs.service")" "$A $A" "the delegated one is pinned, with all below it"
vacate "$theirs"
"$SRCPIN" unload --all

# nor does a process of his get out of sight, which goes to where was looked already
hide=$WORLD_CGROUP/$tag-hide.service
mkdir -p "$hide"/c{1..200}
mapfile -t order < <(find "$hide" -mindepth 1 -maxdepth 1 -type d)
(
	while echo 0 >"${order[-1]}/cgroup.procs"; do echo 0 >"${order[0]}/cgroup.procs"; done
) &
hopper=$!
disown
wait_until "it is there" world_populated "$hide" 1
"${load[@]}" "$hide" >/dev/null
for _ in {1..30}; do inside "$hide" "${unload[@]}" self >/dev/null; done
is "$(source_of "$hide")" "$A" "unload --if-empty, one that moves about is left: it stays pinned"
kill -KILL "$hopper"
wait_until "it has ended" world_populated "$hide" 0
inside "$hide" "${unload[@]}" self
is "$? $(source_of "$hide")" "0 $SHARED" "and once it has ended, it is unloaded"
find "$hide" -depth -type d -exec rmdir {} +

# a user may nest cgroups as deep as he likes
deep=$first$(printf '/d%.0s' {1..100})
mkdir -p "$deep"
occupy "$deep"
"${load[@]}" "$first" >/dev/null
run in_few_files "${load[@]}" "$first" --close-stale
is "$? $err" "0 " "load --close-stale, of 100 cgroups in one another, with room for 64 files: is done"
run in_few_files "${unload[@]}" "$first"
is "$? $out" "0 $tag@-.service: still in force, as 1 process of it is left" "unload --if-empty, likewise: finds who is left"
vacate "$deep"
"$SRCPIN" unload --all

done_testing
