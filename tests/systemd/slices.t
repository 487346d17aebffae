#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A slice, pinned by srcpin install: all that runs in it, whoever starts that, from its first packet on, also after the slice has
# been stopped.

# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/look.sh
. "$SYSTEMD_HERE/look.sh" || exit 1

look_box
BY=/etc/systemd/system/srcpin-mail.slice.service

# seen NAME OPTION...: what a transient unit with these options sees, that does nothing else
seen() {
	seen_in_scope "$@" --wait
}
# the same of a scope, which systemd-run itself becomes
seen_in_scope() {
	local name=$1
	shift
	rm -f "$BOX/root/seen/$name"
	in_box systemd-run --quiet --collect "$@" /usr/bin/look "$name" "$RECEIVER" 2>/dev/null
	looked "$name"
}
slice_is() {
	[[ $(in_box systemctl is-active "$1") == "$2" ]]
}
# stopped NAME: systemctl waits for the slice, not for what ends after it. Until then systemd refuses a start.
has_ended() {
	[[ $(in_box systemctl is-active "srcpin-$1.service") =~ ^(inactive|failed)$ ]]
}
stopped() {
	in_box systemctl stop "$1"
	wait_until "$1 is stopped" has_ended "$1"
}

config '[mail.slice]' "source = $OWN"
run srcpin install --unit mail.slice -n
is "$? $err $(grep -c 'would be written' <<<"$out")" "0  2" "install -n shows two files"
ok "and writes none" test ! -e "$BOX$BY" -a ! -e "$BOX/etc/systemd/system/mail.slice.d"
run srcpin install --unit mail.slice
is "$? $err" "0 " "install --unit mail.slice"
is "$out" "mail.slice: inactive, section [mail.slice] of /etc/srcpin.conf
$BY: written
$(path_of mail.slice): written
mail.slice will be pinned before anything starts in it" "it says what it did"
is "$(status_says)" "3 " "nothing is loaded so far"
ok "systemd finds no fault in it" in_box systemd-analyze verify "$BY"

# from the first packet on, and whoever starts it
is "$(seen first --slice=mail.slice)" "[$OWN]" "the first unit in it is pinned, from its first packet on"
is "$(status_says)" "0 in-force" "nothing runs in it: in force"
like "$(in_box srcpin doctor)" "cgroup +/mail.slice, a slice that nothing runs in at present" "doctor, too"
like "$(in_box srcpin status --cgroup mail.slice)" "^mail.slice: in force" "status --cgroup mail.slice"
is "$(seen_in_scope scope --scope --slice=mail.slice)" "[$OWN]" "a scope in it"
is "$(seen nested --slice=mail-out.slice)" "[$OWN]" "a unit in a slice in it"
is "$(seen outside --slice=other.slice)" "[$SHARED]" "not what is in another slice"
unit svc.service Slice=mail.slice "ExecStart=$MAIN"
for how in start restart; do
	in_box systemctl "$how" svc
	wait_until "svc.service looks" test -s "$BOX/root/seen/svc-main"
	is "$(looked svc-main)" "[$OWN]" "a service in it, $how"
done
# a container as engines with the systemd driver start one: a scope of a process that another has started
in_box sh -c 'mkdir -p /sys/fs/cgroup/mail.slice/docker-1.scope; echo $$ >/sys/fs/cgroup/mail.slice/docker-1.scope/cgroup.procs; look docker '"$RECEIVER"
is "$(looked docker)" "[$OWN]" "what an engine puts into it"
in_box rmdir /sys/fs/cgroup/mail.slice/docker-1.scope

# the slice stops and starts: another cgroup, pinned again
for i in 1 2 3; do
	stopped mail.slice
	is "$(status_says)" "3 " "the slice is stopped, $i: nothing stays behind"
	is "$(seen again --slice=mail.slice)" "[$OWN]" "and what starts in it next is pinned, $i"
done
for does in daemon-reload daemon-reexec; do
	in_box systemctl "$does"
	is "$(seen after --slice=mail.slice) $(status_says)" "[$OWN] 0 in-force" "after $does"
done

# reload: another source; then an error
on_vps ip addr add 2001:db8:2::26/64 dev eth0 preferred_lft 0
wait_until "the other address is usable" address_usable 2001:db8:2::26
config '[mail.slice]' 'source = 2001:db8:2::26'
ok "systemctl reload srcpin-mail.slice" in_box systemctl reload srcpin-mail.slice.service
is "$(seen other --slice=mail.slice)" "[2001:db8:2::26]" "has the new policy"
config '[mail.slice]' 'sauce = x'
stopped mail.slice
is "$(seen error --slice=mail.slice)" nothing "a config with an error: nothing starts in the slice"
like "$(unit_status srcpin-mail.slice.service "unknown key")" "unknown key 'sauce'" "and systemctl status says why"
config '[mail.slice]' "source = $OWN"
is "$(seen mended --slice=mail.slice)" "[$OWN]" "mended: it starts, pinned"
mv "$BOX/usr/sbin/srcpin" "$BOX/usr/sbin/srcpin.away"
stopped mail.slice
is "$(seen away --slice=mail.slice)" nothing "srcpin is not there any more: nothing starts in the slice"
mv "$BOX/usr/sbin/srcpin.away" "$BOX/usr/sbin/srcpin"

