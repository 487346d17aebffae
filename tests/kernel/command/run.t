#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# srcpin run: a command in the service's cgroup, or with a policy of its own. What the peer saw; that the command is as it would be
# without srcpin; what it may not have; that it does not run unpinned; and that nothing stays of it.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

need python3 setpriv script pgrep
A=2001:db8:2::25 B=2001:db8:2::26 B4=192.0.2.5 SHARED=2001:db8:1::5 PEER=2001:db8:9::1
SEEN=$WORLD_DIR/seen
chmod 755 "$WORLD_DIR"

cat >"$WORLD_DIR/server.py" <<'END'
import socket, sys
listener = socket.create_server(("::", 25), family=socket.AF_INET6, dualstack_ipv6=True, backlog=100)
seen = open(sys.argv[1], "a")
print("ready", flush=True)
while True:
    connection, peer = listener.accept()
    seen.write(peer[0] + "\n")
    seen.flush()
    try:
        connection.sendall((peer[0] + "\n").encode())
    except OSError:
        pass
    connection.close()
END
nsenter --net="$WORLD_PEER" -- python3 "$WORLD_DIR/server.py" "$SEEN" >"$WORLD_DIR/ready" 2>&1 &
wait_until "the server is there" grep -q ready "$WORLD_DIR/ready"

# what the peer saw, as the command heard it
# shellcheck disable=SC2016 # for the inner shell
ask=(bash -c 'exec 3<>"/dev/tcp/$0/25" && cat <&3' "$PEER")
marker=$WORLD_DIR/marker
leave_marker=(touch "$marker")

leaves() { find "$WORLD_MOUNT" -name 'srcpin-run-*' 2>/dev/null; }
no_leaf() { [[ -z $(leaves) ]]; }
no_srcpin() { ! pgrep --ns $$ --nslist mnt -x srcpin >/dev/null; }
its_cgroup() { grep '^0::' /proc/self/cgroup; }
declare -fx its_cgroup
has_seen() { [[ $(tail -n +$((before + 1)) "$SEEN" | sort | uniq -c | awk '{ print $1 $2 }') == "$1" ]]; }
look_from_here() { before=$(wc -l <"$SEEN"); }
as_none() { [[ ! -e $marker ]] && one_sentence "$err"; }

config "source = $A"
printf '[other*.service]\nsource = %s\n[absent]\nsource = 2001:db8:66::9\n[may]\nsource = 2001:db8:66::9\nmissing = pass\n[watched]\nsource = %s\nmode = observe\n' $B $B >>"$CONFIG"
"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" >/dev/null

as_service=("$SRCPIN" run --cgroup "$WORLD_CGROUP")
own=("$SRCPIN" run --source "$B" --source4 "$B4")
section=("$SRCPIN" run -c "$CONFIG" --section other-1.service)

# where it leaves from
is "$("${ask[@]}")" $SHARED "without: the shared address"
is "$("${as_service[@]}" -- "${ask[@]}")" $A "--cgroup: the service's source"
is "$("${own[@]}" -- "${ask[@]}")" $B "--source: this one"
is "$("${own[@]}" -- bash -c "exec 3<>/dev/tcp/192.0.2.1/25 && cat <&3")" "::ffff:$B4" "--source4: this one"
is "$("${section[@]}" -- "${ask[@]}" 2>/dev/null)" $B "--section: that of the section whose glob matches"
for program in dial dial-static dial-go; do
	[[ -x $HELPERS/$program ]] || { skip "$program" "$HELPERS/$program" && continue; }
	look_from_here
	"${as_service[@]}" -- "$HELPERS/$program" tcp $PEER 25
	"${own[@]}" -- "$HELPERS/$program" tcp $PEER 25
	wait_until "both are seen" has_seen "1$A"$'\n'"1$B"
	pass "$program: from the sources"
