# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Another version of srcpin, built beside this one from the commit $BENCH_BASE. It has a bpffs of its own, in a mount
# namespace that a process of the world's cgroup holds: the two must not take one another's programs for their own.

BASE=$O/base/$(git rev-parse --short "${BENCH_BASE:-HEAD}")
BASE_SRCPIN=$BASE/build/srcpin

# Unless it was built before. The compiler's warnings are that version's own.
base_build() {
	[[ ! -x $BASE_SRCPIN ]] || return 0
	rm -rf "$BASE/tree" && mkdir -p "$BASE/tree" && git archive "$BENCH_BASE" | tar -x -C "$BASE/tree" &&
		make -s -C "$BASE/tree" -j"$(nproc)" WERROR= CFLAGS='-O2 -g -w' O="$BASE/build" all
}

mounts_are_apart() {
	[[ $(readlink "/proc/$1/ns/mnt") != "$(readlink /proc/self/ns/mnt)" ]] && on_base mountpoint -q /sys/fs/bpf &&
		on_base test ! -e /sys/fs/bpf/srcpin -a -e /sys/fs/bpf/base
}

base_begin() {
	{ echo "$BASHPID" >"$WORLD_CGROUP/cgroup.procs" && exec unshare --mount --propagation private -- \
		sh -c 'mount -t bpf bpf /sys/fs/bpf && mkdir /sys/fs/bpf/base && exec sleep infinity'; } &
	BASE_PID=$!
	disown "$BASE_PID"
	wait_until "the other version has its mounts" mounts_are_apart "$BASE_PID"
}

on_base() {
	nsenter --mount="/proc/$BASE_PID/ns/mnt" -- "$@"
}

# base_on HOST COMMAND...
base_on() {
	nsenter --mount="/proc/$BASE_PID/ns/mnt" --net="${NETNS[$1]}" -- "${@:2}"
}

# pin_base HOST H CGROUP GUARD: as pin
pin_base() {
	mkdir -p "$WORLD_CGROUP/$3"
	config "source = $(own6 "$2")"$'\n'"source4 = $(own4 "$2")"$'\n'"guard = $4" "$3"
	base_on "$1" "$BASE_SRCPIN" load --cgroup "$WORLD_CGROUP/$3" -c "$CONFIG" >/dev/null || bail_out "$BENCH_BASE cannot load $3"
}
