#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Services whose processes live in another cgroup than the one that is pinned: what they send leaves unpinned, and status must say
# so. And those that are where they should be, or elsewhere and pinned, which status must leave alone.

# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/look.sh
. "$SYSTEMD_HERE/look.sh" || exit 1

look_box

# ". enter CGROUP" moves the shell that runs it
cat >"$BOX/usr/bin/enter" <<-'END'
	mkdir -p "/sys/fs/cgroup/$1" && echo "$BASHPID" >"/sys/fs/cgroup/$1/cgroup.procs"
END
HERE="look %p-main $RECEIVER"
STAYS='sleep infinity'

ended() {
	in_box systemctl stop "$1"
	in_box srcpin uninstall --unit "$1" >/dev/null
	in_box srcpin unload --all >/dev/null 2>&1
	rm -f "$BOX/etc/systemd/system/$1"
}

# strays NAME REGEX WHAT: its mail leaves from the shared address, and status and doctor say why
strays() {
	local name=$1 regex=$2 what=$3 json exit
	is "$(looked "${name%.service}-main")" "[$SHARED]" "$what: it leaves from the shared address"
	json=$(in_box srcpin status --json)
	exit=$?
	is "$exit $(jq -r --arg name "$name" '.services[] | select(.name == $name).state' <<<"$json")" "4 degraded" "$what: status does not say in force"
	like "$(jq -r '.services[].problems[]' <<<"$json")" "$regex" "$what: and says why"
	like "$(in_box srcpin doctor)" "cgroup[^"$'\n'"]*$regex" "$what: doctor, too"
}

# stays NAME WHAT: its mail leaves from its own address, and status says so
stays() {
	is "$(looked "${1%.service}-main") $(state_of "$1")" "[$OWN] in-force" "$2: pinned, and in force"
	is "$(in_box srcpin status --json | jq -r '.services[].problems[]')" "" "$2: no problem"
}

# what runc and conmon do with a container's first process
begun child.service "ExecStart=/bin/bash -c '(. enter machine.slice/payload.scope; $HERE; exec $STAYS) & wait'"
strays child.service 'process [0-9]+ \(sleep\), a child of process [0-9]+ \(bash\), is in cgroup /machine.slice/payload.scope, which is not pinned' \
	"a child elsewhere"
config '[child.service]' "source = $OWN" '[payload.scope]' "source = $OWN"
in_box srcpin load --cgroup /machine.slice/payload.scope >/dev/null
in_box srcpin reload --cgroup child.service >/dev/null
is "$(status_says)" "0 in-force in-force" "a child elsewhere: that cgroup is pinned, too"
ended child.service

# with what conmon is called, the remedy is podman's
cp "$BOX/bin/bash" "$BOX/usr/bin/conmon"
begun conmon.service "ExecStart=/usr/bin/conmon -c '(. enter machine.slice/payload.scope; $HERE; exec $STAYS) & wait'"
strays conmon.service 'a child of process [0-9]+ \(conmon\), is in cgroup [^ ]*, which is not pinned.*podman run --cgroups=split' "conmon's payload elsewhere"
ended conmon.service

# what PAMName= and su do to the main process; a helper stays
begun main.service "ExecStart=/bin/bash -c '$STAYS & . enter user.slice/session-c1.scope; $HERE; exec $STAYS'"
strays main.service 'its main process [0-9]+ \(sleep\) is in cgroup /user.slice/session-c1.scope, which is not pinned' "the main process elsewhere"
ended main.service

# a client only asks the engine's daemon for a container
for client in docker podman; do
	case $client in
	docker) shim=containerd-shim- remedy='docker run --cgroup-parent=NAME.slice' ;;
	podman) shim=conmon remedy='podman run --cgroups=split' ;;
	esac
	cp "$BOX/bin/bash" "$BOX/usr/bin/$client"
	cp "$BOX/bin/bash" "$BOX/usr/bin/$shim"
	cat >"$BOX/usr/bin/engine" <<-END
		(. enter payload.slice/$client-1.scope; look $client-main $RECEIVER; exec $STAYS) & wait
	END
	# by a script, as install refuses what it can see
	printf '#!/bin/sh\nexec /usr/bin/%s -c "(. enter engine.slice; exec setsid -f /usr/bin/%s /usr/bin/engine); %s; :" %s run tiny\n' \
		"$client" "$shim" "$STAYS" "$client" >"$BOX/usr/bin/contain"
	chmod +x "$BOX/usr/bin/contain"
	begun $client.service ExecStart=/usr/bin/contain
	strays $client.service "process [0-9]+ \\($client\\) only asks for a container, whose processes are in a cgroup of their own.*$remedy" \
		"a container's client ($client)"
	config "[$client.service]" "source = $OWN" '[payload.slice]' "source = $OWN"
	in_box srcpin load --cgroup /payload.slice >/dev/null
	in_box srcpin reload --cgroup "$client.service" >/dev/null
	is "$(status_says)" "0 in-force in-force" "a container's client ($client): its container is in a cgroup that is pinned, too"
	ended $client.service
	in_box sh -c 'echo 1 >/sys/fs/cgroup/payload.slice/cgroup.kill'
done
in_box sh -c 'echo 1 >/sys/fs/cgroup/engine.slice/cgroup.kill; echo 1 >/sys/fs/cgroup/machine.slice/cgroup.kill; echo 1 >/sys/fs/cgroup/user.slice/session-c1.scope/cgroup.kill' 2>/dev/null

