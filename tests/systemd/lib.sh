# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What each test of tests/systemd begins with:
#
#   ROOT_PACKAGE=postfix    a package of root.sh, or empty for none
#   . lib.sh                here the test is run again, as the first process of namespaces of its own (mount, network, PID)
#   network                 net.sh: a router that advertises the shared /64, a receiver of mail, the box's two addresses
#   new_box; boot           box.sh: a freshly installed host
#   in_box systemctl ...
#
# $SUITE chooses the Debian, this host's if unset: srcpin is built with its libraries. Mounts, networks and processes end with the namespaces; what does not, two folders,
# is removed by the process outside, also after a signal. What remains if that is killed, the next test removes.

set -uo pipefail

SYSTEMD_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$SYSTEMD_HERE/../.." && pwd)
host_suite() {
	# shellcheck source=/dev/null
	. /etc/os-release
	case ${VERSION_ID-} in
	12) echo bookworm ;;
	13) echo trixie ;;
	*) echo sid ;;
	esac
}
SUITE=${SUITE:-$(host_suite)}
O=$(realpath -m "${O:-$TOP/build}")
SRCPIN=${SRCPIN:-$O/srcpin}
HELPERS=${HELPERS:-$O/tests/helpers}
# shellcheck source=tests/tap.sh
. "$TOP/tests/tap.sh" || exit 1

nobody_in() {
	grep -qsx 'populated 0' "$1/cgroup.events"
}

remove_cgroup() {
	find "$1" -depth -type d -exec rmdir {} +
}

# The world's first process is the child of unshare.
end_world() {
	local first
	read -r first _ 2>/dev/null <"/proc/$world/task/$world/children"
	kill -KILL "${first:-$world}" 2>/dev/null
	wait "$world" 2>/dev/null
}

clean_up() {
	local status=$?
	trap '' INT TERM HUP
	[[ -z ${world-} ]] || end_world
	wait_until "the test's processes are gone" nobody_in "$CGROUP"
	remove_cgroup "$CGROUP"
	rmdir "$WORLD_DIR"
	exit "$status"
}

outside() {
	local cgroup2 left status=0
	need unshare nsenter setpriv flock ip python3 mmdebstrap mountpoint findmnt
	[[ $EUID == 0 ]] || skip_all "root is needed"
	[[ -x $SRCPIN ]] || skip_all "$SRCPIN is missing: run make"
	cgroup2=$(findmnt --noheadings --output TARGET --types cgroup2 | head -1)
	[[ -n $cgroup2 ]] || skip_all "cgroup2 is not mounted"
	root "$SUITE" "${ROOT_PACKAGE-}"
	# held until there is a process in our cgroup: no other test takes it for a left-over
	exec 8<"$cgroup2"
	flock 8
	for left in "$cgroup2"/srcpin-test-systemd.*; do
		! nobody_in "$left" || remove_cgroup "$left"
	done
	WORLD_DIR=$(mktemp -d)
	CGROUP=$(mktemp -d "$cgroup2/srcpin-test-systemd.XXXXXX") || bail_out "cannot make a cgroup"
	trap clean_up EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	mkdir "$CGROUP/world" "$CGROUP/box"
	export CGROUP WORLD_DIR ROOT SYSTEMD_STAGE=inside
	(
		echo "$BASHPID" >"$CGROUP/world/cgroup.procs"
		exec setpriv --pdeathsig KILL unshare --mount --net --pid --ipc --fork --kill-child --mount-proc -- "$BASH" "$0" "$@" 8<&-
	) &
	world=$!
	exec 8<&-
	wait "$world" || status=$?
	world=
	exit "$status"
}

# shellcheck source=tests/systemd/root.sh
. "$SYSTEMD_HERE/root.sh" || exit 1
if [[ ${SYSTEMD_STAGE-} != inside ]]; then outside "$@"; fi
unset SYSTEMD_STAGE
umask 022
mount -t tmpfs -o mode=755,size=4g tmpfs "$WORLD_DIR" || bail_out "cannot mount a tmpfs"
# shellcheck source=tests/systemd/box.sh
. "$SYSTEMD_HERE/box.sh" || exit 1
# shellcheck source=tests/systemd/net.sh
. "$SYSTEMD_HERE/net.sh" || exit 1
