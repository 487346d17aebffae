#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Units of all kinds, each pinned by srcpin install: hardened, delegated, restarting, reloading, leaving processes behind.

# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/look.sh
. "$SYSTEMD_HERE/look.sh" || exit 1

OTHER=2001:db8:2::26
ANSWERS="trap \"look %p-main $RECEIVER\" USR1; look %p-main $RECEIVER; while :; do sleep 0.1; done"

# looks_now NAME: what a new socket of a service gets that runs $ANSWERS
looks_now() {
	in_box systemctl kill --signal USR1 --kill-who main "$1"
	wait_until "$1 looks" test -s "$BOX/root/seen/${1%.service}-main"
	looked "${1%.service}-main"
}

look_box
on_vps ip addr add "$OTHER/64" dev eth0 preferred_lft 0
wait_until "$OTHER is usable" address_usable "$OTHER"

installed hardened.service "ExecStart=$MAIN" \
	ProtectSystem=strict ReadWritePaths=/root/seen ProtectKernelTunables=yes ProtectKernelModules=yes ProtectControlGroups=yes \
	PrivateDevices=yes PrivateTmp=yes NoNewPrivileges=yes 'SystemCallFilter=@system-service' 'SystemCallFilter=~bpf @privileged' \
	'SystemCallErrorNumber=EPERM' CapabilityBoundingSet= 'RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK' RestrictNamespaces=yes \
	MemoryDenyWriteExecute=yes LockPersonality=yes ProtectProc=invisible LimitMEMLOCK=0
ok "hardened.service: reload" in_box systemctl reload hardened
is "$(state_of hardened.service)" in-force "hardened.service: status: in force"
uninstalled hardened.service

installed delegate.service Delegate=yes "ExecStart=$MAIN"
is "$(in_box srcpin status --json | jq -r '.services[].cgroup.path')" /system.slice/delegate.service "delegate.service: the unit's own cgroup is pinned"
ok "delegate.service: reload" in_box systemctl reload delegate
uninstalled delegate.service

installed oneshot.service Type=oneshot "ExecStart=$LOOK-main $RECEIVER"
wait_until "oneshot.service has ended" active_is oneshot.service inactive
uninstalled oneshot.service

# as it is, a load that fails would be a success
installed success.service 'SuccessExitStatus=1 2' "ExecStart=$MAIN"
config '[success.service]' "source = $OWN" 'sauce = x'
run systemctl restart success
is "$? $(looked success-main)" "1 nothing" "success.service: with 1 and 2 in SuccessExitStatus= a load that fails fails the start"
uninstalled success.service

installed impatient.service TimeoutStartSec=10 "ExecStart=$MAIN"
like "$(<"$BOX/$(path_of impatient.service)")" " --wait 5 " "impatient.service: waits no longer than it may take to start"
uninstalled impatient.service

# what outlives the service stays pinned, through a stop and a start
installed survivor.service KillMode=process \
	"ExecStart=/bin/bash -c '(trap \"look %p-child $RECEIVER\" USR1; while :; do sleep 0.1; done) & echo \$! >/root/seen/child; look %p-main $RECEIVER; exec sleep infinity'"
child=$(<"$BOX/root/seen/child")
in_box systemctl stop survivor
like "$(unit_status survivor "still in force")" "survivor.service: still in force, as [12] process(es)? of it (is|are) left" "survivor.service: stopped, and says that a process is left"
in_box kill -USR1 "$child"
wait_until "the child looks" test -s "$BOX/root/seen/survivor-child"
is "$(looked survivor-child)" "[$OWN]" "survivor.service: what is left is pinned"
in_box systemctl start survivor
wait_until "survivor.service looks" test -s "$BOX/root/seen/survivor-main"
in_box kill -USR1 "$child"
wait_until "the child looks" test -s "$BOX/root/seen/survivor-child"
is "$(looked survivor-main) $(looked survivor-child)" "[$OWN] [$OWN]" "survivor.service: started again, and all are pinned"
in_box kill -KILL "$child" "$(<"$BOX/root/seen/child")" # of either start
only_main_is_left() {
	[[ $(in_box cat /sys/fs/cgroup/system.slice/survivor.service/cgroup.procs | wc -l) == 1 ]]
}
wait_until "only the main process is left" only_main_is_left
uninstalled survivor.service

