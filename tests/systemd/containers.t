#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Containers of podman and Docker, and sessions of PAM, on a real systemd: pinned from the first packet on, over restarts of the
# container, of the unit and of the engine; or refused by install; or named by status. And the services of a user.

export ROOT_PACKAGE=containers
# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/engines.sh
. "$SYSTEMD_HERE/engines.sh" || exit 1

engine_box

# ---- podman in a unit
podman_unit() { # CGROUPS [OPTION]
	sends
	unit tiny.service Delegate=yes "ExecStart=/usr/bin/podman ${2-} run --rm --replace --name tiny --network host $1 localhost/tiny:1 sh -c '$SENDS'" \
		"ExecStop=-/usr/bin/podman rm -f -t 0 tiny"
	in_box systemctl restart tiny
}
config '[tiny.service]' "source = $OWN" 'ipv4 = deny'
unit tiny.service "ExecStart=/usr/bin/podman run localhost/tiny:1"
refused 1 'cannot install for tiny.service: podman run would move the container' "podman run" srcpin install --unit tiny
unit tiny.service "ExecStart=/usr/bin/podman run --cgroups=split localhost/tiny:1"
ok "podman run --cgroups=split: installed" in_box srcpin install --unit tiny
podman_unit --cgroups=split
is "$(wire) $(status_says)" "own 0 in-force" "podman run --cgroups=split: pinned from the first packet on"
wire_mark
in_box systemctl restart tiny
is "$(wire) $(status_says)" "own 0 in-force" "restarted: pinned"
is "$(in_box srcpin status --cgroup podman:tiny --json | jq '.services | length')" 0 "podman:tiny names a cgroup below it"
podman_unit --cgroups=disabled '--runtime crun'
is "$(wire) $(status_says)" "own 0 in-force" "podman run --cgroups=disabled: pinned"
for how in enabled no-conmon; do
	podman_unit --cgroups=$how
	is "$(wire) $(status_says)" "shared 4 degraded" "podman run --cgroups=$how: leaks, and status says so"
	like "$(in_box srcpin status)" "problem.*podman run --cgroups=split" "podman run --cgroups=$how: with the remedy"
done

# by its own cgroup: what is in there now, until it is started anew
config '[tiny.service]' "source = $OWN" '[libpod-*.scope]' "source = $OWN" 'ipv4 = deny'
run srcpin load --cgroup podman:tiny
is "$? $err" "0 " "load --cgroup podman:tiny"
in_box srcpin reload --cgroup tiny.service >/dev/null
like "$(in_box srcpin status --cgroup podman:tiny)" '^libpod-[0-9a-f]+.scope: in force' "status --cgroup podman:tiny"
sends
in_box podman exec tiny sh -c "${SENDS%;*}" >/dev/null 2>&1
is "$(wire) $(status_says)" "own 0 in-force in-force" "what podman exec runs in it is pinned"
in_box systemctl stop tiny
in_box srcpin unload --all >/dev/null
in_box srcpin uninstall --unit tiny >/dev/null
refused 1 'cannot find container podman:tiny: root runs none of that name' "a container that does not run" srcpin load --cgroup podman:tiny
refused 1 'cannot use podman:-x: it is not a container.s name' "no container's name" srcpin load --cgroup podman:-x

# ---- in a slice
config '[mail.slice]' "source = $OWN" 'ipv4 = deny'
ok "install --unit mail.slice" in_box srcpin install --unit mail.slice
podman_runs() {
	sends
	in_box podman run -d --name tiny --network host --cgroup-parent=mail.slice localhost/tiny:1 sh -c "$SENDS"
}
podman_runs >/dev/null
is "$(wire) $(status_says)" "own 0 in-force" "pinned from the first packet on"
wire_mark
ok "podman restart" in_box podman restart -t 0 tiny
is "$(wire) $(status_says)" "own 0 in-force" "podman restart: pinned"
in_box systemctl stop mail.slice
in_box podman rm -f -t 0 tiny >/dev/null 2>&1
podman_runs >/dev/null
is "$(wire) $(status_says)" "own 0 in-force" "pinned, in the slice's next cgroup"
in_box podman rm -f -t 0 tiny >/dev/null 2>&1

