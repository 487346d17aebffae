#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# srcpin probe: real sockets in the service's cgroup, against what is in force; and that nothing is left of it, neither
# there nor on the wire.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/lib/dns.sh
. "$WORLD_HERE/dns.sh" || exit 1

need strace setpriv
SHARED=2001:db8:1::5 A=2001:db8:2::25 B=2001:db8:2::26 V4=192.0.2.5
PEER=2001:db8:9::1
G=/$WORLD_SECTION
MISSING=$(refusal EADDRNOTAVAIL)
declare -A WORDS=([EPERM]='Operation not permitted' [EADDRNOTAVAIL]='Cannot assign requested address')

# probe [OPTION...] DEST...: status in $?, stdout in $out, stderr in $err
probe() {
	run "$SRCPIN" probe --cgroup "$WORLD_CGROUP" "$@"
}

# one answer, by its fields: verdict, as_policy, source, errno, outside
fields() {
	jq -r '[.verdict, .as_policy, .source // .errno, .outside.source // .outside.errno] | join(" ")' <<<"$out"
}

only_the_service_is_in_it() {
	[[ $(<"$WORLD_CGROUP/cgroup.procs") == "$service" ]]
}

service=$(<"$WORLD_CGROUP/cgroup.procs")

# nothing in force
probe $PEER 192.0.2.1
is "$? $out" "2 unpinned  [$PEER]:25  from $SHARED, outside the service as well
unpinned  192.0.2.1:25        from $V4, outside the service as well" "nothing in force: what is used now"
is "$err" "srcpin: nothing is in force for cgroup $G (srcpin load --cgroup $G)" "nothing in force: says so"

# each kind of outcome
put "source = $A
ipv4 = deny
to = 2001:db8:77::/48 $B
to = 2001:db8:78::/48 2001:db8:66::9
exempt = 2001:db8:9::9"
probe $PEER 2001:db8:77::1 2001:db8:78::1 2001:db8:9::9 192.0.2.1 ::1 10.0.0.1 fe80::1%vps
is "$? $err" "0 " "all as the policy says"
is "$out" "pinned    [$PEER]:25   from $A, outside the service from $SHARED ($CONFIG:2: source)
pinned    [2001:db8:77::1]:25  from $B, outside the service from $SHARED ($CONFIG:4: to 2001:db8:77::/48)
denied    [2001:db8:78::1]:25  $MISSING (${WORDS[$MISSING]}), outside the service from $SHARED ($CONFIG:5: to 2001:db8:78::/48); the source is not an address of this host
exempt    [2001:db8:9::9]:25   from $SHARED, outside the service as well ($CONFIG:6: exempt 2001:db8:9::9/128)
denied    192.0.2.1:25         EPERM (Operation not permitted), outside the service from $V4 ($CONFIG:3: ipv4 = deny)
exempt    [::1]:25             from ::1, outside the service as well (built in: ::1/128)
exempt    10.0.0.1:25          from 10.0.0.5, outside the service as well (built in: 10.0.0.0/8)
exempt    [fe80::1%vps]:25     from fe80::5, outside the service as well (built in: fe80::/10)" "all as the policy says: a line each, to the letter"
probe --json $PEER 192.0.2.1 2001:db8:78::1
is "$? $(fields)" "0 pinned true $A $SHARED
denied true EPERM $V4
denied true $MISSING $SHARED" "--json"
is "$(jq -c '[.policy.verdict, .policy.reason, .policy.rule.key, .policy.rule.line, .policy.cgroup, .cgroup.path, .network, .problems]' <<<"$out")" \
	"[\"pinned\",\"pinned_connect\",\"source\",2,\"$G\",\"$G\",\"caller\",[]]
