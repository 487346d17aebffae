#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# reload: the config is read again for what is loaded; all of it or nothing.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

A=2001:db8:2::25
B=2001:db8:2::26
C=2001:db8:2::27
CONFIG=$WORLD_DIR/srcpin.conf
one=$WORLD_CGROUP/one two=$WORLD_CGROUP/two

run "$SRCPIN" reload
is "$? $out" "0 nothing is loaded" "nothing is loaded: reload says so"
run "$SRCPIN" reload --cgroup "$one"
is "$?" 1 "nothing is loaded for a cgroup: reload exits with 1"

mkdir "$one" "$two"
both() {
	"$HELPERS/inside" "$one" 2001:db8:9::1 "$two" 2001:db8:9::1 | paste -sd' '
}

printf '[one]\nsource = %s\n[two]\nsource = %s\n' "$A" "$B" >"$CONFIG"
for i in one two; do
	"$SRCPIN" load --cgroup "$WORLD_CGROUP/$i" -c "$CONFIG" >/dev/null || bail_out "cannot load"
done
loaded=$(state)
is "$(both)" "$A $B" "loaded"

printf '[one]\nsource = %s\n[two]\nsource = %s\n' "$C" "$C" >"$CONFIG"
is "$(both)" "$A $B" "another config: nothing changes by itself"
run "$SRCPIN" reload --cgroup "$one"
is "$?" 0 "reload of one"
is "$(both)" "$C $B" "reload of one: that one is replaced"
run "$SRCPIN" reload
is "$?" 0 "reload of all"
like "$out" "one: in force, source $C.*two: in force, source $C" "reload of all: says what is in force"
is "$(both)" "$C $C" "reload of all: all are replaced"
same_state "$loaded" "reloads leave nothing behind"

# refused WHAT SENTENCE: nothing may change
refused() {
	run "$SRCPIN" reload
	is "$?" 1 "$1: reload exits with 1"
	like "$err" "$2" "$1: says why"
	is "$(both)" "$C $C" "$1: what is in force stays"
	same_state "$loaded" "$1: nothing changes"
}

printf '[one]\nsource = %s\n[two]\nsource = nonsense\n' "$A" >"$CONFIG"
refused "an error in one section" "srcpin.conf:4:10: .*nothing was changed"
printf '[one]\nsource = %s\n' "$A" >"$CONFIG"
refused "a section is missing" "cannot reload two: .* has no section for it any more.*nothing was changed"
chmod 0666 "$CONFIG"
refused "a config that others may write" "refusing .*srcpin.conf: others than its owner may write it.*nothing was changed"
rm "$CONFIG"
refused "no config" "cannot open .*srcpin.conf: No such file.*nothing was changed"
is "$(grep -c 'cannot open' <<<"$err")" 1 "no config: said once for both"

# one whose cgroup is gone keeps the others from nothing
printf '[one]\nsource = %s\n[two]\nsource = %s\nipv4 = leave\n' "$A" "$A" >"$CONFIG"
chmod 0644 "$CONFIG"
rmdir "$two"
run "$SRCPIN" reload
is "$?" 2 "one's cgroup is gone: reload exits with 2"
like "$err" "cannot reload .*/two: its cgroup is gone" "one's cgroup is gone: says so"
is "$(source_of "$one")" "$A" "one's cgroup is gone: the other is replaced"

# made anew, as systemd does it for ExecReload= where no process was left
mkdir "$two"
run "$SRCPIN" reload
is "$?" 2 "a cgroup made anew: reload exits with 2"
run inside "$two" "$SRCPIN" reload --cgroup self
is "$? $out" "0 two: in force, source $A" "a cgroup made anew: reload from inside loads it"
is "$(source_of "$two")" "$A" "a cgroup made anew: pinned"
run "$SRCPIN" reload
is "$?" 0 "a cgroup made anew: nothing of the old one is left"
"$SRCPIN" unload --all
done_testing
