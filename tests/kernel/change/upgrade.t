#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Another build of ours, with other programs, takes over: link by link, with no gap.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

A=2001:db8:2::25
B=2001:db8:2::26

# the same programs to the kernel, another object to us
make_newer

CONFIG=$WORLD_DIR/srcpin.conf
one=$WORLD_CGROUP/one two=$WORLD_CGROUP/two
mkdir "$one" "$two"
printf '[one]\nsource = %s\n[two]\nsource = %s\n[%s]\nsource = %s\n' "$A" "$B" "$WORLD_SECTION" "$A" >"$CONFIG"

both() {
	"$HELPERS/inside" "$one" 2001:db8:9::1 "$two" 2001:db8:9::1 | paste -sd' '
}

links_of() {
	state | sed -nE "s,.*/services/([0-9]+/[a-z0-9]+ ).* link ([0-9]+) .*,\1 \2,p"
}

attached_to() {
	state | sed -n "s,^$1 hook ,,p"
}

pinned_connects() {
	"$SRCPIN" status --cgroup "$1" --json | jq '.services[0].counters.reasons.pinned_connect'
}

nothing=$(state)
"$SRCPIN" load --cgroup "$one" -c "$CONFIG" >/dev/null
"$SRCPIN" load --cgroup "$two" -c "$CONFIG" >/dev/null
is "$(both)" "$A $B" "two services, loaded by one build"
links=$(links_of)
old_one=$(attached_to "$one") old_two=$(attached_to "$two")
count=$(pinned_connects "$one")

run "$NEWER" load --cgroup "$one" -c "$CONFIG"
is "$?" 0 "another build loads the first: exits with 0"
is "$(links_of)" "$links" "the links are the same"
isnt_same() {
	[[ $1 != "$2" ]]
}
ok "the first has other programs" isnt_same "$(attached_to "$one")" "$old_one"
is "$(attached_to "$two")" "$old_two" "the second keeps its programs"
is "$(both)" "$A $B" "both are pinned"
is "$(pinned_connects "$one")" "$((count + 1))" "the counters go on"

printf '[one]\nsource = %s\n[two]\nsource = %s\n' "$B" "$A" >"$CONFIG"
run "$NEWER" load --cgroup "$two" -c "$CONFIG"
is "$?" 0 "that build loads the second: exits with 0"
is "$(attached_to "$two")" "$(attached_to "$one")" "both have the same programs"
is "$(both)" "$A $A" "and the second its new policy"
run "$NEWER" unload --all
is "$?" 0 "that build unloads all"
same_state "$nothing" "nothing is left"

# another version, which status names
loaded_by() { # of the first and of the second
	"$1" status --json | jq -r '[.services[].loaded_by | join(" and ")] | join(", ")'
}

OTHER=$WORLD_DIR/other/srcpin
version=$("$SRCPIN" --version | awk '{ print $2 }')
make -s -C "$WORLD_TOP" O="$WORLD_DIR/other" VERSION=9.8.7-test || bail_out "cannot build another version"
"$SRCPIN" load --cgroup "$one" -c "$CONFIG" >/dev/null
"$SRCPIN" load --cgroup "$two" -c "$CONFIG" >/dev/null
is "$(loaded_by "$SRCPIN")" "$version, $version" "status says which version loaded what"
like "$("$OTHER" status)" $'\n'"  loaded   by srcpin $version; the next load or reload puts 9.8.7-test in its place"$'\n' \
	"the other version can read it, and says what to do"
"$OTHER" reload --cgroup "$one" >/dev/null
is "$(loaded_by "$SRCPIN")" "9.8.7-test, $version" "the first was reloaded by the other version"
like "$("$OTHER" status --cgroup "$one")" $'\n'"  loaded   by srcpin 9.8.7-test"$'\n' "which need not say more of its own"
is "$("$OTHER" status | grep '^  loaded ')" "  loaded   by srcpin $version; the next load or reload puts 9.8.7-test in its place" "nor the table, but of the other"
is "$(both)" "$B $A" "both are pinned"
"$OTHER" reload >/dev/null
is "$(loaded_by "$OTHER")" "9.8.7-test, 9.8.7-test" "both were"
is "$(both)" "$B $A" "both are pinned"
"$SRCPIN" unload --all
same_state "$nothing" "nothing is left"

# to and fro under load
config "source = $A"
"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" >/dev/null
coproc HAMMER { "$HELPERS/hammer" "$A" "$B"; }
# shellcheck disable=SC2153 # the shell sets it
hammer_pid=$HAMMER_PID
read -r line <&"${HAMMER[0]}"
is "$line" "ready" "16 processes connect"
failed=0
for ((i = 0; i < 20; i++)); do
	config "source = $B"
	"$NEWER" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" >/dev/null 2>>"$WORLD_DIR/said" || failed=$((failed + 1))
	config "source = $A"
	"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" >/dev/null 2>>"$WORLD_DIR/said" || failed=$((failed + 1))
done
[[ $failed == 0 ]] || diag "$(<"$WORLD_DIR/said")"
is "$failed" 0 "40 loads of two builds under way, none fails"
eval "exec ${HAMMER[1]}>&-"
read -r line <&"${HAMMER[0]}"
wait "$hammer_pid"
is "$?" 0 "no connect failed, none left from a third address: $line"
"$SRCPIN" unload --all
same_state "$nothing" "nothing is left"

done_testing