done
printf '#!/bin/sh\nexec "%s" tcp %s 25\n' "$HELPERS/dial-static" $PEER >"$WORLD_DIR/script" && chmod 755 "$WORLD_DIR/script"
look_from_here
"${own[@]}" -- "$WORLD_DIR/script"
wait_until "it is seen" has_seen "1$B"
pass "a script: from the source"
cp "$HELPERS/dial" "$WORLD_DIR/setuid" && chmod 4755 "$WORLD_DIR/setuid"
look_from_here
run "${as_service[@]}" --user nobody -- "$WORLD_DIR/setuid" tcp $PEER 25 secure
is "$?" 0 "a setuid program, such as exim4, gets its rights"
wait_until "it is seen" has_seen "1$A"
pass "... and is pinned"

# where it is
like "$("${as_service[@]}" -- bash -c its_cgroup)" "^0::.*/$WORLD_SECTION/srcpin-run-[0-9]+$" "--cgroup: a cgroup of its own below the service's"
like "$("${own[@]}" -- bash -c its_cgroup)" '^0::(/.*)?/srcpin-run-[0-9]+$' "--source: below the caller's"
is "$(inside "$WORLD_CGROUP" "${own[@]}" -- bash -c "its_cgroup; ${ask[*]@Q}" | sed 's/run-[0-9]*/run-N/')" "0::/$WORLD_SECTION/srcpin-run-N
$B" "a policy of its own in a pinned service: its own decides"
mkdir "$WORLD_CGROUP/user" && chown -R nobody "$WORLD_CGROUP/user"
is "$(inside "$WORLD_CGROUP/user" "${own[@]}" -- bash -c its_cgroup | sed 's/run-[0-9]*/run-N/')" "0::/$WORLD_SECTION/srcpin-run-N" "not where another user could move it out of"
mkdir "$WORLD_CGROUP/threaded"
make_threaded() { echo threaded >"$WORLD_CGROUP/threaded/cgroup.type"; }
wait_until "no domain beside it has a process" make_threaded 2>/dev/null
is "$("$SRCPIN" run --cgroup "$WORLD_CGROUP/threaded" -- "${ask[@]}")" $A "a threaded cgroup: a threaded one below it"
wait_until "all are cleared" no_leaf
rmdir "$WORLD_CGROUP/threaded"
# A cgroup that hands a controller down has processes only below it. Where the host's root hands none down, it does for a moment.
# The root of a cgroup namespace may have none itself, and hands none down while it has processes.
read -r controller _ <"$WORLD_MOUNT/cgroup.controllers"
read -r handed_down _ <"$WORLD_CGROUP/cgroup.controllers"
own_hand() { [[ ! $handed_down ]] && echo "$1$controller" >"$WORLD_MOUNT/cgroup.subtree_control"; } 2>/dev/null
own_hand +
managed=$WORLD_CGROUP-managed
mkdir "$managed" "$managed/within"
if [[ $(<"$managed/cgroup.controllers") ]]; then
	occupy "$managed/within"
	ok "a cgroup hands a controller down" tee "$managed/cgroup.subtree_control" <<<"+${handed_down:-$controller}"
	printf '[%s]\nsource = %s\n' "${managed##*/}" $B >>"$CONFIG"
	"$SRCPIN" load --cgroup "$managed" -c "$CONFIG" >/dev/null
	is "$("$SRCPIN" run --cgroup "$managed" -- "${ask[@]}")" $B "a command beside what it hands it down to"
	wait_until "all are cleared" no_leaf
	"$SRCPIN" unload --cgroup "$managed"
	vacate "$managed/within"
else
	skip "a command beside what a cgroup hands a controller down to" "no controller is handed down in this cgroup namespace"
