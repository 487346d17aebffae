# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The world of a kernel test; source it first. It runs the script again in a
# mount namespace and a network namespace of its own, in which there are:
#
#   the "VPS" (where the script runs)          the peer ("in_peer COMMAND")
#   2001:db8:1::5/64   shared, preferred       2001:db8:9::1/64, the default route
#   2001:db8:2::25/64  its own, deprecated     2001:db8:77::/48 and 2001:db8:78::/48
#   2001:db8:2::26 27  likewise
#   fd00:1::5/64       unique-local            fd00:1::1/64
#   192.0.2.5/24, 10.0.0.5/24                  192.0.2.1/24, 10.0.0.1/24
#
# and a bpffs, an /etc/hosts, a folder, and a cgroup with a process in it, that nobody else uses. The
# names that the C programs read: SRCPIN, WORLD_CGROUP, WORLD_MOUNT,
# WORLD_PEER, WORLD_DIR, WORLD_SECTION.

set -uo pipefail

WORLD_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
WORLD_TOP=$(cd "$WORLD_HERE/../../.." && pwd)
# shellcheck source=tests/tap.sh
. "$WORLD_TOP/tests/tap.sh" || exit 1

# The binary, and the folder of the tests' own programs
export SRCPIN=${SRCPIN:-$WORLD_TOP/build/srcpin}
HELPERS=${HELPERS:-$(dirname "$SRCPIN")/tests/helpers}

in_peer() {
	nsenter --net="$WORLD_PEER" -- "$@"
}

# inside CGROUP COMMAND...: run a command as a process of that cgroup
inside() {
	local cgroup=$1
	shift
	(
		echo "$BASHPID" >"$cgroup/cgroup.procs" && exec "$@"
	)
}

# on_one_cpu COMMAND...: a load has no threads there. strace counts each thread's calls by itself, so only there it reaches all.
on_one_cpu() {
	taskset -c "$(taskset -cp $$ | sed 's/.*: *\([0-9]*\).*/\1/')" "$@"
}

world_populated() { # CGROUP 0|1
	grep -qx "populated $2" "$1/cgroup.events"
}

# occupy CGROUP...: a process for each, as services have; without, status finds something wrong
occupy() {
	local cgroup
	for cgroup; do
		(echo "$BASHPID" >"$cgroup/cgroup.procs" && exec sleep infinity) &
		disown
		wait_until "a process is in $cgroup" world_populated "$cgroup" 1
	done
}

# Ends those that are there; is nobody? One may have begun another meanwhile.
world_vacated() {
	local pid
	while IFS= read -r pid; do
		kill -KILL "$pid" 2>/dev/null
	done <"$1/cgroup.procs"
	[[ -z $(<"$1/cgroup.procs") ]]
}

# vacate CGROUP...: ends all processes in there, but not below
vacate() {
	local cgroup
	for cgroup; do
		wait_until "$cgroup is empty" world_vacated "$cgroup"
	done
}

# config BODY [SECTION]: writes a config with one section; its name is in $CONFIG
config() {
	CONFIG=$WORLD_DIR/srcpin.conf
	printf '[%s]\n%s\n' "${2-$WORLD_SECTION}" "$1" >"$CONFIG.new"
	chmod 0644 "$CONFIG.new"
	mv "$CONFIG.new" "$CONFIG"
}

# source_of CGROUP [DEST]: what a UDP socket in there gets as its source, or the errno
source_of() {
	"$HELPERS/inside" "$1" "${2-2001:db8:9::1}"
}

# refusal ERROR: of a call that a hook refuses with it; before Linux 5.18 hooks have none but EPERM
refusal() {
	if [[ $(printf '%s\n' 5.18 "$(uname -r)" | sort -V | head -1) == 5.18 ]]; then
		echo "$1"
	else
		echo EPERM
	fi
}

# Is this the host's own PID namespace? In another one the processes of decisions have no number.
has_host_pids() {
	[[ $(stat -Lc %i /proc/self/ns/pid) == 4026531836 ]]
}

world_cgroup2() {
	awk '{ for (i = 7; i <= NF; i++) if ($i == "-") break
	       if ($(i + 1) == "cgroup2" && $4 == "/") { print $5; exit } }' /proc/self/mountinfo
}

# The mounts of this process are the host's mounts from here on: PID 1 is the one that has those.
world_be_host() {
	mount --bind "/proc/$BASHPID" /proc/1
}

world_is_apart() {
	[[ $(readlink "$WORLD_PEER") != "$(readlink /proc/self/ns/net)" ]]
}

world_empty() {
	local dir pid
	while IFS= read -r dir; do
		while IFS= read -r pid; do
			kill -KILL "$pid" 2>/dev/null
		done <"$dir/cgroup.procs"
	done < <(find "$WORLD_CGROUP" -depth -type d)
	world_populated "$WORLD_CGROUP" 0
}

