#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# srcpin install and uninstall: the drop-in is what was promised, and is written only where it will do what it is for.

# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/look.sh
. "$SYSTEMD_HERE/look.sh" || exit 1

look_box

# The text, and what it does: the unit's own ExecStartPre= is pinned, too
unit plain.service "ExecStartPre=$LOOK-pre $RECEIVER" "ExecStartPre=$LOOK-pre2 $RECEIVER" "ExecStart=$MAIN"
in_box systemctl start plain
wait_until "plain.service looks" test -s "$BOX/root/seen/plain-main"
is "$(looked plain-pre) $(looked plain-main)" "[$SHARED] [$SHARED]" "unpinned: it leaves from the shared address"
config '[plain.service]' "source = $OWN"
want="# Written by srcpin install --unit plain.service. To take it away: srcpin uninstall --unit plain.service
[Unit]
AssertFileIsExecutable=/usr/sbin/srcpin

[Service]
# before any ExecStartPre=; only with 255 it makes the start fail
ExecCondition=+/usr/sbin/srcpin load --cgroup self --wait 30 --exec-condition
ExecReload=+/usr/sbin/srcpin reload --cgroup self
ExecStopPost=-+/usr/sbin/srcpin unload --cgroup self --if-empty"
run srcpin install --unit plain.service -n
is "$? $err" "0 " "install -n exits with 0"
no_reload="plain.service has no reload of its own: systemctl reload-or-restart will reload srcpin's policy, and not restart it any more"
is "$out" "plain.service: active, section [plain.service] of /etc/srcpin.conf
$no_reload
$(path_of plain.service) would be written:

$want" "install -n shows what it found out, the path and the text"
ok "install -n writes nothing" test ! -e "$BOX/$(path_of plain.service)" -a ! -e "$BOX/etc/systemd/system/plain.service.d"
run sh -c 'umask 077 && exec srcpin install --unit plain'
is "$? $err" "0 " "install exits with 0"
is "$out" "plain.service: active, section [plain.service] of /etc/srcpin.conf
$no_reload
$(path_of plain.service): written
plain.service will be pinned from its next start on; to pin it now: systemctl restart plain.service" "install says what it did, and what is left to do"
is "$(<"$BOX/$(path_of plain.service)")" "$want" "the drop-in is there"
dir=$BOX/etc/systemd/system/plain.service.d
is "$(stat -c '%a %U' "$dir" "$BOX/$(path_of plain.service)" | paste -sd' ') $(ls -A "$dir")" "755 root 644 root 50-srcpin.conf" \
	"anybody may read it, and nothing else is there"
is "$(in_box systemctl show -p NeedDaemonReload --value plain)" no "systemd knows of it"
is "$(in_box srcpin status)" "nothing is loaded" "and nothing was restarted"
ok "systemctl restart" in_box systemctl restart plain
wait_until "plain.service looks" test -s "$BOX/root/seen/plain-main"
is "$(looked plain-pre) $(looked plain-pre2) $(looked plain-main)" "[$OWN] [$OWN] [$OWN]" "restarted: all of it is pinned, from the first ExecStartPre= on"
is "$(state_of plain.service)" in-force "status: in force"
before=$(in_box stat -c %Y.%i "$(path_of plain.service)")
run srcpin install --unit plain.service
is "$? $(tail -1 <<<"$out")" "0 $(path_of plain.service): is there already" "install again: it is there already"
is "$(in_box stat -c %Y.%i "$(path_of plain.service)")" "$before" "and is not written again"

# reload: the unit had none
like "$out" "$no_reload" "install again: that the unit has no reload of its own it says again"
main=$(in_box systemctl show -p MainPID --value plain)
ok "systemctl reload-or-restart" in_box systemctl reload-or-restart plain
is "$(in_box systemctl show -p MainPID --value plain)" "$main" "does not restart it, as install said"
unit reloads.service ExecStart=/bin/true ExecReload=/bin/true
unit signals.service Type=notify-reload ExecStart=/bin/true
for name in reloads signals; do
	[[ $name != signals || $(in_box systemctl show -p Type --value signals) == notify-reload ]] || continue # since 253
	config "[$name.service]" "source = $OWN"
	for how in first again; do
		run srcpin install --unit "$name"
		is "$? $(grep -c 'no reload' <<<"$out")" "0 0" "$name.service has one of its own, install, $how"
	done
	in_box srcpin uninstall --unit "$name" >/dev/null