fi
rmdir "$managed/within" "$managed"
own_hand -
unshare --net bash -c "ip link set lo up; echo \$BASHPID >$WORLD_CGROUP/user/cgroup.procs; exec sleep infinity" &
apart=$!
disown
wait_until "a process has its namespace" bash -c "[[ \$(readlink /proc/$apart/ns/net) != \$(readlink /proc/self/ns/net) ]] && grep -q . $WORLD_CGROUP/user/cgroup.procs"
is "$("$SRCPIN" run --cgroup "$WORLD_CGROUP/user" -- readlink /proc/self/ns/net)" "$(readlink /proc/$apart/ns/net)" "--cgroup: the service's network namespace"
vacate "$WORLD_CGROUP/user"
wait_until "all are cleared" no_leaf
rmdir "$WORLD_CGROUP/user"

# it is as the command would be
in_state() { # PID LETTER
	[[ $(ps -o state= -p "$1") == "$2" ]]
}
# shellcheck disable=SC2016 # for the inner shell
hands_on() { # WHAT RUN...
	local what=$1 pid child hold=$WORLD_DIR/hold-$1 status
	shift
	mkfifo "$hold"
	rm -f "$WORLD_DIR/heard"
	"$@" -- bash -c 'trap "echo usr1" USR1; trap "echo term; exit 9" TERM; echo $$; exec 5<>"$0"; while :; do read -r -t 1 -u 5; done' "$hold" >"$WORLD_DIR/heard" 2>&1 &
	pid=$!
	wait_until "the command runs" test -s "$WORLD_DIR/heard"
	read -r child <"$WORLD_DIR/heard"
	kill -USR1 $pid
	wait_until "it hears a signal" grep -q usr1 "$WORLD_DIR/heard"
	kill -STOP "$child"
	wait_until "it stops" in_state $pid T
	pass "$what: it stops when the command stops"
	kill -CONT $pid
	wait_until "the command goes on" in_state "$child" S
	pass "$what: ... and both go on"
	kill -TERM $pid
	wait $pid
	status=$?
	is "$status $(tail -n +2 "$WORLD_DIR/heard" | paste -sd' ')" "9 usr1 term" "$what: signals are handed on, each once"
	is "$(exec 5<>"$hold"; "$@" -- bash -c 'echo one; exec >&- 2>&-; read -r -u 5' | { read -r line; ! read -r || line+=' more'; echo "$line"; echo >&5; })" one "$what: it holds no pipe open that the command has closed"
	rm -f "$WORLD_DIR/heard"
	"$@" -- bash -c 'echo $$; exec sleep infinity' >"$WORLD_DIR/heard" 2>&1 &
	pid=$!
	wait_until "the command runs" test -s "$WORLD_DIR/heard"
	read -r child <"$WORLD_DIR/heard"
	kill -KILL $pid
	wait $pid 2>/dev/null
	wait_until "it is gone" bash -c "! kill -0 $child 2>/dev/null"
	pass "$what: killed for good, the command is, too"
}
for how in as_service own; do
	declare -n with=$how
	"${with[@]}" -- bash -c 'exit 7'
	is "$?" 7 "$how: the exit status is the command's"
	is "$(bash -c '"$@"; echo $?' - "${with[@]}" -- bash -c 'kill -TERM $$' 2>/dev/null)" 143 "$how: so is the end by a signal"
	like "$(exec 7<"$CONFIG" 9>/dev/null; "${with[@]}" -- bash -c 'cd /proc/$$/fd && echo *')" "^$(exec 7<"$CONFIG" 9>/dev/null; bash -c 'cd /proc/$$/fd && echo *')$" "$how: so are the descriptors"
	# shellcheck disable=SC2016 # for the inner shell
	inherited=(bash -c 'ulimit -a; pwd; exec grep -E "^(Sig(Ign|Blk)|Umask|Seccomp|NoNewPrivs|CapBnd)" /proc/self/status')
	is "$(umask 027; trap '' PIPE CHLD; ulimit -Sn 777; "${with[@]}" -- "${inherited[@]}")" "$(umask 027; trap '' PIPE CHLD; ulimit -Sn 777; "${inherited[@]}")" "$how: so are signals, mode, limits and folder"
	is "$(echo words | "${with[@]}" -- cat)" words "$how: so is the input"
	# shellcheck disable=SC2016 # for the inner shell
	is "$(script -qec "${with[*]@Q} -- bash -c 'tty -s && [[ \$(ps -o pgid= -p \$\$) == \$(ps -o tpgid= -p \$\$) ]] && ps -o ppid= -C nothing; jobs; echo terminal'" /dev/null </dev/null | tr -d '\r')" terminal "$how: so is the terminal"
	hands_on "$how" "${with[@]}"
	is "$("${with[@]}" -- bash -c 'sleep 0 & wait $!; wait; pgrep -P $$ | wc -l')" 1 "$how: it has no child that it did not make"
