#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# srcpin install where the pin would be on one cgroup and the processes in another: refused, with what to do instead. And what it
# warns of.

# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/look.sh
. "$SYSTEMD_HERE/look.sh" || exit 1

look_box
config '[*]' "source = $OWN"
none() {
	ok "$1: no drop-in" test ! -e "$BOX/$(path_of "$2")"
}
# refuses REGEX WHAT LINE...
refuses() {
	local regex=$1 what=$2
	shift 2
	unit refused.service "$@"
	refused 1 "cannot install for refused.service: $regex" "$what" srcpin install --unit refused
	none "$what" refused.service
}
# takes WHAT LINE...: without a warning
takes() {
	local what=$1
	shift
	unit taken.service "$@"
	run srcpin install --unit taken
	is "$? $err" "0 " "$what: installed, without a word"
	in_box srcpin uninstall --unit taken >/dev/null
}
# warns REGEX WHAT UNIT LINE...
warns() {
	local regex=$1 what=$2 name=$3
	shift 3
	unit "$name" "$@"
	run srcpin install --unit "$name"
	is "$? $(grep -c . <<<"$err")" "0 1" "$what: installed, with one warning"
	like "$err" "$regex" "$what: $err"
	in_box srcpin uninstall --unit "$name" >/dev/null
}

refuses 'podman run would move the container to a cgroup of its own \(add --cgroups=split' "podman run" 'ExecStart=/usr/bin/podman run --rm mail'
refuses 'podman run would move' "podman run --cgroups=no-conmon" 'ExecStart=/usr/bin/podman run --cgroups no-conmon mail'
takes "podman run --cgroups=disabled, pull" 'ExecStartPre=-/usr/bin/docker pull mail' 'ExecStart=/bin/true'
warns 'podman restart in a shell moves its container .*systemctl restart split.service' "podman run --cgroups=split" split.service \
	'ExecStart=/usr/bin/podman run --cgroups=split mail'
warns 'podman restart in a shell' "podman run --cgroups disabled" split.service 'ExecStart=/usr/bin/podman run --cgroups disabled mail'
refuses 'podman start has the container where it was created for, usually in a cgroup of its own \(use podman run --cgroups=split; or pin podman.s slice: srcpin install --unit machine.slice\)' \
	"podman start" Type=forking 'ExecStart=/usr/bin/podman start mail'
refuses 'podman start has' "podman pod start" Type=oneshot 'ExecStart=/usr/bin/podman pod start mail'
refuses 'podman play has' "podman kube play" Type=oneshot 'ExecStart=/usr/bin/podman kube play /etc/mail.yml'
refuses 'podman run would move' "podman run, of several --cgroups the last" 'ExecStart=/usr/bin/podman run --cgroups=split --cgroups=enabled mail'
refuses 'docker only asks its daemon, .* \(start it with --cgroup-parent=NAME.slice, and: srcpin install --unit NAME.slice\)' "docker run" \
	'ExecStart=/usr/bin/docker run --rm mail'
refuses 'docker only asks its daemon, .* \(srcpin install --unit mail.slice\)' "docker run --cgroup-parent" \
	'ExecStart=/usr/bin/docker run --cgroup-parent=mail.slice mail'
refuses 'docker only asks its daemon, .* \(srcpin load --cgroup /mail\)' "docker run --cgroup-parent, for the cgroupfs driver" \
	'ExecStart=/usr/bin/docker run --cgroup-parent=/mail mail'
refuses 'docker only asks' "docker start" 'ExecStart=/usr/bin/docker start -a mail'
refuses 'docker only asks' "docker compose up" 'ExecStart=/usr/bin/docker compose up'
refuses 'docker only asks' "the second command" Type=oneshot ExecStart=/bin/true 'ExecStart=/usr/bin/docker run mail'
refuses 'su in its ExecStart= would move it to the cgroup of a session \(set User= instead, or use runuser -u USER -- COMMAND\)' "su" \
	"ExecStart=/bin/su joe -c 'sleep 1'"
refuses 'runuser in its ExecStart=' "runuser -l" "ExecStart=/sbin/runuser -l joe -c 'sleep 1'"
takes "runuser -u" 'ExecStart=/sbin/runuser -u joe -- sleep 1'
takes "what only has such a name among its words" 'ExecStart=/bin/echo su docker run'

printf '%s\n' '@include common-session # comment' >"$BOX/etc/pam.d/direct"
printf '%s\n' 'session required pam_unix.so' '-session [default=1 success=ok] /lib/security/pam_systemd.so' >"$BOX/etc/pam.d/common-session"
printf '%s\n' 'auth include direct' 'session required pam_unix.so' '# session optional pam_systemd.so' 'session optional pam_systemd_home.so' >"$BOX/etc/pam.d/without"
printf '%s\n' 'session substack direct' >"$BOX/etc/pam.d/substack"
printf '%s\n' 'session include circle' >"$BOX/etc/pam.d/circle"
printf '%s\n' 'session optional pam_systemd.so' >"$BOX/etc/pam.d/systemd-user"
for name in direct substack; do
	refuses "with PAMName=$name, which reaches pam_systemd, it would be moved to the cgroup of a session \(leave PAMName= out" "PAMName=$name" PAMName=$name ExecStart=/bin/true
done
for name in without circle systemd-user nothing; do takes "PAMName=$name" PAMName=$name ExecStart=/bin/true; done

warns 'alone.service has a network of its own \(PrivateNetwork=yes\): the source has to be an address in there' "PrivateNetwork=" alone.service PrivateNetwork=yes ExecStart=/bin/true
warns 'NetworkNamespacePath=/run/netns/mail' "NetworkNamespacePath=" alone.service NetworkNamespacePath=/run/netns/mail ExecStart=/bin/true
printf '%s\n' '[Socket]' ListenDatagram=127.0.0.1:999 >"$BOX/etc/systemd/system/listens.socket"
unit listens.service ExecStart=/bin/true
in_box systemctl start listens.socket
warns 'listens.service gets sockets from listens.socket: systemd has made them' "a socket unit" listens.service ExecStart=/bin/true
warns 'openvpn-client@a.service makes a tunnel: the packets that the kernel sends for it .*not pinned \(give OpenVPN the option local SOURCE, or put src' "OpenVPN" openvpn-client@a.service ExecStart=/bin/true
warns 'wg-quick@wg0.service makes a tunnel: .*not pinned \(put src SOURCE on the route' "WireGuard" wg-quick@wg0.service ExecStart=/bin/true
if [[ -n $(in_box systemctl show -p BindNetworkInterface dbus.service) ]]; then
	warns 'bound.service has BindNetworkInterface=eth0' "BindNetworkInterface=" bound.service BindNetworkInterface=eth0 ExecStart=/bin/true
else
	takes "BindNetworkInterface= where systemd has none, and ignores it" BindNetworkInterface=eth0 ExecStart=/bin/true
fi
done_testing