done
config '[plain.service]' "source = $OWN" 'exempt = 2001:db8:9::/48'
ok "systemctl reload" in_box systemctl reload plain
is "$(state_of plain.service)" in-force "the new config is in force"
config '[plain.service]' "source = $OWN" 'sauce = x'
run systemctl reload plain
is "$? $(in_box systemctl is-active plain)" "1 active" "a config with an error: reload fails, the service runs on"
config '[plain.service]' "source = $OWN"

# a config with an error, on start
config '[plain.service]' "source = $OWN" 'sauce = x'
run systemctl restart plain
is "$? $(in_box systemctl is-active plain) $(in_box systemctl show -p Result --value plain)" "1 failed exit-code" "a config with an error: the unit fails to start"
is "$(looked plain-pre) $(looked plain-main)" "nothing nothing" "and nothing of it runs"
is "$(unit_status plain "unknown key" | sed -n 's/.*srcpin\[[0-9]*\]: //p')" "/etc/srcpin.conf:3:1: unknown key 'sauce'" "and systemctl status says why, and nothing else"
config '[plain.service]' "source = $OWN"
mv "$BOX/usr/sbin/srcpin" "$BOX/usr/sbin/srcpin.away"
run systemctl restart plain
is "$? $(looked plain-pre) $(looked plain-main)" "1 nothing nothing" "srcpin is not there any more: the unit fails to start"
like "$(unit_status plain "was not met")" "AssertFileIsExecutable=/usr/sbin/srcpin was not met" "and systemctl status says why"
mv "$BOX/usr/sbin/srcpin.away" "$BOX/usr/sbin/srcpin"

