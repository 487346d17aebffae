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
is "$(line IPv4)" "not pinned: no default route today; by another route from where the kernel chooses" "status: IPv4 as it is there"
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
is "$(jq -c '.services[0].network' <<<"$out")" "{\"namespaces\":1,\"other\":true,\"process\":$pid,\"left_out\":0}" "status --json"
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
has network note "source $A is not in the network namespace of process $pid: right only if nothing is sent from there" "doctor says where it is missing"
# another process of the service, in a namespace without the source, asks for nothing
for i in 1 2; do
	"$HELPERS/inside" "$WORLD_CGROUP" "$DEST" >/dev/null
done
status
is "$? $(line problem)" "0 " "a process that asks for nothing is no problem"

# is_degraded: after a call in there; the address has to have been here for a moment
is_degraded() {
	source_there >/dev/null
	status
	(($? == 4))
}
wait_until "status: DEGRADED" is_degraded
comm=$(<"/proc/$pid/comm")
mixed="source $A is usable in 1 of 2 network namespaces of its processes, and not in that of process $pid ($comm): what is pinned to it there is refused"
is "$(line problem)" "$mixed" "refused in the other one: status"
is "$(line remedy)" "give the address to each of the network namespaces" "refused in the other one: the remedy"
run "$SRCPIN" status
is "$?" 4 "refused in the other one: status of all"
finding network "${mixed//[()]/.}" "refused in the other one: doctor"
is "$(jq -r '.checks[] | select(.id == "network" and .level == "finding").remedy' <<<"$out")" \
	"in a shell of nsenter --net=/proc/$pid/ns/net: ip addr add $A/64 dev DEVICE preferred_lft 0 (srcpin status --reset forgets what was refused)" "refused in the other one: what to do"
there ip addr add "$A/64" dev own nodad preferred_lft 0
wait_until "the source is there, too" is_there
is "$(source_there)" "$A" "the remedy: it is pinned there"
status
is "$? $(line problem)" "0 " "the remedy: in force"
healthy "the remedy"
ip addr del "$A/64" dev vps
status
is "$? $(line problem)" "0 " "it is missing here instead, and was refused when it was missing there: in force"
is_degraded_here() {
	source_of "$WORLD_CGROUP" "$DEST" >/dev/null
	status
	(($? == 4))
}
wait_until "status: DEGRADED" is_degraded_here
here=$(line problem)
like "$here" "^source $A is usable in 1 of 2 .* and not in that of process [0-9]+ \(sleep\): " "it is missing here instead: status"
like "$here" "process $(head -1 "$WORLD_CGROUP/cgroup.procs")|process $(tail -1 "$WORLD_CGROUP/cgroup.procs")" "and names a process that is here"
"$SRCPIN" status --cgroup "$WORLD_CGROUP" --reset >/dev/null
status
is "$? $(line problem)" "0 " "forgotten: in force"
# a container whose address came after its daemon, and its monitor, which is here
there ip addr del "$A/64" dev own
is "$(source_there)" "$(refusal EADDRNOTAVAIL)" "the source is not there yet"
there ip addr add "$A/64" dev own nodad preferred_lft 0
wait_until "the source is there" is_there
status
is "$? $(line problem) $(line source)" "0  $A  usable, on own, in 1 of 2 network namespaces" "refused before the source came: in force"
there ip addr del "$A/64" dev own
ip addr add "$A/64" dev vps nodad preferred_lft 0
wait_until "the source is back" world_usable
put "source = $A"
wait_until "status: DEGRADED" is_degraded
put "source = $A"$'\n'"exempt = 2001:500::/24"
status
is "$? $(line problem)" "0 " "what was refused is exempt by now: it does not count"
put "source = $A"
# IPv4 is not pinned
ip route add default via 192.0.2.1
there ip addr add 198.51.100.2/24 dev own
there ip route add default dev own
status
like "$(line IPv4)" "^not pinned: leaves from (192.0.2.5 or 198.51.100.2|198.51.100.2 or 192.0.2.5)$" "IPv4, as it is in both"
there ip route del default
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
is "$? $(line network)" "4 left out: that of process $pid, which a user has made" "the source in a namespace that a user has made does not count beside root's"
is "$(line IPv4)" "not pinned: from where it leaves is not known in a network namespace of a user" "nor does this host's IPv4 count there"
has network note "process $pid is in a network namespace that a user has made, which is left out: .*" "doctor says so"
has family finding "IPv4 is not pinned, and leaves from an address of a network namespace that a user has made" "and of IPv4"
there ip addr del "$A/64" dev own
ip addr add "$A/64" dev vps nodad preferred_lft 0
wait_until "the source is back" world_usable
status
is "$?" 0 "the source is here: in force"
wait_until "status: DEGRADED" is_degraded
like "$(line problem)" "^what is pinned to source $A was refused while it was usable here: process $pid \(.*\) is in a network namespace that a user has made, which may lack it" \
	"refused in a user's namespace: status"
is "$(line remedy)" "give the address to the network namespace of process $pid, which a user has made" "refused in a user's namespace: the remedy"
finding network "what is pinned to source $A was refused while it was usable here: .*" "refused in a user's namespace: doctor"
has family note "IPv4 is not pinned, and leaves from an address of a network namespace that a user has made" "IPv4 there is not known"
ip addr del "$A/64" dev vps
vacate "$WORLD_CGROUP"
settle_a_users alone
is "$? $(line source)" "0 $A  usable, on own" "a user's namespace alone is looked at"

# ---- nobody

vacate "$WORLD_CGROUP"
status
is "$? $(line problem | head -1)" "4 source $A is not an address of this host: what is pinned to it is refused until it is usable" "no process: the caller's namespace"
ok "unload" "$SRCPIN" unload --all
done_testing
