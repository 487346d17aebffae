# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What doctor says of one thing.

# What runs the doctor (strace, in_mounts ...), and its options besides -c
wrapped=()
doctor_options=()

# doctor [OPTION...]: as $out, $err and the exit status
doctor() {
	run "${wrapped[@]}" "$SRCPIN" doctor -c "$CONFIG" "${doctor_options[@]}" "$@"
}

# in_mounts COMMANDS PROGRAM...: with other mounts than ours
in_mounts() {
	unshare --mount --propagation private -- sh -c "$1"' && exec "$@"' -- "${@:2}"
}

# seen ID [FILTER]: each check of that name as "LEVEL SEEN", those only whose service, source ... FILTER (jq) has
seen() {
	doctor --json
	doctor_status=$?
	jq -r ".checks[] | select(.id == \"$1\" and (${2:-true})) | .level + \" \" + .seen" <<<"$out"
}

# has ID LEVEL SEEN WHAT [FILTER]: SEEN is a regex for the whole of it
has() {
	like "$(seen "$1" "${5-}")" "(^|"$'\n'")$2 ($3)(\$|"$'\n'")" "$4"
}

lacks() { # ID WHAT
	is "$(seen "$1")" "" "$2"
}

# finding ID SEEN WHAT [FILTER]: with its reason and remedy, and exit status 4
finding() {
	has "$1" finding "$2" "$3" "${4-}"
	doctor --json
	is "$? $(jq -r '[.checks[] | select(.level == "finding") | (.why | length > 0) and (.remedy | length > 0)] | unique | tostring' <<<"$out")" \
		"4 [true]" "$3: exit status, reason and remedy"
}

healthy() { # WHAT
	doctor --json
	is "$? $(jq -r '.checks[] | select(.level == "finding").seen' <<<"$out")" "0 " "$1: no finding"
}

is_duplicate() {
	[[ $(ip -6 addr show dev vps dadfailed) == *"$A"* ]]
}

# sets $TEMPORARY once there is one that can be used
temporary() {
	TEMPORARY=$(ip -6 -o addr show dev vps temporary -tentative | awk '{ sub("/.*", "", $4); print $4; exit }')
	[[ -n $TEMPORARY ]]
}

# a UDP socket of the service's, connected from the shared address, until older_end
older_udp() {
	mkfifo "$WORLD_DIR/older"
	inside "$WORLD_CGROUP" "$BASH" -c 'exec 3<>/dev/udp/2001:db8:9::1/9; read -r _ <"$1"' -- "$WORLD_DIR/older" &
	older_pid=$!
	wait_until "there is an older socket" older_is_there
}

older_is_there() {
	[[ -n $(ss -Hun "dst [2001:db8:9::1]") ]]
}

older_end() {
	echo >"$WORLD_DIR/older"
	wait "$older_pid"
}
