# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The hammer (hammer.c) beside a test, and what srcpin has counted meanwhile.

# Two IPv4 addresses for sources, and destinations beyond the neighbours
world_ipv4_sources() {
	ip addr add 192.0.2.25/32 dev vps
	ip addr add 192.0.2.26/32 dev vps
	ip route add default via 192.0.2.1 dev vps
	in_peer ip route add local 198.51.100.0/24 dev lo
}

# hammer_start ARGUMENT...: nice, so that the test itself gets its turn beside 16 processes
hammer_start() {
	local line
	coproc HAMMER { nice -n 10 "$HELPERS/hammer" "$@"; }
	# shellcheck disable=SC2153 # the shell sets it
	hammer_pid=$HAMMER_PID
	read -r line <&"${HAMMER[0]}"
	[[ $line == ready ]] || bail_out "the hammer says: $line"
}

# How many connects there were
hammer_count() {
	local n
	echo >&"${HAMMER[1]}"
	read -r n <&"${HAMMER[0]}"
	echo "$n"
}

# What it says at the end is in $hammer_said, its status in $hammer_status
hammer_end() {
	eval "exec ${HAMMER[1]}>&-"
	read -r hammer_said <&"${HAMMER[0]}"
	wait "$hammer_pid"
	# shellcheck disable=SC2034 # for the caller
	hammer_status=$?
}

# hammer_sum REGEX: the sum of what it says of that
hammer_sum() {
	grep -oE "$1 [0-9]+" <<<"$hammer_said" | awk '{ n += $NF } END { print n + 0 }'
}

# counter NAME: of the one service
counter() {
	"$SRCPIN" status --json | jq ".services[0].counters.$1"
}

# All that the guard has dropped, counted by verdict and by reason
dropped() {
	"$SRCPIN" status --json | jq '.services[0].counters |
		[.dropped, (.reasons | to_entries[] | select(.key | startswith("dropped_")) | .value)] | add'
}