# Nothing but what the world made itself; the namespaces go with their last process.
world_end() {
	local status=$? pids=()
	trap '' INT TERM
	[[ ! -d ${WORLD_CGROUP-} ]] || {
		wait_until "the cgroup is empty" world_empty
		find "$WORLD_CGROUP" -depth -type d -exec rmdir {} +
	}
	# the peer, and what a test that has bailed out left running, or stopped
	mapfile -t pids < <(jobs -p)
	((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null
	((${#pids[@]} == 0)) || kill -CONT "${pids[@]}" 2>/dev/null
	[[ -z ${WORLD_DIR-} ]] || rm -rf "$WORLD_DIR"
	exit "$status"
}

world_links() {
	local i
	sysctl -qw net.ipv6.conf.default.accept_ra=0 net.ipv4.tcp_fastopen=3
	ip link set lo up
	in_peer sysctl -qw net.ipv6.conf.default.accept_ra=0 net.ipv4.tcp_fastopen=3
	in_peer ip link set lo up
	ip link add vps type veth peer name peer netns "$world_peer_pid"
	ip link set vps addrgenmode none
	ip link set vps up
	ip addr add 192.0.2.5/24 dev vps
	ip addr add 10.0.0.5/24 dev vps
	ip addr add fe80::5/64 dev vps nodad
	ip addr add fd00:1::5/64 dev vps nodad
	ip addr add 2001:db8:1::5/64 dev vps nodad
	for i in 25 26 27; do
		ip addr add "2001:db8:2::$i/64" dev vps nodad preferred_lft 0
	done
	in_peer ip link set peer addrgenmode none
	in_peer ip link set peer up
	in_peer ip addr add 192.0.2.1/24 dev peer
	in_peer ip addr add 10.0.0.1/24 dev peer
	in_peer ip addr add fe80::1/64 dev peer nodad
	in_peer ip addr add fd00:1::1/64 dev peer nodad
	in_peer ip addr add 2001:db8:9::1/64 dev peer nodad
	ip -6 route add default via fe80::1 dev vps
	in_peer ip -6 route add default via fe80::5 dev peer
	for i in 77 78; do
		in_peer ip -6 route add local "2001:db8:$i::/48" dev lo
	done
}

# the kernel makes an address usable a moment after it was added
world_usable() {
	(($(ip -6 route show table local | grep -c '^local .* dev vps ') == $(ip -6 addr show dev vps | grep -c inet6)))
}

world_begin() {
	need unshare nsenter ip sysctl awk bpftool jq
	[[ $EUID == 0 ]] || skip_all "root is needed"
	[[ -x $SRCPIN ]] || skip_all "$SRCPIN is missing: run make"
	WORLD_MOUNT=$(world_cgroup2)
	[[ -n $WORLD_MOUNT ]] || skip_all "cgroup2 is not mounted"
	if [[ ${WORLD_STAGE-} != inside ]]; then
		export WORLD_STAGE=inside
		exec unshare --mount --propagation private --net -- "$BASH" "$0" "$@"
	fi
	unset WORLD_STAGE
	trap world_end EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	umask 022
	WORLD_DIR=$(trusted_folder)
	WORLD_SECTION=srcpin-test-$$
	WORLD_CGROUP=$WORLD_MOUNT/$WORLD_SECTION
	mkdir "$WORLD_CGROUP" || bail_out "cannot make a cgroup"
	occupy "$WORLD_CGROUP"
	mount -t bpf bpf /sys/fs/bpf || bail_out "cannot mount a bpffs"
	world_be_host || bail_out "cannot hide PID 1"
	# the cgroups of the tests are no units, and this host's systemd knows none of their names
	[[ ! -d /run/systemd/system ]] || mount -t tmpfs tmpfs /run/systemd || bail_out "cannot hide systemd"
	cat >"$WORLD_DIR/hosts" <<-END
		127.0.0.1 localhost
		2001:db8:9::1 both.test
		192.0.2.1 both.test
		2001:db8:9::1 many.test
		fd00:1::1 many.test
		10.0.0.1 many.test
		2001:db8:78::1 many.test
		fd00:1::1 exempt.test
		192.0.2.1 exempt.test
	END
	mount --bind "$WORLD_DIR/hosts" /etc/hosts
	unshare --net -- sleep infinity &
	world_peer_pid=$!
	WORLD_PEER=/proc/$world_peer_pid/ns/net
	wait_until "the peer has its namespace" world_is_apart
	export WORLD_MOUNT WORLD_CGROUP WORLD_PEER WORLD_DIR WORLD_SECTION
	world_links || bail_out "cannot build the network"
	wait_until "the addresses are usable" world_usable
}

world_begin "$@"
