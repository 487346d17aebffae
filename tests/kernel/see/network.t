#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# load, status and doctor speak of the network namespaces that the service's processes are in, not of the caller's.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/doctor/doctor.sh
. "$(dirname "${BASH_SOURCE[0]}")/../doctor/doctor.sh" || exit 1

need setpriv
A=2001:db8:2::25 DEST=2001:503:ba3e::2:30

# Processes of the service, each in a network namespace of its own with a way out; $1 is the one that the next one has
their_network() {
	ip link set lo up
	ip link add own type veth peer name end
	ip link set own up
	ip link set end up
	ip addr add 2001:db8:1::aa/64 dev own nodad
	ip -6 route add default dev own
	echo "$BASHPID" >"$1.new" && mv "$1.new" "$1"
	exec sleep infinity
}
export -f their_network

# settle CGROUP NAME [WRAPPER...]: such a process, whose id is in $pid
settle() {
	local cgroup=$1 ready=$WORLD_DIR/$2
	shift 2
	(
		echo "$BASHPID" >"$cgroup/cgroup.procs"
		# shellcheck disable=SC2016 # for the inner shell
		exec "$@" unshare --net -- "$BASH" -c 'their_network "$1"' - "$ready"
	) &
	disown
	wait_until "a process has its network" test -s "$ready"
	pid=$(<"$ready")
}

there() { # COMMAND...: in the network namespace of $pid
	nsenter --net="/proc/$pid/ns/net" -- "$@"
}

is_there() {
	there ip -6 route show table local | grep -q "^local $A "
}

move_there() {
	ip addr del "$A/64" dev vps
	there ip addr add "$A/64" dev own nodad preferred_lft 0
	wait_until "the source is there" is_there
}

move_back() {
	there ip addr del "$A/64" dev own
	ip addr add "$A/64" dev vps nodad preferred_lft 0
	wait_until "the source is back" world_usable
}

# what the process of the service that is there gets as its source
source_there() {
	there "$HELPERS/inside" "$WORLD_CGROUP" "$DEST"
}

status() {
	run "$SRCPIN" status --cgroup "$WORLD_CGROUP" "$@"
}

line() { # LABEL: of status
	sed -n "s/^  $1 *//p" <<<"$out"
}

put "source = $A"
status
is "$? $(line network)" "0 " "all in one namespace: nothing is said of it"
is "$(line source)" "$A  usable, on vps" "all in one namespace: usable"
lacks network "all in one namespace: doctor says nothing of it"

# ---- one other namespace

vacate "$WORLD_CGROUP"
settle "$WORLD_CGROUP" one
is "$(source_there)" "$(refusal EADDRNOTAVAIL)" "the source is only here: it is refused there"
put "source = $A"
is "$?" 0 "load: the source is only here"
is "$err" "srcpin: warning: source $A is not an address of this host, in the network namespace of process $pid: what is pinned to it is refused until it is usable" \
	"load warns"
like "$out" "IPv4 is not pinned \(" "load: no IPv4 leads out there"
status
is "$? $(line problem)" "4 source $A is not an address of this host, in the network namespace of process $pid: what is pinned to it is refused until it is usable" \
	"status: DEGRADED"
is "$(line network)" "not this one: that of process $pid, where its sources are looked for" "status says where it looked"
is "$(line IPv4)" "not pinned: today no route leads out" "status: IPv4 as it is there"
finding address "the source is not an address of this host" "doctor finds it"
has network note "its processes are in another network namespace than this command: process $pid is, and its sources are looked for there" "doctor says where it looked"
run "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" --wait 0
like "$err" "waited 0 s in vain: source $A is not an address" "load --wait looks there"

move_there
is "$(source_there)" "$A" "the source is only there: it is pinned"
put "source = $A"
is "$? $err" "0 " "load: the source is only there"
status
is "$? $(line source)" "0 $A  usable, on own" "status: in force"
status --json
is "$(jq -c '.services[0].network' <<<"$out")" "{\"namespaces\":1,\"other\":true,\"process\":$pid}" "status --json"
healthy "doctor: the source is there"
has address ok "on own, usable" "doctor looks there"
has route ok "to the internet by own" "doctor: the route there"
has without ok "without srcpin the kernel would choose 2001:db8:1::aa, of another /64" "doctor: what the kernel would choose there"
"$SRCPIN" unload --cgroup "$WORLD_CGROUP" >/dev/null
has address ok "on own, usable" "doctor looks there, also if nothing is loaded"

# an older connection is counted there, and ended
mkfifo "$WORLD_DIR/older"
# shellcheck disable=SC2016 # for the inner shell
there "$BASH" -c 'echo "$BASHPID" >"$1/cgroup.procs"; exec 3<>"/dev/udp/$2/9"; : >"$3.ready"; read -r _ <"$3"' - "$WORLD_CGROUP" "$DEST" "$WORLD_DIR/older" &
older_pid=$!
wait_until "there is an older socket" test -e "$WORLD_DIR/older.ready"
put "source = $A"
like "$err" "1 older connection \(0 TCP, 1 UDP\) from other addresses" "load counts the older connections there"
status
is "$(line older)" "0 TCP, 1 UDP leave from other addresses (load --close-stale ends them)" "status, too"
run "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" --close-stale
like "$out" "closed 1 older connection \(0 TCP, 1 UDP\)" "load --close-stale ends it"
echo >"$WORLD_DIR/older"
wait "$older_pid"

there ip addr del "$A/64" dev own
"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" --wait 20 >"$WORLD_DIR/waited" 2>&1 &
waiting=$!
wait_until "load waits" grep -q "waiting up to" "$WORLD_DIR/waited"
there ip addr add "$A/64" dev own nodad preferred_lft 0
wait "$waiting"
like "$? $(<"$WORLD_DIR/waited")" "^0 .*all sources are usable after" "load --wait sees it come there"

# ---- several

move_back
occupy "$WORLD_CGROUP"
put "source = $A"
is "$? $err" "0 " "two namespaces: the source is in one of them"
status
is "$? $(line network)" "0 its processes are in 2 network namespaces (process $pid is not in this one)" "status says so"
is "$(line source)" "$A  usable, on vps, in 1 of 2 network namespaces" "status says in how many"
healthy "two namespaces"
source_there >/dev/null
status
is "$(line remedy)" "give the address to each of the network namespaces" "refused in the other one: the remedy"
has network note "its processes are in 2 network namespaces \(process $pid is not in this one\): each has its own addresses" "doctor says so"
ip addr del "$A/64" dev vps
status
is "$? $(line problem)" "4 source $A is not an address of this host, in none of the 2 network namespaces of its processes: what is pinned to it is refused until it is usable" \
	"in neither"

# ---- a user's

settle_a_users() { # NAME
	settle "$WORLD_CGROUP" "$1" unshare --user --map-root-user
	there ip addr add "$A/64" dev own nodad preferred_lft 0
	wait_until "the source is there" is_there
	status
}
kill -KILL "$pid"
wait_until "it has ended" eval "! kill -0 $pid 2>/dev/null"
settle_a_users theirs
is "$? $(line network)" "4 " "the source in a namespace that a user has made does not count beside root's"
vacate "$WORLD_CGROUP"
settle_a_users alone
is "$? $(line source)" "0 $A  usable, on own" "a user's namespace alone is looked at"

# ---- nobody

vacate "$WORLD_CGROUP"
status
is "$? $(line problem | head -1)" "4 source $A is not an address of this host: what is pinned to it is refused until it is usable" "no process: the caller's namespace"
ok "unload" "$SRCPIN" unload --all
done_testing