done
is "$("${own[@]}" -- printf '%s|' -v --json -- 'two words' '')" "-v|--json|--|two words||" "words are the command's, all of them"

# whose rights it has
# shellcheck disable=SC2016 # for the inner shell
rights=(bash -c 'grep -E "^(Uid|Gid|Groups|Cap(Inh|Prm|Eff|Amb)|NoNewPrivs)" /proc/$$/status | tr -s "\t " " " | sed "s/ $//"; echo "$USER $HOME"')
zero=0000000000000000
nobodys="Uid: 65534 65534 65534 65534
Gid: 65534 65534 65534 65534
Groups: 65534
CapInh: $zero
CapPrm: $zero
CapEff: $zero
CapAmb: $zero
NoNewPrivs: 0
nobody $(getent passwd nobody | cut -d: -f6)"
laden=(setpriv --groups "4,24" --inh-caps "+net_raw,+net_admin" --ambient-caps "+net_raw,+net_admin")
for how in as_service own; do
	declare -n with=$how
	is "$("${laden[@]}" "${with[@]}" --user nobody -- "${rights[@]}")" "$nobodys" "$how --user: no capability, no group of ours"
	is "$(SUDO_UID=65534 SUDO_GID=65534 "${laden[@]}" "${with[@]}" -- "${rights[@]}")" "$nobodys" "$how: as who has called sudo"
	is "$(SUDO_UID=4242 SUDO_GID=4243 HOME=/h USER=u "${laden[@]}" "${with[@]}" -- "${rights[@]}" | head -3)" "Uid: 4242 4242 4242 4242
Gid: 4243 4243 4243 4243
Groups: 4243" "$how: ... also if the user database does not know it"
	like "$("${laden[@]}" "${with[@]}" -- "${rights[@]}")" "^Uid: 0 0 0 0.Gid: 0 0 0 0.Groups: 0.CapInh: $zero.CapPrm: 0*[1-9a-f].*CapAmb: $zero" "$how: root stays root, and hands no capability down"
	like "$(SUDO_UID=65534 SUDO_GID=65534 "${with[@]}" --user root -- "${rights[@]}")" "^Uid: 0 0 0 0" "$how: --user root, whoever called sudo"
done
for bad in '' x -1 4294967295 99999999999 '1 2'; do
	SUDO_UID=$bad SUDO_GID=5 run "${own[@]}" -- "${leave_marker[@]}"
	is "$? $err" "125 srcpin: cannot tell who called sudo: SUDO_UID and SUDO_GID are not two numbers (name the user: --user NAME)" "SUDO_UID '$bad': not run, as it could be root"
done
SUDO_UID=65534 run "${own[@]}" -- "${leave_marker[@]}"
is "$?" 125 "no SUDO_GID: not run"
run "${own[@]}" --user no-such-user -- "${leave_marker[@]}"
is "$? $err" "125 srcpin: there is no user no-such-user" "an unknown user: not run"
install -m 755 "$SRCPIN" "$WORLD_DIR/srcpin"
run setpriv --reuid nobody --regid nogroup --clear-groups "$WORLD_DIR/srcpin" run --source $B -- true
is "$?" 125 "without rights: not run"
ok "... and says why" one_sentence "$err"