# uninstall
touch "$dir/50-srcpin.conf.part" # of an install that was killed
ok "it starts again" in_box systemctl restart plain
run srcpin uninstall --unit plain -n
is "$? $out" "0 $(path_of plain.service) would be removed" "uninstall -n says what it would do"
ok "and does not" test -e "$BOX/$(path_of plain.service)"
run srcpin uninstall --unit plain
is "$? $out" "0 $(path_of plain.service): removed
plain.service will not be pinned any more when it starts; what is in force ends with: srcpin unload --cgroup plain.service" "uninstall says what it did"
ok "the drop-in and its folder are gone" test ! -e "$BOX/etc/systemd/system/plain.service.d"
is "$(state_of plain.service)" in-force "what is in force stays"
refused 1 "cannot uninstall for plain.service: srcpin install did not write $(path_of plain.service)" "uninstall once more" srcpin uninstall --unit plain
rm -f "$BOX"/root/seen/*
in_box systemctl restart plain
wait_until "plain.service looks" test -s "$BOX/root/seen/plain-main"
is "$(looked plain-main)" "[$SHARED]" "restarted: not pinned any more"
is "$(status_says)" "4 stale" "status shows what was in force"
ok "unload, as uninstall said" in_box srcpin unload --cgroup plain.service
is "$(status_says)" "3 " "and shows it no more"
in_box systemctl stop plain

# instances of a template, by a glob
unit 'many@.service' "ExecStart=/bin/bash -c '/usr/bin/look many-%i $RECEIVER; exec sleep infinity'"
config '[many@*.service]' "source = $OWN"
run srcpin install --unit many@one
is "$? $(head -1 <<<"$out")" "0 many@one.service: inactive, section [many@*.service] of /etc/srcpin.conf" "an instance that does not run: installed by a glob"
is "$(tail -1 <<<"$out")" "many@one.service will be pinned when it starts" "and says so"
in_box systemctl start many@one many@two
wait_until "they look" test -s "$BOX/root/seen/many-one" -a -s "$BOX/root/seen/many-two"
is "$(looked many-one) $(looked many-two)" "[$OWN] [$SHARED]" "that instance is pinned, and no other"
refused 1 "cannot use many@.service: it is a template \(name an instance: many@one.service, many@two.service\)" "a template" srcpin install --unit many@.service
in_box systemctl stop many@two
uninstalled many@one.service

# one that stands for others, as Debian 12's postfix.service
printf '%s\n' '[Unit]' 'Wants=inst@a.service' '[Service]' Type=oneshot RemainAfterExit=yes ExecStart=/bin/true >"$BOX/etc/systemd/system/umbrella.service"
printf '%s\n' '[Unit]' 'PartOf=umbrella.service' '[Service]' "ExecStart=/bin/bash -c '/usr/bin/look inst-%i $RECEIVER; exec sleep infinity'" \
	>"$BOX/etc/systemd/system/inst@.service"
in_box systemctl daemon-reload
config '[umbrella.service]' "source = $OWN"
refused 1 "cannot install for umbrella.service, whose service is inst@a.service: .* no section for that \(add \[inst@a.service\]\)" \
	"an umbrella that the config names" srcpin install --unit umbrella
config '[inst@*.service]' "source = $OWN"
for state in inactive active; do
	[[ $state == inactive ]] || in_box systemctl start umbrella
	run srcpin install --unit umbrella
	is "$? $(head -2 <<<"$out")" "0 umbrella.service has no process of its own: its service is inst@a.service
inst@a.service: $state, section [inst@*.service] of /etc/srcpin.conf" "an umbrella, $state: install takes what it stands for, and says so"
	like "$err" "^srcpin: warning: nothing would pin umbrella.service, should an upgrade of the distribution move the processes of inst@a.service there" \
		"an umbrella, $state: without a section install says what may come"
	ok "an umbrella, $state: and pins that" test -e "$BOX/$(path_of inst@a.service)" -a ! -e "$BOX/$(path_of umbrella.service)"
	run srcpin uninstall --unit umbrella
	is "$? $(head -1 <<<"$out")" "0 umbrella.service has no process of its own: its service is inst@a.service" "an umbrella, $state: so does uninstall"
	ok "an umbrella, $state: and removes it" test ! -e "$BOX/$(path_of inst@a.service)"
done

# and its section matches both: whichever has the processes is pinned, and the other is not there for status
config '[*.service]' "source = $OWN"
run srcpin install --unit umbrella -n
is "$? $err" "0 " "an umbrella with a section: install -n warns of nothing"
is "$(grep '^[u/]' <<<"$out")" "umbrella.service has no process of its own: its service is inst@a.service
umbrella.service: section [*.service], so that it is pinned, too, should an upgrade of the distribution move the processes there
$(path_of inst@a.service) would be written:
$(path_of umbrella.service) would be written:" "an umbrella with a section: install -n shows both"
for name in umbrella inst@a; do
	run srcpin install --unit "$name"
	is "$? $err$(grep -c written <<<"$out")" "0 2" "install for $name writes both"
	run srcpin install --unit "$name"
	is "$? $err$(grep -c 'is there already' <<<"$out")" "0 2" "install for $name, again: they are there already"
	run srcpin uninstall --unit "$name" -n
	is "$? $(grep -c 'would be removed' <<<"$out")" "0 2" "uninstall -n for $name shows both"
	run srcpin uninstall --unit "$name"
	is "$? $(tail -3 <<<"$out")" "0 $(path_of inst@a.service): removed
$(path_of umbrella.service): removed
inst@a.service will not be pinned any more when it starts; what is in force ends with: srcpin unload --cgroup inst@a.service" \
		"uninstall for $name removes both"
	ok "uninstall for $name leaves neither" test ! -e "$BOX/etc/systemd/system/umbrella.service.d" -a ! -e "$BOX/etc/systemd/system/inst@a.service.d"
done
run srcpin install --unit umbrella
for how in restart reload restart reload-or-restart; do
	ok "an umbrella with a section: $how" in_box systemctl "$how" umbrella
	wait_until "inst@a.service is up" active_is inst@a active
	is "$(status_says) $(in_box systemctl is-active umbrella)" "0 in-force active" "and status knows of one service, which is in force"
done
is "$(looked inst-a)" "[$OWN]" "which is pinned"
config '[*.service]' "source = $OWN" 'sauce = x'
run systemctl reload umbrella
is "$? $(status_says)" "1 4 degraded" "a config with an error: its reload fails, and what is in force stays"
config '[*.service]' "source = $OWN"
in_box systemctl stop umbrella
wait_until "inst@a.service has stopped" active_is inst@a inactive
is "$(in_box srcpin status)" "nothing is loaded" "stopped: nothing is left in force"

# the upgrade of the distribution: the processes are in it now
unit umbrella.service "ExecStartPre=/usr/bin/look umbrella-pre $RECEIVER" \
	"ExecStart=/bin/bash -c '/usr/bin/look umbrella-main $RECEIVER; exec sleep infinity'" ExecReload=/bin/true
for how in start restart; do
	ok "the processes move into the umbrella: $how" in_box systemctl "$how" umbrella
	wait_until "umbrella.service looks" test -s "$BOX/root/seen/umbrella-main"
	is "$(looked umbrella-pre) $(looked umbrella-main)" "[$OWN] [$OWN]" "the first of its processes is pinned, and so are the others"
	is "$(status_says)" "0 in-force" "status: in force"
done
config '[*.service]' "source = $OWN" 'exempt = 2001:db8:9::/48'
ok "systemctl reload" in_box systemctl reload umbrella
is "$(status_says)" "0 in-force" "has the new config in force"
config '[*.service]' "source = $OWN" 'sauce = x'
run systemctl reload umbrella
is "$?" 1 "a config with an error: reload fails"
run systemctl restart umbrella
is "$? $(looked umbrella-pre) $(looked umbrella-main)" "1 nothing nothing" "and so does a start, and nothing of it runs"
config '[*.service]' "source = $OWN"
run srcpin install --unit umbrella
is "$? $err$(grep -c written <<<"$out")" "0 1" "install again: its drop-in is that of any service"
is "$(grep -c '^Exec' "$BOX/$(path_of umbrella.service)") $(grep '^ExecReload' "$BOX/$(path_of umbrella.service)")" \
	"3 ExecReload=+/usr/sbin/srcpin reload --cgroup self" "and reloads as that does"
for name in umbrella inst@a; do
	run srcpin uninstall --unit "$name"
	is "$? $(head -1 <<<"$out")" "0 $(path_of "$name.service"): removed" "uninstall for $name removes what is left"
done
printf '%s\n' '[Unit]' 'Wants=inst@a.service inst@b.service' '[Service]' Type=oneshot RemainAfterExit=yes ExecStart=/bin/true \
	>"$BOX/etc/systemd/system/umbrella.service"
in_box systemctl daemon-reload
refused 1 "cannot choose for umbrella.service, which has no process of its own: name one of inst@[ab].service, inst@[ab].service" \
	"an umbrella of two" srcpin install --unit umbrella
in_box systemctl start umbrella
for name in inst@a inst@b; do
	run srcpin install --unit "$name"
	ok "install for $name, one of two" test -e "$BOX/$(path_of "$name.service")" -a -e "$BOX/$(path_of umbrella.service)"
done
for name in inst@a inst@b; do
	run srcpin uninstall --unit "$name"
	ok "uninstall for $name leaves what the other wants" test ! -e "$BOX/$(path_of "$name.service")" -a -e "$BOX/$(path_of umbrella.service)"
done
run srcpin uninstall --unit umbrella
is "$? $(head -1 <<<"$out")" "0 $(path_of umbrella.service): removed" "uninstall for the umbrella removes its own"
in_box systemctl stop umbrella

# what cannot work is not written
config '[*]' "source = $OWN"
refused 1 "cannot find unit pla.service, did you mean: plain.service" "no such unit" srcpin install --unit pla
refused 1 "cannot find unit no-such.service \(systemctl list-unit-files" "no such unit, and none like it" srcpin install --unit no-such
refused 1 "cannot use dbus.socket: it is not a service" "not a service" srcpin install --unit dbus.socket
refused 1 "cannot use radvd.service: it is masked.*systemctl unmask radvd.service" "masked" srcpin install --unit radvd
for name in '*' 'plain*' ../plain.service -- -h ''; do
	refused 1 "cannot use .*: it is not a unit's name|install needs --unit" "not a name: '$name'" srcpin install "--unit=$name"
done
unit broken.service 'Type=nonsense'
refused 1 "cannot use broken.service: systemd could not load it \(systemctl status broken.service\)" "a broken unit" srcpin install --unit broken
unit chroot.service RootDirectory=/srv ExecStart=/bin/true
refused 1 "cannot install for chroot.service: srcpin could not be run below its RootDirectory= or RootImage=, /srv" "RootDirectory=" srcpin install --unit chroot
unit image.service RootImage=/srv/image ExecStart=/bin/true
refused 1 "cannot install for image.service: srcpin could not be run below its RootDirectory= or RootImage=, /srv/image" "RootImage=" srcpin install --unit image
unit status.service 'SuccessExitStatus=7 255' ExecStart=/bin/true
refused 1 "cannot install for status.service: with 7 255 in SuccessExitStatus= it would start unpinned" "SuccessExitStatus=255" srcpin install --unit status
unit status.service 'SuccessExitStatus=143 SIGKILL' ExecStart=/bin/true
refused 1 "cannot install for status.service: with 143 KILL in SuccessExitStatus= it would start unpinned" "SuccessExitStatus=SIGKILL" srcpin install --unit status
config '[other.service]' "source = $OWN"
refused 1 "cannot install for plain.service: /etc/srcpin.conf has no section for it \(add \[plain.service\]\)" "no section" srcpin install --unit plain
config '[plain.service]' "source = $OWN" 'sauce = x'
run srcpin install --unit plain
is "$? $err" "1 /etc/srcpin.conf:3:1: unknown key 'sauce'" "a config with an error"
config '[plain.service]' "source = $OWN"
cp "$BOX/usr/sbin/srcpin" "$BOX/root/src pin"
refused 1 "cannot name /root/src pin in a unit: install srcpin under a plain path" "an odd path" "/root/src pin" install --unit plain
mkdir -m 755 "$BOX/srv/joe" "$BOX/srv/all"
chmod 777 "$BOX/srv/all"
cp "$BOX/usr/sbin/srcpin" "$BOX/srv/joe/srcpin"
cp "$BOX/usr/sbin/srcpin" "$BOX/srv/all/srcpin"
cp "$BOX/usr/sbin/srcpin" "$BOX/root/joes"
chown 1000 "$BOX/srv/joe" "$BOX/root/joes"
refused 2 "refusing /srv/joe/srcpin: the folder /srv/joe belongs to uid 1000, who can exchange what is in it" "a program in a user's folder" \
	/srv/joe/srcpin install --unit plain
refused 2 "refusing /srv/all/srcpin: others than root may write the folder /srv/all" "a program in everybody's folder" /srv/all/srcpin install --unit plain -n
refused 2 "refusing /root/joes: it belongs to uid 1000" "a user's program" /root/joes install --unit plain
refused 1 "install needs --unit NAME" "no --unit" srcpin install
refused 255 "--wait needs a number of seconds from 0 to 86400, not '30s'" "--exec-condition, and a wrong option" \
	srcpin load --cgroup self --wait 30s --exec-condition
refused 1 "uninstall needs --unit NAME" "no --unit" srcpin uninstall
ok "none of it has written anything" test -z "$(find "$BOX/etc/systemd" -name '*srcpin*')"

# a file that somebody else wrote is left alone
mkdir -p "$BOX/etc/systemd/system/plain.service.d"
theirs=$BOX/$(path_of plain.service)
for how in file link folder; do
	case $how in
	file) printf '# mine\n[Service]\nNice=5\n' >"$theirs" ;;
	link) ln -s /etc/hostname "$theirs" ;;
	folder) mkdir "$theirs" ;;
	esac
	what=$(stat -c '%F %Y %i' "$theirs")
	refused 2 "refusing $(path_of plain.service): srcpin did not write it" "another's $how" srcpin install --unit plain
	refused 2 "refusing $(path_of plain.service): srcpin did not write it" "another's $how, -n" srcpin install --unit plain -n
	refused 2 "refusing $(path_of plain.service): srcpin did not write it" "another's $how, uninstall" srcpin uninstall --unit plain
	is "$(stat -c '%F %Y %i' "$theirs")" "$what" "another's $how: it is as it was"
	rm -rf "$theirs"
done

# so is the folder, if anybody else can put another in its place, or write in it
rmdir "$BOX/etc/systemd/system/plain.service.d"
for how in link users everybodys; do
	folder=$BOX/etc/systemd/system/plain.service.d
	mkdir -p "$BOX/srv/folder"
	case $how in
	link) ln -s /srv/folder "$folder" && why="it is a symbolic link" ;;
	users) mkdir "$folder" && chown 1000 "$folder" && why="it belongs to uid 1000" ;;
	everybodys) mkdir "$folder" && chmod 777 "$folder" && why="others than its owner may write it, mode 0777" ;;
	esac
	for command in install 'install -n' uninstall; do
		read -ra words <<<"$command"
		refused 2 "refusing /etc/systemd/system/plain.service.d: $why" "the folder is $how: $command" srcpin "${words[@]}" --unit plain
	done
	is "$(find "$folder/" "$BOX/srv/folder/" -mindepth 1)" "" "the folder is $how: nothing is written"
	rm -r "$folder"
done
mkdir "$BOX/etc/systemd/system/plain.service.d"

# lines of others around ours
printf '[Service]\nExecCondition=/bin/true\n' >"$BOX/etc/systemd/system/plain.service.d/40-a.conf"
printf '[Service]\nExecStopPost=/bin/true\n' >"$BOX/etc/systemd/system/plain.service.d/60-b.conf"
run srcpin install --unit plain
is "$? $(grep -c . <<<"$err")" "0 2" "lines of others around ours: installed, with two warnings"
like "$err" "warning: plain.service has another ExecCondition= before srcpin's, which will run unpinned" "one of what runs before"
like "$err" "warning: plain.service has another ExecStopPost= after srcpin's, which will run unpinned" "one of what runs after"
printf '[Service]\nExecCondition=\n' >"$BOX/etc/systemd/system/plain.service.d/60-b.conf"
refused 2 "$(path_of plain.service) is written, and something else takes back its ExecCondition=: plain.service will start unpinned" \
	"a later drop-in that takes ours back" srcpin install --unit plain
rm "$BOX/etc/systemd/system/plain.service.d/"[46]0*

# of an older srcpin, or in another place: written anew; cut off half-way, or taken for a moment: no half of a file
sed -i 's/--wait 30/--wait 3/' "$theirs"
run srcpin install --unit plain -n
like "$out" "would be written anew" "ours, of another text: -n says that it would be written anew"
touch "$BOX/etc/systemd/system/plain.service.d/50-srcpin.conf.part"
run srcpin install --unit plain
is "$? $(ls -A "$BOX/etc/systemd/system/plain.service.d")" "0 50-srcpin.conf" "and it is, whatever a killed one has left"
like "$(<"$theirs")" "--wait 30" "with the text of today"
chmod 666 "$theirs"
run srcpin install --unit plain
is "$? $(stat -c '%a %u' "$theirs")" "0 644 0" "so is one that others may write"

# no room: all or nothing
# shellcheck disable=SC2016 # the inner shell's own
run unshare --mount -- bash -c 'cd "$1" && mount -t tmpfs -o size=4k,mode=755 tmpfs . && cd "$1" && head -c 4096 /dev/zero >full || exit 99
	srcpin install --unit plain
	echo "$? $(ls -A)" >&2' bash "$(dirname "$(path_of plain.service)")"
is "$err" "srcpin: cannot write $(path_of plain.service): No space left on device
2 full" "no room: says so, and leaves no half of a file"
# shellcheck disable=SC2016 # likewise
refused 2 "cannot make /etc/systemd/system/dbus.service.d: Read-only file system" "a read-only /etc" \
	unshare --mount -- bash -c 'mount --bind /etc /etc && mount -o remount,bind,ro /etc && printf "[*]\nsource = 2001:db8::1\n" >/run/srcpin.conf &&
		mount --bind /run/srcpin.conf /etc/srcpin.conf && exec srcpin install --unit dbus'

# the unit is gone: the drop-in is found all the same
rm "$BOX/etc/systemd/system/plain.service"
in_box systemctl daemon-reload
run srcpin uninstall --unit plain
is "$? $(test -e "$theirs"; echo $?)" "0 1" "uninstall, though the unit is gone" || diag "$err"

# not a host of systemd's
run unshare --mount -- bash -c 'mount -t tmpfs none /run/systemd && exec srcpin install --unit dbus'
is "$? $err" "2 srcpin: cannot ask systemd: it does not run this host" "without systemd: says so"
is "$(in_box srcpin status)" "nothing is loaded" "in the end nothing is in force"
done_testing