# What newer systemds know, too: they leave out, with a warning, what they do not
installed walled.service "ExecStart=$MAIN" User=nobody PrivateUsers=yes PrivateMounts=yes PrivateIPC=yes PrivatePIDs=yes PrivateBPF=yes \
	ProcSubset=pid ProtectProc=invisible ProtectClock=yes ProtectKernelLogs=yes ProtectControlGroups=strict \
	'InaccessiblePaths=/usr/sbin /sys/fs/bpf /sys/fs/cgroup' NoExecPaths=/usr/sbin TemporaryFileSystem=/etc:ro 'BindReadOnlyPaths=/etc/srcpin.conf /etc/alternatives' RestrictSUIDSGID=yes \
	SocketBindDeny=any 'RestrictNetworkInterfaces=lo eth0' LimitNOFILE=64 LimitNPROC=64 TasksMax=16 \
	SecureBits=noroot-locked KeyringMode=private UMask=0777
ok "walled.service: reload" in_box systemctl reload walled
is "$(state_of walled.service)" in-force "walled.service: status: in force"
uninstalled walled.service

# systemd 247 lets no program beside its own there, unless with Delegate=
if [[ $SUITE == bullseye ]]; then
	unit firewalled.service "ExecStart=$MAIN" IPAddressDeny=192.0.2.0/24
	config '[firewalled.service]' "source = $OWN"
	in_box srcpin install --unit firewalled >/dev/null
	run systemctl start firewalled
	is "$? $(looked firewalled-main)" "1 nothing" "firewalled.service: the guard cannot be attached: does not start"
	like "$(unit_status firewalled "cannot attach guard")" "cannot attach guard to .* another program is attached there or above exclusively" \
		"firewalled.service: systemctl status says why"
	delegate=Delegate=yes
fi
installed firewalled.service "ExecStart=$MAIN" IPAddressDeny=192.0.2.0/24 IPAccounting=yes ${delegate+"$delegate"}
uninstalled firewalled.service

installed user.service DynamicUser=yes ReadWritePaths=/root/seen "ExecStart=$MAIN"
uninstalled user.service

# systemd signals such a service itself, and then runs ExecReload=
# shellcheck disable=SC2016 # for the shell in the unit
installed notifies.service Type=notify-reload NotifyAccess=all \
	"ExecStart=/bin/bash -c 'trap \"systemd-notify --reloading; touch /root/seen/hup; systemd-notify --ready\" HUP; systemd-notify --ready; $ANSWERS'"
config '[notifies.service]' "source = $OTHER"
ok "notifies.service: reload" in_box systemctl reload notifies
is "$(looks_now notifies.service)" "[$OTHER]" "notifies.service: has the new policy"
uninstalled notifies.service

# what systemd does to a service that runs takes nothing away
installed stays.service "ExecStart=/bin/bash -c '$ANSWERS'"
for does in daemon-reload daemon-reexec 'set-property --runtime stays.service IPAccounting=yes IPAddressDeny=192.0.2.0/24 TasksMax=50'; do
	read -ra words <<<"$does"
	in_box systemctl "${words[@]}"
	is "$? $(looks_now stays.service)" "0 [$OWN]" "stays.service: still pinned after systemctl ${words[0]}"
done
in_box systemctl daemon-reload
uninstalled stays.service

