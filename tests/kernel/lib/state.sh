# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What there is of ours in the kernel, to be compared before and after, and the outcome of a command.

# Everything that outlives our commands, in a fixed order
state() {
	"$HELPERS/held" "$WORLD_CGROUP" | sort
}

state_is() {
	state_now=$(state)
	[[ $state_now == "$1" ]]
}

# same_state BEFORE WHAT
same_state() {
	if state_is "$1"; then
		pass "$2"
	else
		fail "$2" "$(diff <(echo "$1") <(echo "$state_now"))"
	fi
}

# Ids of objects, which must be gone from the whole host once the kernel has freed them: "map 12", "prog 7"
ids_of() {
	awk '{ for (i = 2; i < NF; i++)
		if ($i == "map") print $i, $(i + 2)
		else if ($i == "link" || ($i == "prog" && $(i + 1) ~ /^[0-9]+$/)) print $i, $(i + 1)
		else if ($i == "prog") print $i, $(i + 2) }' <<<"$1" | sort -u
}

none_left() {
	local kind id
	while read -r kind id; do
		! bpftool "$kind" show id "$id" >/dev/null 2>&1 || return 1
	done <<<"$1"
}

# put BODY: load for the test's cgroup; status in $?, stdout in $out, stderr in $err
put() {
	config "$1"
	run "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG"
}

# run COMMAND...: status in $?, stdout in $out, stderr in $err
run() {
	local status
	"$@" >"$WORLD_DIR/out" 2>"$WORLD_DIR/err"
	status=$?
	# shellcheck disable=SC2034 # for the caller
	out=$(<"$WORLD_DIR/out")
	# shellcheck disable=SC2034 # likewise
	err=$(<"$WORLD_DIR/err")
	return "$status"
}

# one_sentence ERR: one line that begins with our name
one_sentence() {
	[[ $1 == srcpin:\ * && $1 != *$'\n'* ]]
}

# make_newer: $NEWER is another build of ours, with the same programs: only the name of their licence is another
make_newer() {
	NEWER=$WORLD_DIR/newer
	sed 's,Dual BSD/GPL,Dual MIT/GPL,g' "$SRCPIN" >"$NEWER"
	! cmp -s "$SRCPIN" "$NEWER" || bail_out "cannot make another build"
	chmod +x "$NEWER"
}