[\"denied\",\"denied_rule\",\"ipv4\",3,\"$G\",\"$G\",\"caller\",[]]
[\"denied\",\"denied_missing\",\"to\",5,\"$G\",\"$G\",\"caller\",[]]" "--json: the policy"

# what it leaves
is "$("$HELPERS/silent" "$SRCPIN" probe --cgroup "$WORLD_CGROUP" $PEER 2001:db8:77::1 fd00:1::1 192.0.2.1 10.0.0.1 | tail -1)" 0 "no packet arrives at the peer"
# shellcheck disable=SC2016 # for the inner shell
is "$("$HELPERS/silent" bash -c "echo >/dev/udp/$PEER/25" | tail -1)" 1 "... where one would be seen"
ok "no process of it is left in the cgroup" only_the_service_is_in_it
"$SRCPIN" unload --all >/dev/null
counts() { "$SRCPIN" status --cgroup "$WORLD_CGROUP" --json | jq -c '.services[0].counters.reasons | with_entries(select(.value > 0))'; }
put "source = $A"
before=$(counts)
probe $PEER ::1 ::1
is "$before $(counts)" '{} {"pinned_connect":1,"exempt_rule":2}' "it counts as one call for each destination"
same=$(state)
probe $PEER
same_state "$same" "nothing is left in the kernel"
"$SRCPIN" unload --all >/dev/null
put "source = $A"
vacate "$WORLD_CGROUP"
probe $PEER
is "$? $(cut -c1-6 <<<"$out")" "0 pinned" "an empty cgroup"
ok "an empty cgroup is empty again" world_populated "$WORLD_CGROUP" 0
occupy "$WORLD_CGROUP"
service=$(<"$WORLD_CGROUP/cgroup.procs")

# from inside of the service itself
run inside "$WORLD_CGROUP" "$SRCPIN" probe --cgroup self $PEER
is "$? $out" "0 pinned    [$PEER]:25  from $A, outside the service from $SHARED ($CONFIG:2: source)" "from within: outside is outside all the same"

# ports, observe
put "source = $A"$'\n'"ports = 25, 465"
probe --port 80 $PEER
is "$? $out" "0 exempt    [$PEER]:80  from $SHARED, outside the service as well (port 80 is none of 25, 465; $CONFIG:2: source)" "--port"
probe --port 465 --json $PEER
is "$? $(fields)" "0 pinned true $A $SHARED" "--port: one that is pinned"
put "source = $A"$'\n'"mode = observe"
probe $PEER 192.0.2.1
is "$? $out" "0 observed  [$PEER]:25  from $SHARED, outside the service as well; enforced: from $A ($CONFIG:2: source)
observed  192.0.2.1:25        from $V4, outside the service as well; enforced: left to the kernel (built in: ipv4 = leave)" "mode = observe"

# not as the policy says, and the file
put "source = $A"
config "source = $B"
probe $PEER
is "$? $out" "0 pinned    [$PEER]:25  from $A, outside the service from $SHARED ($CONFIG:2: ::/0)" "the file has changed: what is in force counts"
is "$err" "srcpin: warning: $CONFIG says something else than what is in force (srcpin reload --cgroup $G)" "the file has changed: a warning"
probe --json $PEER
is "$(jq -c '[.policy.rule.key, (.problems | length)]' <<<"$out")" '[null,1]' "the file has changed: --json"
config "source = $A"
rm /sys/fs/bpf/srcpin/services/*/connect6
probe $PEER 192.0.2.1
is "$? $out" "2 wrong     [$PEER]:25  from $SHARED, outside the service as well; the policy says: from $A ($CONFIG:2: source)
exempt    192.0.2.1:25        from $V4, outside the service as well (built in: ipv4 = leave)" "a hook is gone: not as the policy says"
like "$err" "^srcpin: warning: srcpin_connect6 is not attached to cgroup $G" "a hook is gone: a warning"
put "source = $A"
probe $PEER
is "$? $err" "0 " "loaded again"

# no way, which is not the policy's doing
ip -6 route del default
probe $PEER
is "$? $out" "2 no-route  [$PEER]:25  ENETUNREACH (Network is unreachable), outside the service as well ($CONFIG:2: source)" "no route"
probe --json $PEER
is "$(fields)" "no-route true ENETUNREACH ENETUNREACH" "no route: --json"
ip -6 route add default via fe80::1 dev vps
ip -6 rule add from $A lookup 100 priority 10
ip -6 route add unreachable default table 100
probe --json $PEER
is "$? $(fields)" "2 no-route true EHOSTUNREACH $SHARED" "no route from the source alone"
ip -6 rule del priority 10
ip -6 route flush table 100
probe 255.255.255.255
like "$? $out" "^2 (no-route|failed) " "what fails outside too"

# names
dns_serve 53 --local=/test/ --mx-host=mail.test,mx2.test,20 --mx-host=mail.test,mx1.test,10 \
	--host-record=mx1.test,$PEER,192.0.2.1 --host-record=mx2.test,10.0.0.1
probe --dns $DNS_SERVER --mx mail.test
is "$? $out" "0 pinned    [$PEER]:25 mx1.test (MX 10)  from $A, outside the service from $SHARED ($CONFIG:2: source)
exempt    192.0.2.1:25 mx1.test (MX 10)        from $V4, outside the service as well (built in: ipv4 = leave)
exempt    10.0.0.1:25 mx2.test (MX 20)         from 10.0.0.5, outside the service as well (built in: 10.0.0.0/8)" "a name, with --mx"
probe --dns $DNS_SERVER none.test
is "$? $out$err" "1 srcpin: none.test has no address: no such name (NXDOMAIN)" "a name that is not there"
probe --dns $DNS_SERVER:5301 $PEER mx1.test
is "$? $(wc -l <<<"$out") $(wc -l <<<"$err")" "2 1 2" "a name that is not known, and an address that is"
dns_stop

# cgroups in one another
mkdir -p "$WORLD_CGROUP/inner/most"
probe_in() { # BELOW [OPTION...] DEST...
	local below=$1
	shift
	run "$SRCPIN" probe --json --cgroup "$WORLD_CGROUP/$below" "$@"
}
probe_in inner/most $PEER
is "$? $(fields) $(jq -r .policy.cgroup <<<"$out")" "0 pinned true $A $SHARED $G" "below a pinned cgroup: its policy"
printf '[inner]\nsource = %s\n' $B >"$WORLD_DIR/inner.conf"
"$SRCPIN" load --cgroup "$WORLD_CGROUP/inner" -c "$WORLD_DIR/inner.conf" >/dev/null 2>&1
probe_in inner/most $PEER
is "$? $(fields) $(jq -r .policy.cgroup <<<"$out")" "0 pinned true $B $SHARED $G/inner" "the innermost decides"
printf 'mode = observe\n' >>"$WORLD_DIR/inner.conf"
"$SRCPIN" load --cgroup "$WORLD_CGROUP/inner" -c "$WORLD_DIR/inner.conf" >/dev/null 2>&1
probe_in inner/most $PEER
is "$? $(fields) $(jq -r .policy.cgroup <<<"$out")" "0 pinned true $A $SHARED $G" "the innermost only observes: the one around it decides"
"$SRCPIN" unload --cgroup "$WORLD_CGROUP/inner" >/dev/null
probe_in . $PEER
is "$? $(fields)" "0 pinned true $A $SHARED" "the outer one alone again"

# a network namespace of the service's own
vacate "$WORLD_CGROUP"
own_network() {
	echo "$BASHPID" >"$WORLD_CGROUP/inner/most/cgroup.procs"
	# shellcheck disable=SC2016 # for the inner shell
	exec unshare --net bash -c 'ip link set lo up; ip link add own type veth peer name end; ip link set own up; ip link set end up
		ip addr add 2001:db8:1::aa/64 dev own nodad; ip addr add "$1/64" dev own nodad preferred_lft 0
		ip -6 route add default dev own; touch "$2"; exec sleep infinity' - $A "$WORLD_DIR/ready"
}
own_network &
disown
wait_until "the service has its network" test -e "$WORLD_DIR/ready"
network_is_usable() { nsenter --net="/proc/$(<"$WORLD_CGROUP/inner/most/cgroup.procs")/ns/net" ip -6 route show table local | grep -q "^local $A "; }
wait_until "its address is usable" network_is_usable
ip addr del "$A/64" dev vps # not an address of this host any more
probe --json $PEER
is "$? $(fields) $(jq -r .network <<<"$out") $(jq -r '.problems | length' <<<"$out")" "0 pinned true $A 2001:db8:1::aa service 0" \
	"a service in a network namespace of its own, whose process is in a cgroup below"
is "$err" "srcpin: tried in the service's own network namespace" "... which is said"
vacate "$WORLD_CGROUP/inner/most"
probe --json $PEER
is "$? $(fields) $(jq -r .network <<<"$out")" "0 denied true $MISSING $SHARED caller" "without a process: the caller's"
ip addr add "$A/64" dev vps nodad preferred_lft 0
wait_until "the address is back" world_usable
rmdir "$WORLD_CGROUP/inner/most" "$WORLD_CGROUP/inner"
occupy "$WORLD_CGROUP"
service=$(<"$WORLD_CGROUP/cgroup.procs")

# a cgroup that takes no process, or does not let it run
busy=(strace -f -qq -o /dev/null -P "$WORLD_CGROUP/cgroup.procs" -e trace=write -e inject=write:error=EBUSY)
if grep -qw memory "$WORLD_CGROUP/cgroup.controllers"; then # pids and cpu may be handed down all the same
	busy=()
	vacate "$WORLD_CGROUP"
	mkdir "$WORLD_CGROUP/below"
	echo +memory >"$WORLD_CGROUP/cgroup.subtree_control"
fi
run "${busy[@]}" "$SRCPIN" probe --cgroup "$WORLD_CGROUP" $PEER
is "$? $out" "2 " "a cgroup that hands controllers down"
like "$err" "^srcpin: cannot put a process into cgroup $G: it hands controllers down .*\(name one of these by its path" "a cgroup that hands controllers down: what to do"
if [[ -d $WORLD_CGROUP/below ]]; then
	echo -memory >"$WORLD_CGROUP/cgroup.subtree_control"
	rmdir "$WORLD_CGROUP/below"
	occupy "$WORLD_CGROUP"
	service=$(<"$WORLD_CGROUP/cgroup.procs")
fi
mkdir "$WORLD_CGROUP/threaded"
echo threaded >"$WORLD_CGROUP/threaded/cgroup.type"
probe_in threaded $PEER
is "$? $(fields)" "0 pinned true $A $SHARED" "a threaded cgroup"
mkdir "$WORLD_CGROUP/threaded/below"
probe_in threaded/below $PEER
is "$? $out$err" "2 srcpin: cannot put a process into cgroup $G/threaded/below: none can be in it, since it lies below a threaded one (cgroup.type: domain invalid)" \
	"a cgroup that no process can be in"
rmdir "$WORLD_CGROUP/threaded/below" "$WORLD_CGROUP/threaded"

# frozen, where its process stays until it is ended with its parent
two_are_in_it() { (($(wc -l <"$WORLD_CGROUP/cgroup.procs") == 2)); }
is_frozen() { grep -qx "frozen $1" "$WORLD_CGROUP/cgroup.events"; }
echo 1 >"$WORLD_CGROUP/cgroup.freeze"
wait_until "the cgroup is frozen" is_frozen 1
for signal in KILL INT TERM; do
	env --default-signal "$SRCPIN" probe --cgroup "$WORLD_CGROUP" $PEER >/dev/null 2>&1 &
	pid=$!
	wait_until "its process is in the cgroup" two_are_in_it
	kill -"$signal" "$pid"
	wait "$pid" 2>/dev/null
	wait_until "its process is gone" only_the_service_is_in_it
	pass "ended by SIG$signal: its process has left the cgroup"
done
probe $PEER
is "$? $out$err" "2 srcpin: the process that was put into cgroup $G does not run (is it frozen? cgroup.freeze)" "a frozen cgroup"
ok "a frozen cgroup: its process has left it" only_the_service_is_in_it
echo 0 >"$WORLD_CGROUP/cgroup.freeze"
wait_until "the cgroup is thawed" is_frozen 0
probe $PEER
is "$?" 0 "thawed again"

# a name that is not for JSON
odd=$WORLD_CGROUP/$'a\xff\eb'
mkdir "$odd"
run "$SRCPIN" probe --cgroup "$odd" --json $PEER
is "$? $(jq -r '.cgroup.path' <<<"$out")" "0 $G/a??b" "a name that is not for JSON is shown clean"
rmdir "$odd"

# a network namespace that a user has made, with any address that he likes
odd=$WORLD_CGROUP/theirs
mkdir "$odd"
inside "$odd" setpriv --reuid=nobody --regid=nogroup --clear-groups unshare --user --map-root-user --net sleep infinity &
wait_until "nobody is in it" world_populated "$odd" 1
theirs=$(<"$odd/cgroup.procs")
is_apart() { [[ $(readlink "/proc/$theirs/ns/user") != "$(readlink /proc/self/ns/user)" && $(readlink "/proc/$theirs/ns/net") != "$(readlink /proc/self/ns/net)" ]]; }
wait_until "nobody has a network namespace" is_apart
run "$SRCPIN" probe --cgroup "$odd" $PEER
is "$? $out" "2 " "another user's network namespace: root does not enter it"
like "$err" "cannot probe cgroup $G/theirs: its processes are in a network namespace that a user has made" "it says so"
vacate "$odd"
rmdir "$odd"

# usage
probe
like "$? $err" '^1 srcpin: probe needs a DEST \(usage: srcpin probe ' "no destination"
run "$SRCPIN" probe --cgroup /no/such $PEER
like "$? $err" '^1 srcpin: cannot find cgroup /no/such below ' "no such cgroup"
run "$SRCPIN" probe --cgroup "no-such-$$.service" $PEER
like "$? $err" "^1 srcpin: cannot find a cgroup named no-such-$$.service: nothing of the service runs" "no such service"
chmod 755 "$WORLD_DIR"
cp "$SRCPIN" "$WORLD_DIR/as-nobody"
run setpriv --reuid=nobody --regid=nogroup --clear-groups "$WORLD_DIR/as-nobody" probe --cgroup "$WORLD_CGROUP" $PEER
status=$?
ok "as nobody: refused in one sentence" one_sentence "$err"
is "$status $out" "2 " "as nobody: the system refused"
said=$("$SRCPIN" probe --cgroup "$WORLD_CGROUP" $PEER 2>&1 >/dev/full)
is "$? $said" "2 srcpin: cannot write to the standard output: No space left on device" "nowhere to write to"
done_testing