# ---- Docker
if docker_begin systemd; then
	sends
	ok "docker run --cgroup-parent=mail.slice" in_box docker run -d --name mail --network host --cgroup-parent=mail.slice --restart=always tiny:1 sh -c "$SENDS"
	is "$(wire) $(status_says)" "own 0 in-force" "pinned from the first packet on"
	wire_mark
	ok "docker restart" in_box docker restart -t 0 mail
	is "$(wire) $(status_says)" "own 0 in-force" "docker restart: pinned"
	wire_mark
	in_box systemctl restart docker
	is "$(wire) $(status_says)" "own 0 in-force" "a restart of dockerd, with the container: pinned"
	docker_end
	in_box systemctl stop mail.slice
	wire_mark
	in_box systemctl start docker
	is "$(wire) $(status_says)" "own 0 in-force" "dockerd starts it in the slice's next cgroup: pinned"
	in_box docker rm -f mail >/dev/null

	sends
	# by a script, as install refuses what it can see
	printf '#!/bin/sh\nexec docker run --rm --name tiny --network host tiny:1 sh -c "%s"\n' "$SENDS" >"$BOX/usr/bin/contain"
	chmod +x "$BOX/usr/bin/contain"
	unit tiny.service ExecStart=/usr/bin/contain \
		"ExecStop=-/usr/bin/docker rm -f tiny"
	config '[mail.slice]' "source = $OWN" 'ipv4 = deny' '[tiny.service]' "source = $OWN" 'ipv4 = deny' '[docker-*.scope]' "source = $OWN" 'ipv4 = deny'
	in_box srcpin install --unit tiny >/dev/null
	in_box systemctl restart tiny
	is "$(wire) $(in_box srcpin status --cgroup tiny.service >/dev/null; echo $?)" "shared 4" "docker run in a unit: leaks, and status says so"
	like "$(in_box srcpin status --cgroup tiny.service)" 'only asks for a container, .*docker run --cgroup-parent=NAME.slice' "with the remedy"
	run srcpin load --cgroup docker:tiny
	is "$? $err" "0 " "load --cgroup docker:tiny"
	sends
	in_box docker exec tiny sh -c "${SENDS%;*}" >/dev/null 2>&1
	is "$(wire)" own "what docker exec runs in it is pinned"
	in_box docker stop -t 0 tiny >/dev/null 2>&1
	refused 1 'cannot find container docker:none: .*[Nn]o such container' "a container that is not there" srcpin load --cgroup docker:none
	in_box systemctl stop tiny
	docker_end
else
	skip "Docker" "dockerd does not start here: $(docker_why)"
fi
in_box srcpin uninstall --unit tiny >/dev/null 2>&1
in_box srcpin uninstall --unit mail.slice >/dev/null
in_box systemctl stop mail.slice
in_box srcpin unload --all >/dev/null 2>&1

