#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A slice that is pinned, and another cgroup of its name elsewhere, as Docker's cgroupfs driver makes it: what is in there leaves
# unpinned, so status must not say in force.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/doctor/doctor.sh
. "$WORLD_HERE/../doctor/doctor.sh" || exit 1

A=2001:db8:2::25 SHARED=2001:db8:1::5
SLICE=mail$$.slice
SAYS="process [0-9]+ \\(sleep\\) is in cgroup /$WORLD_SECTION/system.slice/$SLICE/1, which is not this slice, only of its name, and is not pinned"

# status_is EXIT STATE PROBLEM WHAT: PROBLEM is a regex, or empty for none
status_is() {
	local exit problems
	run "$SRCPIN" status --cgroup "$WORLD_CGROUP/$SLICE" --json
	exit=$?
	problems=$(jq -r '.services[0].problems[]' <<<"$out")
	is "$exit $(jq -r '.services[0].state' <<<"$out")" "$1 $2" "$4"
	if [[ -n $3 ]]; then like "$problems" "^$3\$" "$4: says so, and nothing else"; else is "$problems" "" "$4: no problem"; fi
}

# begin_in FOLDER: a process in a cgroup of the slice's name there
begin_in() {
	mkdir -p "$WORLD_CGROUP/$1/$SLICE/1"
	occupy "$WORLD_CGROUP/$1/$SLICE/1"
}
end_in() {
	vacate "$WORLD_CGROUP/$1/$SLICE/1"
	rmdir "$WORLD_CGROUP/$1/$SLICE/1" "$WORLD_CGROUP/$1/$SLICE"
}

mkdir "$WORLD_CGROUP/$SLICE"
config "source = $A" "$SLICE"
run "$SRCPIN" load --cgroup "$WORLD_CGROUP/$SLICE" -c "$CONFIG"
is "$? $err" "0 " "a slice is pinned"
status_is 0 in-force "" "nothing runs in it"
mkdir -p "$WORLD_CGROUP/system.slice/$SLICE"
status_is 0 in-force "" "another cgroup of its name, that is empty"
begin_in system.slice
is "$(source_of "$WORLD_CGROUP/system.slice/$SLICE/1")" "$SHARED" "what is in there leaves from the shared address"
remedy="what it sends leaves from where the kernel chooses \\(Docker's cgroupfs driver .*native.cgroupdriver=systemd[^"$'\n'"]*\\)"
status_is 4 degraded "$SAYS: $remedy" "a process is in the other cgroup"
finding cgroup "$SAYS" "doctor finds it"
like "$(jq -r '.checks[] | select(.id == "cgroup" and .level == "finding").remedy' <<<"$out")" "native.cgroupdriver=systemd" "with the remedy"
mkdir "$WORLD_CGROUP/$SLICE/2"
occupy "$WORLD_CGROUP/$SLICE/2"
status_is 4 degraded "$SAYS: $remedy" "another process is in the slice"
vacate "$WORLD_CGROUP/$SLICE/2"

# pinned, too
printf '[%s]\nsource = %s\n' system.slice "$A" >>"$CONFIG"
run "$SRCPIN" load --cgroup "$WORLD_CGROUP/system.slice" -c "$CONFIG"
is "$? $(source_of "$WORLD_CGROUP/system.slice/$SLICE/1")" "0 $A" "the other one is below a pinned cgroup"
status_is 0 in-force "" "so it is no fault"
"$SRCPIN" unload --cgroup "$WORLD_CGROUP/system.slice" >/dev/null
status_is 4 degraded "$SAYS: $remedy" "not pinned any more"
end_in system.slice
status_is 0 in-force "" "it has ended"

# what others name
for folder in user@1.service/app.slice session-1.scope; do
	begin_in "$folder"
	status_is 0 in-force "" "one in $folder: a user may choose any name there"
	end_in "$folder"
done
mkdir -p "$WORLD_CGROUP/x-$SLICE"
occupy "$WORLD_CGROUP/x-$SLICE"
status_is 0 in-force "" "one whose name only ends like that"
vacate "$WORLD_CGROUP/x-$SLICE"
done_testing