# a storm of starts and stops of the slice: nothing leaks
# shellcheck disable=SC2016 # for that shell
in_box bash -c 'for i in {1..20}; do systemd-run --quiet --collect --slice=mail.slice /usr/bin/look "storm-$i" '"$RECEIVER"'; systemctl stop mail.slice; done' >/dev/null 2>&1
said=$(cat "$BOX"/root/seen/storm-* 2>/dev/null | sort -u | paste -sd' ')
like "$said" "^(\[$OWN\])?( ?refused)?$" "a storm of starts and stops: pinned or not started ($said)"
rm -f "$BOX"/root/seen/storm-*
in_box systemctl reset-failed

# uninstall: the slice and what runs in it go on
in_box systemctl start svc
wait_until "svc.service looks" test -s "$BOX/root/seen/svc-main"
is "$(looked svc-main)" "[$OWN]" "a service in it"
main=$(in_box systemctl show -p MainPID --value svc)
run srcpin uninstall --unit mail.slice -n
is "$? $(grep -c 'would be removed' <<<"$out")" "0 2" "uninstall -n"
run srcpin uninstall --unit mail.slice
is "$? $err" "0 " "uninstall --unit mail.slice"
ok "the files are gone" test ! -e "$BOX$BY" -a ! -e "$BOX/etc/systemd/system/mail.slice.d"
is "$(in_box systemctl show -p MainPID --value svc) $(state_of mail.slice)" "$main in-force" "the service in it runs on, and is pinned"
refused 1 "cannot uninstall for mail.slice: srcpin install did not write $(path_of mail.slice)" "uninstall once more" srcpin uninstall --unit mail.slice
ok "unload" in_box srcpin unload --cgroup mail.slice
is "$(seen unpinned --slice=mail.slice)" "[$SHARED]" "and is not pinned any more"

# the trap: the slice is active when it is installed
run srcpin install --unit mail.slice
is "$? $err $(tail -1 <<<"$out")" "0  mail.slice is pinned, with all that runs in it; connections that are older stay as they are" \
	"install where the slice is active: pins it at once"
is "$(in_box systemctl show -p MainPID --value svc) $(state_of mail.slice)" "$main in-force" "the service in it runs on, pinned"
is "$(seen active --slice=mail.slice)" "[$OWN]" "and so is what starts next"
in_box srcpin unload --cgroup mail.slice >/dev/null
run srcpin install --unit mail.slice
is "$? $(state_of mail.slice) $(seen active --slice=mail.slice)" "0 in-force [$OWN]" "install again, after an unload by hand: pins it again"
in_box systemctl stop svc
in_box systemctl stop mail.slice
in_box srcpin uninstall --unit mail.slice >/dev/null

# a slice in a slice, and one with what systemd escapes
config '[mail-out.slice]' "source = $OWN" '[foo\x2dbar.slice]' "source = $OWN"
for name in mail-out.slice 'foo\x2dbar.slice'; do
	run srcpin install --unit "$name"
	is "$? $err $(seen nested --slice="$name")" "0  [$OWN]" "$name: pinned"
	stopped "$name"
	is "$(seen nested --slice="$name") $(status_says)" "[$OWN] 0 in-force" "$name: pinned again"
	stopped "$name"
	in_box srcpin uninstall --unit "$name" >/dev/null
done
is "$(seen outer --slice=mail.slice)" "[$SHARED]" "the slice around it is not pinned"

# what cannot be
config '[*]' "source = $OWN"
refused 1 'cannot install for -.slice: every process of the host is in it' "the root slice" srcpin install --unit=-.slice
refused 1 'cannot install for system.slice: the unit that would pin it is in it' "the loader's slice" srcpin install --unit system.slice
config '[svc.service]' "source = $OWN"
refused 1 'cannot install for mail.slice: /etc/srcpin.conf has no section for it \(add \[mail.slice\]\)' "no section" srcpin install --unit mail.slice
refused 1 'cannot find a cgroup named none.slice: nothing has run in the slice so far \(srcpin install --unit none.slice' "load of a slice without a cgroup" \
	srcpin load --cgroup none.slice

# a pod of Kubernetes, by its path: there is no unit of ours
config '[kubepods-*.slice]' "source = $OWN"
pod=/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1234.slice
in_box mkdir -p "/sys/fs/cgroup$pod/cri-containerd-1.scope"
ok "load --cgroup $pod" in_box srcpin load --cgroup "$pod"
in_box sh -c "echo \$\$ >/sys/fs/cgroup$pod/cri-containerd-1.scope/cgroup.procs; look pod $RECEIVER"
is "$(looked pod) $(status_says)" "[$OWN] 0 in-force" "a pod: pinned"

done_testing