# not pinned: not run
not_run() { # WHAT STATUS SENTENCE COMMAND...
	local what=$1 status=$2 sentence=$3
	shift 3
	run "$@"
	is "$? $err" "$status srcpin: $sentence" "$what"
	ok "$what: it has not run" test ! -e "$marker"
}
not_run "a source that is not there" 125 "cannot run touch: source 2001:db8:66::9 is not an address of this host: what is pinned to it would be refused" \
	"$SRCPIN" run --source 2001:db8:66::9 -- "${leave_marker[@]}"
not_run "a section with such a source" 125 "cannot run touch: source 2001:db8:66::9 is not an address of this host: what is pinned to it would be refused" \
	"$SRCPIN" run -c "$CONFIG" --section absent -- "${leave_marker[@]}"
not_run "no such section" 125 "cannot run touch: $CONFIG has no section for wrong (add [wrong])" "$SRCPIN" run -c "$CONFIG" --section wrong -- "${leave_marker[@]}"
not_run "a bad address" 125 "--source: 'mail' is not an IPv6 address" "$SRCPIN" run --source mail -- "${leave_marker[@]}"
not_run "an address of the other family" 125 "--source: '192.0.2.5' cannot be a source here: it is IPv4, and the key for it is 'source4'" \
	"$SRCPIN" run --source 192.0.2.5 -- "${leave_marker[@]}"
mkdir "$WORLD_CGROUP-bare" && occupy "$WORLD_CGROUP-bare"
not_run "a service that is not pinned" 125 "cannot run touch: nothing is in force for cgroup /$WORLD_SECTION-bare (srcpin load --cgroup /$WORLD_SECTION-bare)" \
	"$SRCPIN" run --cgroup "$WORLD_CGROUP-bare" -- "${leave_marker[@]}"
vacate "$WORLD_CGROUP-bare" && wait_until "all are cleared" no_leaf && rmdir "$WORLD_CGROUP-bare"
not_run "a service that is gone" 125 "cannot find cgroup $WORLD_CGROUP-bare below $WORLD_MOUNT (is the service running?)" "$SRCPIN" run --cgroup "$WORLD_CGROUP-bare" -- "${leave_marker[@]}"
rm "/sys/fs/bpf/srcpin/services/"*/connect6
not_run "a service whose hook is not attached" 125 "cannot run touch: srcpin_connect6 is not attached to cgroup /$WORLD_SECTION (load again)" "${as_service[@]}" -- "${leave_marker[@]}"
"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" >/dev/null
not_run "no such program" 127 "cannot run /no/such: No such file or directory" "${own[@]}" -- /no/such
not_run "no program" 126 "cannot run $CONFIG: Permission denied" "${own[@]}" -- "$CONFIG"
not_run "nothing to go by" 125 "run needs --cgroup NAME, --source ADDRESS or --section NAME" "$SRCPIN" run -- "${leave_marker[@]}"
not_run "too much" 125 "run takes only one of --cgroup, --source and --section" "${as_service[@]}" --source $B -- "${leave_marker[@]}"
not_run "a file, and no section" 125 "run -c FILE needs --section NAME" "$SRCPIN" run --source $B -c "$CONFIG" -- "${leave_marker[@]}"
usage=$("$SRCPIN" --help | sed -n 's/^  run *//p')
not_run "no --" 125 "run needs -- and then a COMMAND (usage: srcpin run $usage)" "${own[@]}" "${leave_marker[@]}"
not_run "no -- before the command's own" 125 "run needs -- and then a COMMAND (usage: srcpin run $usage)" "${own[@]}" "${leave_marker[0]}" -- "$marker"
not_run "no command" 125 "run needs -- and then a COMMAND (usage: srcpin run $usage)" "${own[@]}" --
not_run "an option of others" 125 "run does not take --all (usage: srcpin run $usage)" "${own[@]}" --all -- "${leave_marker[@]}"
run "$SRCPIN" run -c "$CONFIG" --section may -- "${ask[@]}"
is "$? $out" "0 $SHARED" "missing = pass: it runs"
like "$err" "warning: source 2001:db8:66::9 is not an address of this host: what is pinned to it leaves unpinned, as missing = pass says" "... with a warning"
run "$SRCPIN" run -c "$CONFIG" --section watched -- "${ask[@]}"
is "$? $out $err" "0 $SHARED srcpin: warning: mode = observe changes nothing: bash is not pinned" "mode = observe: it runs, with a warning"
ip route add default via 192.0.2.1
run "$SRCPIN" run --source $B -- true
ip route del default
is "$? $err" "0 srcpin: warning: IPv4 is not pinned, and leaves from $B4" "a family that is not pinned is said"