# a drop-in of one's own, by ExecStartPre=: what the unit has as such before is not pinned
rm -f "$BOX"/root/seen/*
unit byhand.service "ExecStart=$MAIN"
in_box mkdir /etc/systemd/system/byhand.service.d
printf '%s\n' '[Service]' 'ExecStartPre=+srcpin load --cgroup self' "ExecStartPre=$LOOK-pre $RECEIVER" 'ExecReload=+srcpin reload --cgroup self' \
	'ExecStopPost=-+srcpin unload --cgroup self' >"$BOX/etc/systemd/system/byhand.service.d/pin.conf"
in_box systemctl daemon-reload
config '[byhand.service]' "source = $OWN"
for i in start restart; do
	in_box systemctl "$i" byhand
	wait_until "byhand.service looks" test -s "$BOX/root/seen/byhand-main"
	is "$(looked byhand-pre) $(looked byhand-main)" "[$OWN] [$OWN]" "byhand.service: pinned, $i"
done
ok "byhand.service: reload" in_box systemctl reload byhand
config '[byhand.service]' "source = $OWN" 'sauce = x'
run systemctl restart byhand
is "$? $(looked byhand-pre) $(looked byhand-main)" "1 nothing nothing" "byhand.service: a config with an error: does not start"
like "$(unit_status byhand "unknown key")" "/etc/srcpin.conf:3:1: unknown key 'sauce'" "byhand.service: systemctl status says why"
is "$(in_box srcpin status)" "nothing is loaded" "byhand.service: stopped, and nothing is left in force"

# a reload that fails
installed reloads.service "ExecStart=/bin/bash -c '$ANSWERS'"
config '[reloads.service]' "source = $OTHER" 'sauce = x'
run systemctl reload reloads
is "$? $(in_box systemctl is-active reloads)" "1 active" "reloads.service: a config with an error: reload fails, the service runs on"
like "$(unit_status reloads "unknown key")" "/etc/srcpin.conf:3:1: unknown key 'sauce'" "reloads.service: systemctl status says why"
is "$(looks_now reloads.service)" "[$OWN]" "reloads.service: the old policy stays"
uninstalled reloads.service

# Restart=: each attempt loads anew
restarts_more() { # NAME THAN
	(($(in_box systemctl show -p NRestarts --value "$1") > $2))
}
installed again.service Restart=always RestartSec=100ms "ExecStart=/bin/bash -c '$ANSWERS'" '[Unit]' StartLimitIntervalSec=0
in_box systemctl kill --signal KILL again
wait_until "again.service looks" test -s "$BOX/root/seen/again-main"
is "$(looked again-main)" "[$OWN]" "again.service: started by Restart=, and pinned"
config '[again.service]' "source = $OWN" 'sauce = x'
in_box systemctl kill --signal KILL again
wait_until "again.service is restarted for the third time" restarts_more again 3
is "$(looked again-main)" nothing "again.service: a config with an error: does not start, and is tried again"
config '[again.service]' "source = $OWN"
wait_until "again.service looks" test -s "$BOX/root/seen/again-main"
is "$(looked again-main)" "[$OWN]" "again.service: repaired: the next attempt starts it, pinned"
config '[again.service]' 'source = 2001:db8:2::99' 'late = fail'
sed -i 's/--wait 30/--wait 0/' "$BOX/$(path_of again.service)"
in_box systemctl daemon-reload
in_box systemctl restart again 2>/dev/null
wait_until "again.service is restarted" restarts_more again 2
is "$(looked again-main)" nothing "again.service: late = fail: does not start, and is tried again"
on_vps ip addr add 2001:db8:2::99/64 dev eth0 preferred_lft 0
wait_until "again.service looks" test -s "$BOX/root/seen/again-main"
is "$(looked again-main)" "[2001:db8:2::99]" "again.service: the address comes: the next attempt starts it, pinned"
on_vps ip addr del 2001:db8:2::99/64 dev eth0
uninstalled again.service

# no process is left of it: systemd makes its cgroup anew for a reload
installed remains.service Type=oneshot RemainAfterExit=yes "ExecStart=$LOOK-main $RECEIVER"
wait_until "remains.service has ended" active_is remains.service active
for i in 1 2; do ok "remains.service: reload, $i" in_box systemctl reload remains; done
uninstalled remains.service

# systemd cannot run what is to pin it: it is skipped, not failed; 247 goes on trying
skipped='inactive no'
[[ $SUITE != bullseye ]] || skipped='activating yes'
unit nowhere.service WorkingDirectory=/srv/nowhere Restart=always RestartSec=100ms "ExecStart=$MAIN"
config '[nowhere.service]' "source = $OWN"
in_box srcpin install --unit nowhere >/dev/null
in_box systemctl start nowhere
is "$? $(in_box systemctl show -p ActiveState,ConditionResult --value nowhere | xargs) $(looked nowhere-main)" "0 $skipped nothing" \
	"nowhere.service: without its WorkingDirectory= the start is skipped, as the manual says"
uninstalled nowhere.service

# stopped while it waits
waits() {
	[[ $(unit_status "$1") == *"waiting up to "* ]]
}
unit waits.service "ExecStart=$MAIN"
config '[waits.service]' 'source = 2001:db8:2::99'
in_box srcpin install --unit waits >/dev/null
in_box systemctl start --no-block waits
wait_until "waits.service waits" waits waits
ok "waits.service: systemctl stop" in_box systemctl stop waits
is "$(looked waits-main)" nothing "waits.service: nothing of it has run"
uninstalled waits.service

# more than a second, less than two
unit hurries.service TimeoutStartSec=1500ms "ExecStart=$MAIN"
config '[hurries.service]' 'source = 2001:db8:2::99'
in_box srcpin install --unit hurries >/dev/null
ok "hurries.service: starts, though the address does not come" in_box systemctl start hurries
uninstalled hurries.service

# a name with what systemd escapes, which a shell and a pattern would take for something else
escaped='foo\x2dbar@a-b.service'
unit 'foo\x2dbar@.service' "ExecStart=/bin/bash -c 'look escaped-main $RECEIVER; exec sleep infinity'"
config '[foo\x2dbar@*.service]' "source = $OWN"
run srcpin install --unit "$escaped"
is "$? $(head -1 <<<"$out")" "0 $escaped: inactive, section [foo\\x2dbar@*.service] of /etc/srcpin.conf" "$escaped: installed"
ok "$escaped: starts" in_box systemctl start "$escaped"
wait_until "$escaped looks" test -s "$BOX/root/seen/escaped-main"
is "$(looked escaped-main)" "[$OWN]" "$escaped: pinned"
ok "$escaped: reload" in_box systemctl reload "$escaped"
is "$(state_of "$escaped")" in-force "$escaped: status: in force"
refused 1 "cannot use foo\\\\x2dbar@.service: it is a template \(name an instance: 'foo\\\\x2dbar@a-b.service'\)" "its template" \
	srcpin install --unit 'foo\x2dbar@.service'
uninstalled "$escaped"

# a second name of a unit
unit real.service "ExecStart=/bin/bash -c 'look real-main $RECEIVER; exec sleep infinity'"
ln -s real.service "$BOX/etc/systemd/system/alias.service"
in_box systemctl daemon-reload
config '[real.service]' "source = $OWN"
run srcpin install --unit alias
is "$? $(head -1 <<<"$out")" "0 real.service: inactive, section [real.service] of /etc/srcpin.conf" "alias.service: the unit's own name counts"
in_box systemctl start alias
wait_until "real.service looks" test -s "$BOX/root/seen/real-main"
is "$(looked real-main)" "[$OWN]" "alias.service: pinned"
uninstalled alias.service
ok "alias.service: uninstalled" test ! -e "$BOX/$(path_of real.service)"

# drop-ins of others, also in /run: of the same name, which ours wins over; and before and after ours
in_box mkdir -p /run/systemd/system/mixed.service.d
# shellcheck disable=SC2016 # for the shell in the box
in_box sh -c 'for n in 10 50-srcpin 90; do printf "[Service]\nEnvironment=N=$n\n" >/run/systemd/system/mixed.service.d/$n.conf; done'
installed mixed.service "ExecStart=$MAIN"
ok "mixed.service: those of others in /run are as they were" in_box grep -qx Environment=N=50-srcpin /run/systemd/system/mixed.service.d/50-srcpin.conf
uninstalled mixed.service

done_testing
