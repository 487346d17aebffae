#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The demo as a test: what it claims holds, twice in a row, and it leaves nothing behind, also when it is interrupted.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh

cgroup2=$(awk '{ for (i = 1; i < NF; i++) if ($i == "-" && $(i + 1) == "cgroup2") { print $5; exit } }' /proc/self/mountinfo)
log=$(mktemp)
trap 'rm -f "$log"' EXIT

world() {
	ip netns list
	find "$cgroup2" -type d | sort
	find /sys/fs/bpf 2>/dev/null | sort
	awk '{ print $5 }' /proc/self/mountinfo | sort
	ip -o link | cut -d: -f2
	find /etc -type f -newer "$log" 2>/dev/null
	bpftool -j link | tr '{' '\n' | grep -c srcpin
}

tells_the_story() {
	tools/demo >"$log" 2>&1 || { cat "$log"; return 1; }
	grep -E '554 .*blocked using' "$log" && grep -E '^ *Received:.*2001:db8:2::25|\[IPv6:2001:db8:2::25\]' "$log" && grep srcpin_connect6 "$log"
}

interrupted() { # SIGNAL LINE: send it once the demo has printed LINE
	local pid
	: >"$log"
	setsid tools/demo >"$log" 2>&1 &
	pid=$!
	for _ in $(seq 600); do
		grep -q "$2" "$log" && break
		kill -0 $pid 2>/dev/null || { cat "$log"; return 1; }
		sleep 0.1
	done
	kill -"$1" $pid
	! wait $pid
}

unchanged() { # what dies with the demo may take a moment
	for _ in $(seq 100); do
		world >"$log.after"
		diff "$log.before" "$log.after" >"$log.diff" && { rm "$log".*; return 0; }
		sleep 0.1
	done
	cat "$log.diff"
	return 1
}

world >"$log.before"
cp "$log.before" "$log.first"
check 'bounced, loaded, delivered from the source' tells_the_story
check 'nothing is left behind' unchanged
cp "$log.first" "$log.before" 2>/dev/null || world >"$log.before"
check 'and once more' tells_the_story
check 'nothing is left behind' unchanged
done_testing
