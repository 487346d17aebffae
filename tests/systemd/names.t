#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The name of a unit means the cgroup that systemd has for it: a user who has a cgroup of their own may make one of any name below it.

# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/look.sh
. "$SYSTEMD_HERE/look.sh" || exit 1

SLEEPS="/bin/sleep infinity"
SYSTEMS=/system.slice/victim.service
JOES=/system.slice/joe.service/victim.service
INSTANCES=/system.slice/system-many.slice/many@-.service

loaded() {
	in_box srcpin status --json | jq -r '[.services[] | .cgroup.path + " " + .state] | join(", ")'
}

# says STATUS STDOUT WHAT COMMAND...
says() {
	local status want=$1 text=$2 what=$3
	shift 3
	run "$@"
	status=$?
	is "$status $out" "$want $text" "$what" || diag "$err"
}

joe_has_it() {
	in_box grep -qsx 'populated 1' "/sys/fs/cgroup$JOES/cgroup.events"
}

look_box
unit victim.service "ExecStart=$SLEEPS"
unit many@.service "ExecStart=$SLEEPS"
unit stands.service Type=oneshot RemainAfterExit=yes ExecStart=/bin/true
unit stands@.service "ExecStart=$SLEEPS" '[Unit]' PartOf=stands.service
in_box ln -s victim.service /etc/systemd/system/other.service
in_box systemctl daemon-reload
config '[*]' "source = $OWN"
in_box systemd-run --quiet --unit joe --uid nobody -p Delegate=yes /bin/sh -c "mkdir /sys/fs/cgroup$JOES && echo 0 >/sys/fs/cgroup$JOES/cgroup.procs && exec $SLEEPS"
wait_until "a user has a cgroup of that name" joe_has_it
is "$(in_box stat -c %U "/sys/fs/cgroup$JOES")" nobody "a user has a cgroup of the service's name"

# the service is down
down="cannot find a cgroup named victim.service: nothing of the service runs \(start it; or srcpin install --unit victim.service, to have it pinned"
refused 1 "$down" "down: load" srcpin load --cgroup victim.service
refused 1 "$down" "down: load, without the suffix" srcpin load --cgroup victim
refused 1 "$down" "down: probe" srcpin probe --cgroup victim.service "$RECEIVER"
says 3 "nothing is loaded" "down: status" srcpin status --cgroup victim.service
run srcpin explain --cgroup victim "$RECEIVER"
is "$?" 0 "down: explain" || diag "$err"
config '[victim.service]' "source = $OWN"
refused 1 "$down" "down: doctor" srcpin doctor --cgroup victim.service
in_box srcpin doctor --json >"$WORLD_DIR/doctor.json"
is "$(jq -c '[.checks[] | select(.service == "victim.service" and .id == "loaded").seen]' "$WORLD_DIR/doctor.json")" \
	'["no service that runs is of this section"]' "down: doctor does not take the user's for it"
is "$(loaded)" "" "down: nothing was loaded"

# up: with the user's, which is loaded by its path, beside it
in_box systemctl start victim
config '[*]' "source = $OWN"
for name in victim.service victim other.service; do
	run srcpin load --cgroup "$name"
	is "$? $(loaded)" "0 $SYSTEMS in-force" "up: load --cgroup $name: systemd's is pinned" || diag "$err"
	in_box srcpin unload --all
done
in_box srcpin load --cgroup victim >/dev/null
run srcpin load --cgroup "$JOES"
is "$? $(loaded)" "0 $JOES in-force, $SYSTEMS in-force" "up: the user's can be named by its path" || diag "$err"
for name in victim.service other; do
	is "$(in_box srcpin status --cgroup "$name" --json | jq -r '.services[].cgroup.path')" "$SYSTEMS" "up: status --cgroup $name: systemd's"
	run srcpin reload --cgroup "$name"
	is "$?" 0 "up: reload --cgroup $name" || diag "$err"