# ---- sessions
config '[*]' "source = $OWN" 'ipv4 = leave'
begin_in_session() { # NAME LINE...
	unit "$@"
	in_box systemctl restart "$1"
	wait_until "$1 looks" test -s "$BOX/root/seen/${1%.service}-main"
}
unit login.service User=joe PAMName=login ExecStart=/bin/true
refused 1 'cannot install for login.service: with PAMName=login, which reaches pam_systemd' "PAMName=login" srcpin install --unit login
for command in "su joe -c" "su -l joe -c" "runuser -l joe -c"; do
	unit su.service "ExecStart=/usr/bin/env $command 'look su-main $RECEIVER; exec sleep 1000'"
	in_box srcpin install --unit su >/dev/null
	rm -f "$BOX"/root/seen/*
	in_box systemctl restart su
	wait_until "su.service looks" test -s "$BOX/root/seen/su-main"
	is "$(looked su-main) $(in_box srcpin status >/dev/null; echo $?)" "[$SHARED] 4" "$command: leaks, and status says so"
	like "$(in_box srcpin status)" 'problem.*session-[^ ]*.scope, which is not pinned.*runuser -u USER|no process is in' "$command: and why"
	in_box systemctl stop su
	in_box loginctl terminate-user joe 2>/dev/null
	in_box srcpin unload --all >/dev/null 2>&1
done
for command in "runuser -u joe -- sh -c" "setpriv --reuid 1000 sh -c"; do
	unit su.service "ExecStart=/usr/bin/env $command 'look su-main $RECEIVER; exec sleep 1000'"
	rm -f "$BOX"/root/seen/*
	in_box systemctl restart su
	wait_until "su.service looks" test -s "$BOX/root/seen/su-main"
	is "$(looked su-main) $(status_says)" "[$OWN] 0 in-force" "$command: pinned, and in force"
done
in_box systemctl stop su

# ---- the services of a user
in_box loginctl enable-linger joe
in_joes() {
	in_box setpriv --reuid 1000 --regid 1000 --clear-groups env HOME=/srv/joe XDG_RUNTIME_DIR=/run/user/1000 "$@"
}
joe_is_up() {
	[[ $(in_joes systemctl --user is-system-running 2>/dev/null) =~ ^(running|degraded)$ ]]
}
in_box mkdir -p /srv/joe/.config/systemd/user
printf '%s\n' '[Service]' "ExecStart=/bin/sh -c 'look x-main $RECEIVER; exec sleep 1000'" >"$BOX/srv/joe/.config/systemd/user/x.service"
config '[user@1000.service]' "source = $OWN" 'ipv4 = deny'
run srcpin install --unit user@1000.service
is "$? $err" "0 " "install --unit user@1000.service"
in_box systemctl restart user@1000.service
wait_until "joe's manager is up" joe_is_up
rm -f "$BOX"/root/seen/*
for how in start restart; do
	in_joes systemctl --user "$how" x
	wait_until "x.service looks" test -s "$BOX/root/seen/x-main"
	is "$(looked x-main) $(status_says)" "[$OWN] 0 in-force" "a user's service, $how: pinned"
done
is "$(in_box systemd-cgls -u user@1000.service --no-pager | grep -c 'x.service')" 1 "it is below user@1000.service"
in_box systemctl restart user@1000.service
wait_until "joe's manager is up" joe_is_up
in_joes systemctl --user restart x
wait_until "x.service looks" test -s "$BOX/root/seen/x-main"
is "$(looked x-main) $(status_says)" "[$OWN] 0 in-force" "after a restart of the user's manager: pinned"
ok "the user cannot unload it" test "$(in_joes srcpin unload --all >/dev/null 2>&1; echo $?)" != 0
in_joes sh -c 'echo $$ >/sys/fs/cgroup/user.slice/cgroup.procs; look out '"$RECEIVER" 2>/dev/null
in_joes systemd-run --user --quiet --wait --collect sh -c 'echo $$ >/sys/fs/cgroup/user.slice/cgroup.procs; look out '"$RECEIVER" 2>/dev/null
is "$(looked out) $(status_says)" "[$OWN] 0 in-force" "nor move out of it"
# one unit of the user's, by its path: until it is started anew
in_box srcpin uninstall --unit user@1000.service >/dev/null
in_box srcpin unload --all >/dev/null
config '[x.service]' "source = $OWN" 'ipv4 = deny'
x=/user.slice/user-1000.slice/user@1000.service/app.slice/x.service
ok "load --cgroup $x" in_box srcpin load --cgroup "$x"
is "$(state_of "$x")" in-force "one unit of the user's, by its path"
in_joes systemctl --user restart x
wait_until "x.service looks" test -s "$BOX/root/seen/x-main"
is "$(looked x-main) $(status_says)" "[$SHARED] 4 stale" "started anew it is not pinned any more, and status says so"
done_testing