# podman --cgroups=split: the client, conmon and the payload are all in the unit, in cgroups below it
begun split.service Delegate=yes \
	"ExecStart=/usr/bin/podman -c 'g=/system.slice/split.service; . enter \$\$g/runtime; (exec /usr/bin/conmon -c \"(. enter \$\$g/payload; $HERE; exec $STAYS) & wait\"); wait' podman run --cgroups=split tiny"
stays split.service "podman --cgroups=split"
# what cannot be found out
without_systemctl() { in_box unshare --mount sh -c 'mount --bind /bin/false /usr/bin/systemctl && exec "$@"' - "$@"; }
like "$(without_systemctl srcpin status --json | jq -r '.services[].note')" 'systemctl' "systemctl fails: status says so"
like "$(without_systemctl srcpin doctor)" 'unknown +cgroup +whether its main process is in there: .*systemctl' "systemctl fails: so does doctor"
ended split.service

# helpers of the unit, a daemon that forks, a command of srcpin run, and what ends at once
begun helpers.service Type=forking "ExecStartPre=$LOOK-pre $RECEIVER" "ExecStart=/bin/bash -c '($HERE; $STAYS) & (while :; do :; done | cat) & exit 0'" \
	"ExecStartPost=/bin/bash -c '$STAYS & exit 0'"
for _ in 1 2 3 4 5; do in_box setsid -f srcpin run --cgroup helpers.service -- sleep 60 >/dev/null 2>&1; done
stays helpers.service "helpers, a daemon that forks, srcpin run"
ended helpers.service

begun forks.service "ExecStart=/bin/bash -c '$HERE; while :; do (:) & (/bin/true &) ; done'"
said=$(for _ in {1..30}; do status_says; done | sort | uniq -c | xargs)
is "$said" "30 0 in-force" "a storm of forks: in force, each time"
ended forks.service

# a command with a policy of its own, begun in the service: its cgroup is pinned, wherever it is
begun runs.service "ExecStart=/bin/bash -c '$HERE; srcpin run --source $OWN -- $STAYS'"
wait_until "the command runs" in_box pgrep -f "^$STAYS"
stays runs.service "srcpin run in the service"
ended runs.service

# A mail server that somebody has started elsewhere: from a shell, by another unit. A stand-in, of which only the program's file
# and the arguments count.
cp "$BOX/usr/bin/perl" "$BOX/usr/sbin/exim4"
exim() { # WHO ARGUMENT...
	echo "/usr/sbin/exim4 -e 'system(qw(look $1-main $RECEIVER));sleep(1000)' -- ${*:2}"
}
begun exim4.service "ExecStart=$(exim exim4 -bd)"
stays exim4.service "the mail server itself"
# elsewhere WHO ARGUMENT...: the same server, from a shell
elsewhere() {
	local who=$1
	shift
	rm -f "$BOX/root/seen/$who-main"
	in_box setsid -f sh -c 'mkdir -p /sys/fs/cgroup/shell.scope; echo $$ >/sys/fs/cgroup/shell.scope/cgroup.procs; exec "$@"' sh \
		/usr/sbin/exim4 -e "system('look', '$who-main', '$RECEIVER'); sleep 1000" -- "$@" >/dev/null 2>&1
	wait_until "$who looks" test -s "$BOX/root/seen/$who-main"
}
over() {
	[[ $(status_says) == "0 in-force" ]]
}
gone() {
	in_box sh -c 'echo 1 >/sys/fs/cgroup/shell.scope/cgroup.kill'
}
elsewhere exim4 -qff
strays exim4.service 'process [0-9]+ \(/usr/sbin/exim4\), the same mail server, is in cgroup /shell.scope, which is not pinned.*srcpin run --cgroup exim4.service' \
	"the same mail server from a shell"
gone
wait_until "and it is over" over
elsewhere asks -bp
is "$(looked asks-main) $(status_says)" "[$SHARED] 0 in-force" "it lists its queue elsewhere: sends nothing"
gone
elsewhere another -bd -C /etc/another.conf
is "$(looked another-main) $(status_says)" "[$SHARED] 0 in-force" "another one with a configuration of its own, which has no section"
gone
# another unit, which has a section, and runs unpinned
unit exim4b.service "ExecStart=$(exim exim4b -bd -C /etc/b.conf)"
config '[exim4.service]' "source = $OWN" '[exim4b.service]' "source = $OWN"
in_box systemctl start exim4b
wait_until "exim4b.service looks" test -s "$BOX/root/seen/exim4b-main"
run srcpin status
is "$? $(looked exim4b-main)" "4 [$SHARED]" "a mail server with a section, not pinned: exit 4"
like "$out" 'exim4b.service: NOT PINNED' "and status names it"
like "$out" 'process [0-9]+ \(/usr/sbin/exim4\) is in cgroup /system.slice/exim4b.service, which has a section in /etc/srcpin.conf and is not pinned: .*srcpin install --unit exim4b.service' "and says why"
is "$(in_box srcpin status --json | jq -r '[.not_pinned[] | .cgroup, .program] | join(" ")')" "/system.slice/exim4b.service /usr/sbin/exim4" "also as JSON"
like "$(in_box srcpin status --prometheus)" 'srcpin_not_pinned_mailers 1' "and to Prometheus"
is "$(in_box srcpin status --cgroup exim4.service --json | jq -r '.services[].state')" in-force "the other service is in force"
in_box systemctl stop exim4b
is "$(in_box srcpin status --cgroup exim4.service >/dev/null; echo $?)" 0 "stopped: all is well"
ended exim4.service

done_testing
