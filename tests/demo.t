#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The demo as a test: its claims hold, twice in a row, and it leaves nothing behind, even if it is interrupted.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh || exit 1

cgroup2=$(awk '{ for (i = 1; i < NF; i++) if ($i == "-" && $(i + 1) == "cgroup2") { print $5; exit } }' /proc/self/mountinfo)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

world() {
	local p
	ip netns list
	find "$cgroup2" -type d | grep -v /srcpin-test- | sort # those are of other tests
	find /sys/fs/bpf 2>/dev/null | sort
	awk '{ print $5 }' /proc/self/mountinfo | sort
	ip -o link | cut -d: -f2
	find /etc -newer "$work/start" -print 2>/dev/null
	for p in master smtp radvd rbldnsd srcpin; do pgrep -lx $p | cut -d' ' -f2; done
}

tells_the_story() {
	tools/demo >"$work/log" 2>&1 || { cat "$work/log"; return 1; }
	grep -E 'status=bounced .*554 .*\[2001:db8:1:.* blocked using' "$work/log" && grep 'status=sent' "$work/log" &&
		grep -F 'Received: from vps.example' "$work/log" | grep -F '[IPv6:2001:db8:2::25]' &&
		grep 'srcpin_connect6' "$work/log" && grep 'postfix-demo.service: in force' "$work/log"
}

interrupted() { # SIGNAL WHEN: sent the moment the demo has printed WHEN; it must not end well
	local pid line hit=
	rm -f "$work/pipe"
	mkfifo "$work/pipe"
	env --default-signal=INT tools/demo >"$work/pipe" 2>&1 & # which a shell ignores in the background
	pid=$!
	exec 7<"$work/pipe"
	while read -r line <&7; do
		[[ $line == *"$2"* ]] && kill -"$1" "$pid" && hit=1 && break
	done
	cat <&7
	exec 7<&-
	! wait "$pid" && [ -n "$hit" ]
}

unchanged() { # what dies with the demo may take a moment
	for _ in $(seq 100); do
		world >"$work/after"
		diff "$work/before" "$work/after" >"$work/diff" && return
		sleep 0.1
	done
	cat "$work/diff"
	return 1
}

touch "$work/start"
world >"$work/before"
ok 'bounced, loaded, delivered from the source' tells_the_story
ok 'nothing is left behind' unchanged
ok 'and once more' tells_the_story
ok 'nothing is left behind' unchanged
for when in 'as the VPS is' 'srcpin load' 'What is in force'; do
	for signal in INT TERM; do
		ok "SIG$signal at '$when' ends it" interrupted $signal "$when"
		ok 'and nothing is left behind' unchanged
	done
done
ok 'SIGKILL' interrupted KILL 'srcpin load'
ok 'what that leaves, the next run clears' tells_the_story
ok 'and nothing is left behind' unchanged
done_testing
