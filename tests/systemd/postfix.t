#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Postfix, pinned with its unit: installed as a user would, started, restarted, killed, reloaded, refused, stopped.
# RESTARTS=100: as many, instead of ten.

export ROOT_PACKAGE=postfix
# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/postfix.sh
. "$SYSTEMD_HERE/postfix.sh" || exit 1

postfix_box
service_pinned postfix.service

# Each time one mail is in the queue already, which Postfix sends as it starts, and one comes as soon as it runs. What has not
# connected within a second, on a busy host, is pinned as well, but does not count.
restarts=${RESTARTS:-10} quick=0 slowest=0
for ((i = 1; quick < restarts && i <= 2 * restarts; i++)); do
	mail "before-$i-"
	in_box systemctl restart postfix || break
	up=$(now)
	mail "restart-$i-"
	from "restart-$i-" >>"$WORLD_DIR/restarts"
	took=$(($(began "restart-$i-") - up))
	((took >= 1000000)) || {
		quick=$((quick + 1))
		slowest=$((took > slowest ? took : slowest))
	}
done
for ((j = 1; j < i; j++)); do from "before-$j-"; done >>"$WORLD_DIR/restarts"
is "$quick" "$restarts" "$restarts restarts, and a mail that leaves in the first second after each; the last of them after $((slowest / 1000)) ms"
is "$(sort "$WORLD_DIR/restarts" | uniq -c | xargs)" "$((2 * (i - 1))) own" "all leave pinned, and those that were in the queue at each"
is "$(wire_sources)" own "and nothing else left: the wire"

# Restart=: the master is killed, systemd starts another
killed() {
	local old
	old=$(in_box cat /var/spool/postfix/pid/master.pid)
	in_box kill -KILL "${old// /}"
	wait_until "systemd has started another master" another_master "$old"
}

another_master() {
	local now
	now=$(in_box cat /var/spool/postfix/pid/master.pid)
	[[ $now != "$1" ]] && in_box systemctl is-active --quiet "$SERVICE"
}

dropin "$SERVICE" $'Restart=always\nRestartSec=0'
wire_mark
killed
mail killed
is "$(from killed)" own "kill -9 the master, Restart=: mail leaves pinned"
is "$(status_says)" "0 in-force" "srcpin status: in force"

cgroup_id() {
	in_box stat -c %i "/sys/fs/cgroup$(in_box systemctl show --property ControlGroup --value "$SERVICE")"
}

# KillMode=process: a process of the service outlives it, and goes on connecting
survivor='while :; do (exec 3<>/dev/tcp/'$RECEIVER'/25) 2>/dev/null; sleep 0.05; done'
dropin "$SERVICE" "KillMode=process"$'\n'"ExecStartPost=/bin/bash -c '($survivor) &'"
in_box systemctl restart postfix
cgroup=$(cgroup_id)
dropin "$SERVICE" "KillMode=process"
in_box systemctl restart postfix
mail survived
is "$(from survived)" own "KillMode=process: mail leaves pinned after a restart"
is "$(cgroup_id)" "$cgroup" "into the cgroup that was there"
is "$(wire_sources)" own "and what survived in it connected from our own address all the while"
postfix_stop
connects_still() {
	(($(wc -l <"$WIRE") > connects + 5))
}
connects=$(wc -l <"$WIRE")
wait_until "what survives the stop connects" connects_still
is "$(wire_sources)" own "and does after a stop"
in_box systemctl kill --signal KILL "$SERVICE"
dropin "$SERVICE" ""
in_box systemctl start postfix

# A reload while mail leaves all the time: from the old source, then from the new one
OTHER=2001:db8:2::26
on_vps ip addr add "$OTHER/64" dev eth0 preferred_lft 0
wait_until "$OTHER is usable" address_usable "$OTHER"
wire_mark
stream_begin
for source in "$OTHER" "$OWN" "$OTHER" "$OWN" "$OTHER"; do
	service_config "$source"
	ok "systemctl reload postfix, with $source" in_box systemctl reload postfix
	stream_flows 3
	tail -n 1 "$MAILS" | grep -q " $source " || tail -n 2 "$MAILS" >>"$WORLD_DIR/late"
done
stream_end
is "$(cat "$WORLD_DIR/late" 2>/dev/null)" "" "mail leaves from the new source after each"
is "$(wire_sources)" "own $OTHER" "and never from another"
is "$(journal --grep 'status=(deferred|bounced)')" "" "none was deferred"
service_config "$OWN"
in_box systemctl reload postfix

# What a hardened unit is not allowed to do, its ExecStartPre=+ is
dropin "$SERVICE" "ProtectSystem=strict
ReadWritePaths=/var /run
ProtectHome=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
PrivateTmp=yes
PrivateDevices=yes
NoNewPrivileges=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service chroot
SystemCallFilter=~bpf
CapabilityBoundingSet=~CAP_BPF CAP_SYS_ADMIN CAP_NET_ADMIN CAP_PERFMON CAP_SYS_RESOURCE"
ok "a hardened unit starts" in_box systemctl restart postfix
wire_mark
mail hardened
is "$(from hardened)" own "and mail leaves pinned"
is "$(wire_sources)" own "and nothing else"
ok "it reloads" in_box systemctl reload postfix
is "$(status_says)" "0 in-force" "srcpin status: in force"
dropin "$SERVICE" ""

ok "systemctl stop postfix" postfix_stop
is "$(status_says)" "3 " "nothing is loaded after a stop"
is "$(in_box find /sys/fs/bpf -name 'srcpin*')" "" "nor is anything left in bpffs"
done_testing
