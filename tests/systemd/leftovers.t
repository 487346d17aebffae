#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A test of real systemd leaves nothing on this host, however it ends.
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh || exit 1

cgroup2=$(findmnt --noheadings --output TARGET --types cgroup2 | head -1)
export TMPDIR
TMPDIR=$(mktemp -d)
trap 'rm -rf "$TMPDIR"' EXIT

held() {
	find "$TMPDIR" -mindepth 1 ! -name before ! -name pipe
	find "$cgroup2" -type d -name 'srcpin-test-systemd*'
	find /sys/fs/bpf 2>/dev/null | sort
	findmnt --noheadings --raw --output TARGET | sort
	ip -o link | cut -d: -f2
	for p in radvd systemd; do pgrep -fla "^($p|/lib/systemd/systemd --show-status=yes)"; done
}

unchanged() {
	! held | grep -vxFf "$TMPDIR/before"
}

# ended SIGNAL LINE: the signal is sent once boot.t has printed LINE; it must not end well
ended() {
	local pid line
	rm -f "$TMPDIR/pipe"
	mkfifo "$TMPDIR/pipe"
	env --default-signal=INT tests/systemd/boot.t >"$TMPDIR/pipe" 2>&1 & # which a shell ignores in the background
	pid=$!
	exec 7<"$TMPDIR/pipe"
	while read -r line <&7; do
		[[ $line != *"$2"* ]] || break
	done
	kill "-$1" "$pid" || return 1
	cat <&7
	exec 7<&-
	! wait "$pid"
}

# the cgroup is that of the test which was killed, not of another that runs on this host
nobody_left() {
	local events
	for events in "$cgroup2"/srcpin-test-systemd.*/cgroup.events; do
		grep -qxF "${events%/*}" "$TMPDIR/before" || ! grep -qsx 'populated 1' "$events" || return 1
	done
}

only_those() {
	! held | grep -vxFf "$TMPDIR/before" | grep -vE "^($cgroup2/srcpin-test-systemd|$TMPDIR/tmp)"
}

held >"$TMPDIR/before"
ok "a test ends" tests/systemd/boot.t
ok "and leaves nothing" unchanged
for signal in INT TERM HUP; do
	ok "SIG$signal ends one while its systemd runs" ended "$signal" "no unit failed"
	ok "and leaves nothing" unchanged
done
ok "SIGKILL" ended KILL "bpf(2) works"
wait_until "its processes are gone" nobody_left
ok "what that leaves is an empty cgroup and an empty folder" only_those
rmdir "$TMPDIR"/tmp.*
ok "and the next test clears the cgroup" tests/systemd/boot.t
ok "and leaves nothing" unchanged
done_testing