done
is "$(in_box srcpin probe --cgroup victim.service --json "$RECEIVER" | jq -r .cgroup.path)" "$SYSTEMS" "up: probe"
config '[victim.service]' "source = $OWN"
in_box systemctl stop victim
is "$(in_box srcpin status --cgroup victim --json | jq -r '.services[] | .cgroup.path + " " + .state')" "$SYSTEMS stale" \
	"down again: status shows what it has left behind, not the user's"
run srcpin unload --cgroup victim
is "$? $(loaded)" "0 $JOES in-force" "down again: unload takes that out, not the user's" || diag "$err"
refused 1 "cannot unload victim: nothing is loaded for it" "down again: nothing is left to unload" srcpin unload --cgroup victim
refused 1 "cannot reload victim: nothing is loaded for it" "down again: or to reload" srcpin reload --cgroup victim
is "$(loaded)" "$JOES in-force" "down again: and the user's stays"
in_box srcpin unload --all

# an instance, in its template's slice, comes and goes
config '[*]' "source = $OWN"
refused 1 "cannot find a cgroup named many@-.service: nothing of the service runs" "an instance that does not run" srcpin load --cgroup many@-
in_box systemctl start many@- many@x
run srcpin load --cgroup many@-
is "$? $(loaded)" "0 $INSTANCES in-force" "an instance" || diag "$err"
refused 1 "cannot use cgroup many@y.service: no process is in it, did you mean: many@-.service, many@x.service" \
	"another instance" srcpin load --cgroup many@y.service
refused 1 "cannot use many@.service: it is a template \(name an instance: many@-.service, many@x.service\)" "the template" srcpin load --cgroup many@.service
in_box systemctl stop many@-
is "$(in_box srcpin status --cgroup many@- --json | jq -r '.services[] | .cgroup.path + " " + .state')" "$INSTANCES stale" "an instance that is gone"
in_box srcpin unload --all

# a unit whose name could be that of a file in cgroupfs has another in its cgroup's path
unit memory.service "ExecStart=$SLEEPS"
config '[memory.service]' "source = $OWN"
in_box systemctl start memory
run srcpin load --cgroup memory
is "$? $(loaded)" "0 /system.slice/_memory.service in-force" "memory.service: its section is found" || diag "$err"
in_box systemctl stop memory
is "$(in_box srcpin status --cgroup memory --json | jq -r '.services[] | .name + " " + .state')" "memory.service stale" \
	"and what it has left behind, once it is gone"
in_box srcpin unload --all
config '[*]' "source = $OWN" 'ipv4 = leave'

# what is no service, or stands for one, or is nothing of systemd's
in_box systemctl start stands@- stands
refused 1 "cannot use cgroup stands.service: no process is in it, did you mean: stands@-.service" "an umbrella" srcpin load --cgroup stands.service
says 0 "system-many.slice: in force, source $OWN" "a slice" srcpin load --cgroup system-many.slice
in_box srcpin unload --all
refused 1 "cannot find unit nix.service \(systemctl list-unit-files shows what there is\)" "no such unit" srcpin load --cgroup nix
refused 1 "cannot use two words: it is not a unit's name" "no name of a unit" srcpin load --cgroup 'two words'
in_box ln -sf /dev/null /etc/systemd/system/victim.service
in_box systemctl daemon-reload
refused 1 "cannot use victim.service: it is masked" "a unit that is masked" srcpin load --cgroup victim
in_box mkdir /sys/fs/cgroup/byhand
refused 1 "cannot find unit byhand.service" "a cgroup that is no unit's, by its name" srcpin load --cgroup byhand
says 0 "byhand: in force, source $OWN" "a cgroup that is no unit's, by its path" srcpin load --cgroup /byhand
is "$(in_box srcpin status --cgroup byhand --json | jq -r '.services[].cgroup.path')" /byhand "which status finds by its name, once it is loaded"
run srcpin unload --cgroup byhand
is "$? $(loaded)" "0 " "and unload"
in_box rmdir /sys/fs/cgroup/byhand
done_testing