# what others see of it
cat >"$WORLD_DIR/inner" <<END
"$SRCPIN" status --json | jq -c '[.services[] | select(.cgroup.path | contains("srcpin-run")) | .state, .config, .problems]'
table=\$("$SRCPIN" status 2>&1)
grep -o '/srcpin-run-[0-9]* ' <<<"\$table" || echo "\$table"
"$SRCPIN" doctor -c "$CONFIG" | grep -o 'srcpin-run-[0-9]*' | sort -u
"$SRCPIN" reload
"$SRCPIN" reload --cgroup "\$(sed -n 's/^0:://p' /proc/self/cgroup)"
echo \$?
${ask[*]@Q}
END
run "${own[@]}" -- bash "$WORLD_DIR/inner"
is "$(sed 's/run-[0-9]*/run-N/g' "$WORLD_DIR/out")" "[\"in-force\",\"the command line\",[]]
/srcpin-run-N 
srcpin-run-N
$WORLD_SECTION: in force, source $A
$WORLD_SECTION: IPv4 is not pinned (source4 pins it, ipv4 = deny refuses it, ipv4 = leave says that it is meant)
1
$B" "status and doctor show it by its path, a reload leaves it alone"

# in the background
wait_until "all are cleared" no_leaf
"$SRCPIN" status >/dev/null
nothing=$(state)
is "$("$SRCPIN" status --json | jq '.services | length')" 1 "nothing is left of all these"
mkfifo "$WORLD_DIR/go"
rm -f "$WORLD_DIR/heard"
"${own[@]}" -- bash -c "{ read -r _; ${ask[*]@Q} >$WORLD_DIR/heard; } <>$WORLD_DIR/go &"
is "$?" 0 "a command that leaves a child in the background ends"
"$SRCPIN" status >/dev/null
"${own[@]}" -- true
"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" >/dev/null
is "$("$SRCPIN" status --json | jq -r '[.services[] | select(.cgroup.path | contains("srcpin-run")) | .state] | join(" ")')" in-force "the child: its policy stays in force"
echo go >"$WORLD_DIR/go"
wait_until "the child has heard" test -s "$WORLD_DIR/heard"
is "$(<"$WORLD_DIR/heard")" $B "the child: it leaves from the source"
wait_until "all are cleared" no_leaf
wait_until "the policy is cleared" state_is "$nothing"
same_state "$nothing" "nothing is left, once the child has ended"

