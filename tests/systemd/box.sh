# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A box: a Debian with its own systemd as the first process of namespaces, on a cgroup tree and a bpffs of its own.
#
#   new_box           a host as freshly installed from $ROOT; its files are in $BOX, also while it is off (but for /run and the like)
#   boot              switches it on; returns when it is up
#   boot_begin        the same, but returns as soon as one can look inside
#   in_box COMMAND    as root of the box, in a cgroup that is no service's
#   shut_down         and its files stay
#
#   box_is NAME       which box these are about, for a test that has several; the others stay as they are
#
# What dies with the test needs no end of its own.

box_is() {
	BOX=$WORLD_DIR/$1
	BOX_LAYERS=$WORLD_DIR/$1.layers
	BOX_CONSOLE=$WORLD_DIR/$1.console
	BOX_CGROUP=$CGROUP/$1
}
box_is box

# There is no terminal, no network but the test's; and radvd is for the router.
box_masked=(console-getty.service getty@.service getty.target systemd-logind.service systemd-sysctl.service systemd-modules-load.service
	sys-kernel-debug.mount sys-kernel-tracing.mount apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer
	fstrim.timer radvd.service)

new_box() {
	local unit
	! mountpoint -q "$BOX" || umount "$BOX"
	rm -rf "$BOX_LAYERS"
	mkdir -p "$BOX" "$BOX_LAYERS"/{upper,work}
	mount -t overlay overlay -o "lowerdir=$ROOT,upperdir=$BOX_LAYERS/upper,workdir=$BOX_LAYERS/work" "$BOX" ||
		bail_out "cannot mount an overlay over $ROOT"
	for unit in "${box_masked[@]}"; do ln -s /dev/null "$BOX/etc/systemd/system/$unit"; done
}

box_has_first_process() {
	read -r BOX_PID _ <"/proc/$box_unshare/task/$box_unshare/children"
	[[ -n $BOX_PID && $(<"/proc/$BOX_PID/comm") == systemd ]]
} 2>/dev/null

# running, or degraded if a unit has failed; then its exit status tells the same
box_state() {
	in_box systemctl is-system-running 2>/dev/null || true
}

box_takes_orders() {
	[[ $(box_state) =~ ^(initializing|starting|running|degraded)$ ]]
}

box_is_up() {
	[[ $(box_state) =~ ^(running|degraded)$ ]]
}

boot_begin() {
	mkdir -p "$BOX_CGROUP/exec"
	: >"$BOX_CONSOLE"
	(
		echo "$BASHPID" >"$BOX_CGROUP/cgroup.procs" # the root of the cgroup namespace is where unshare is
		exec nsenter --net="$VPS" -- unshare --mount --pid --fork --kill-child --cgroup --uts --ipc -- "$SYSTEMD_HERE/box-init" "$BOX" "$BOX_CONSOLE"
	) </dev/null >"$BOX.init.log" 2>&1 &
	box_unshare=$!
	wait_until "systemd is the first process of the box" box_has_first_process
	echo "$box_unshare" >"$CGROUP/world/cgroup.procs" # systemd wants the root cgroup for itself
	wait_until "systemd takes orders" box_takes_orders
}

boot() {
	local end=$((SECONDS + ${PATIENCE:-60}))
	boot_begin
	until box_is_up; do
		((SECONDS < end)) || {
			diag "$(box_state; in_box systemctl list-jobs; in_box journalctl -q --no-pager -o cat -n 20)"
			bail_out "waited in vain until the box is up"
		}
		sleep 0.02
	done
}

# From a cgroup of the box: one outside it could not be named inside.
in_box() {
	(
		echo "$BASHPID" >"$BOX_CGROUP/exec/cgroup.procs" &&
			exec nsenter --target "$BOX_PID" --mount --pid --cgroup --uts --ipc --net --root --wdns=/ -- \
				env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C.UTF-8 "$@"
	)
}

# unit_status UNIT [REGEX]: what systemctl status shows, once that is in it; for 15 s at most. On a busy host journald (252) has not
# read all that was said when it has done what --sync wants.
unit_status() {
	local said end=$((SECONDS + 15)) again=$((SECONDS + 4))
	while :; do
		in_box journalctl --sync
		said=$(in_box systemctl status --no-pager --full "$1")
		if [[ $said =~ ${2-} ]] || ((SECONDS >= end)); then break; fi
		# of a process that has ended before journald has looked at it, the line is never shown: fail once more
		if ((SECONDS >= again)) && [[ $(in_box systemctl is-failed "$1") == failed ]]; then
			in_box systemctl restart "$1" 2>/dev/null
			again=$((SECONDS + 4))
		fi
		sleep 0.1
	done
	printf '%s\n' "$said"
}

box_is_off() {
	[[ ! -e /proc/$box_unshare ]] || ! kill -0 "$box_unshare" 2>/dev/null
}

shut_down() {
	kill -s RTMIN+4 "$BOX_PID" # systemd(1): poweroff
	wait "$box_unshare" 2>/dev/null
	find "$BOX_CGROUP" -depth -type d -exec rmdir {} +
}