# who clears is killed. The tests beside this one run srcpin, too, and each clears what it finds: so it may take another try.
mkfifo "$WORLD_DIR/end"
clearer() { pgrep -f "^$SRCPIN run -c $CONFIG --section other-1.service" | grep -vx "$command"; }
has_clearer() { pgrep -f "^bash -c read -r _ <$WORLD_DIR/end" >/dev/null && [[ $(clearer | wc -l) == 1 ]]; }
start_and_kill_clearer() {
	"${section[@]}" -- bash -c "read -r _ <$WORLD_DIR/end" 2>/dev/null &
	command=$!
	wait_until "one process waits for the end" has_clearer
	kill -KILL "$(clearer)"
	wait_until "it is gone" bash -c "! kill -0 $(clearer) 2>/dev/null"
}
end_command() {
	echo >"$WORLD_DIR/end"
	wait "$command"
}
leaves_its_cgroup() {
	start_and_kill_clearer
	end_command
	! no_leaf
}
start_and_kill_clearer
is "$("$SRCPIN" status --json | jq '.services | length')" 2 "who clears is killed: the command stays pinned"
end_command
wait_until "the cgroup of a command stays" leaves_its_cgroup
pass "... and its cgroup stays"
for next in "status" "unload --cgroup $WORLD_CGROUP --if-empty" "reload" "doctor -c $CONFIG" "load --cgroup $WORLD_CGROUP -c $CONFIG" run; do
	no_leaf && leaves_its_cgroup
	# shellcheck disable=SC2086 # words
	if [[ $next == run ]]; then
		"${own[@]}" -- true
		wait_until "all are cleared" no_leaf
		wait_until "the policy is cleared" state_is "$nothing"
	else
		"$SRCPIN" $next >/dev/null 2>&1
	fi
	ok "$next clears it" no_leaf
	[[ $next == doctor* ]] || same_state "$nothing" "$next clears the policy"
done

# many at once
look_from_here
for ((i = 0; i < 10; i++)); do
	"${own[@]}" -- bash -c "exec 3<>/dev/tcp/$PEER/25 && cat <&3; exit 3" &
	pids[i]=$!
done >"$WORLD_DIR/ten" 2>&1
for pid in "${pids[@]}"; do wait "$pid"; statuses+=$?; done
is "$statuses $(sort <"$WORLD_DIR/ten" | uniq -c | tr -s ' ')" "3333333333  10 $B" "ten at once: each from its source, with its status"
wait_until "all are cleared" no_leaf
wait_until "the policies are cleared" state_is "$nothing"
same_state "$nothing" "nothing is left of them"
wait_until "their srcpins have ended" no_srcpin
pass "... and no srcpin either"

# beside a srcpin with another bpffs: it removes our cgroups, too, and knows nothing of our policies
unshare --mount -- bash -c "mount -t bpf bpf /sys/fs/bpf; while [[ ! -e $WORLD_DIR/enough ]]; do ${own[*]@Q} -- true; done; '$SRCPIN' unload --all" &
elsewhere=$!
for ((i = 0; i < 60; i++)); do
	"${own[@]}" -- true
	PATIENCE=10 wait_until "the policy of run $i is cleared" state_is "$nothing"
done
touch "$WORLD_DIR/enough"
wait $elsewhere
pass "beside a srcpin with another bpffs: nothing is left, sixty times over"

# killed at any system call, from the making of the cgroup on
cleared() { "$SRCPIN" status >/dev/null && no_leaf && state_is "$nothing"; }
killed() { # WHAT SOURCE COMMAND...
	local what=$1 source=$2 n status bad=0
	shift 2
	look_from_here
	for ((n = 1; ; n++)); do
		"$HELPERS/killat" "$n" "$@" -- "$HELPERS/dial-static" tcp $PEER 25 >/dev/null 2>&1
		status=$?
		((status == 0)) || break
		PATIENCE=10 wait_until "killed at $n, and it is cleared" cleared
	done
	is "$status" 3 "$what: is killed at each system call, and ends"
	wait_until "it is cleared" cleared
	((n > 10)) || bad=1
	is "$bad $(tail -n +$((before + 1)) "$SEEN" | sort -u)" "0 $source" "$what: killed at $((n - 1)) system calls: cleared each time, and nothing left from elsewhere"
}
killed "with the service" $A "${as_service[@]}"
killed "with a policy of its own" $B "${own[@]}"
"$SRCPIN" unload --all
is "$(find /sys/fs/bpf/srcpin 2>/dev/null)" "" "nothing is held"
wait_until "the last srcpin has ended" no_srcpin
pass "no srcpin is left"
done_testing
