#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The distribution is upgraded, from Debian 12 to 13, while Postfix is pinned: its daemons move from postfix@-.service into
# postfix.service, and mail never leaves from the shared address. It takes two minutes and the network, so that tests/run runs it only
# if it is named; make check-releases does.

# apt-get downloads by the network of this host: the box's own has no way out
[[ ${SYSTEMD_STAGE-} == inside ]] || exec 7</proc/self/ns/net
export SUITE=bookworm ROOT_PACKAGE=postfix
# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../systemd/lib.sh" || exit 1
# shellcheck source=tests/systemd/postfix.sh
. "$SYSTEMD_HERE/postfix.sh" || exit 1
SECTION='postfix*.service'

# says COMMAND...: what it says is in $WORLD_DIR/said, and stays there for who looks
says() {
	"$@" >"$WORLD_DIR/said" 2>&1 </dev/null
}

apt_get=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Options::=--force-unsafe-io -o Acquire::Check-Valid-Until=false)

# in the box, but for the network, and its servers of names
download() {
	(
		echo "$BASHPID" >"$BOX_CGROUP/exec/cgroup.procs" &&
			exec nsenter --target "$BOX_PID" --mount --pid --cgroup --uts --ipc --net=/proc/self/fd/7 --root --wdns=/ -- \
				env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C.UTF-8 unshare --mount -- \
				sh -c 'mount --bind /root/resolv.conf /etc/resolv.conf && exec "$@"' sh "${apt_get[@]}" "$@"
	)
}

arrived_from() {
	if arrived "$1"; then from "$1"; else echo "still in the queue"; fi
}

postfix_box
service_pinned postfix.service
like "$(in_box srcpin install --unit postfix.service)" "postfix.service: section \[postfix\*.service\], so that it is pinned, too, should an upgrade" \
	"install has told that there is nothing to do after an upgrade"
for how in restart reload; do
	ok "systemctl $how postfix" in_box systemctl "$how" postfix
	wait_until "$SERVICE is up" service_is active
	is "$(status_says)" "0 in-force" "status knows of $SERVICE, and not of its umbrella"
done

# as the release notes have it; services stay where they are, in the box
cp /etc/resolv.conf "$BOX/root/resolv.conf"
sed -i 's/ bookworm / trixie /' "$BOX/etc/apt/sources.list"
ok "apt-get update" says download update || diag "$(tail "$WORLD_DIR/said")"
ok "apt-get full-upgrade is downloaded" says download --download-only full-upgrade || diag "$(tail "$WORLD_DIR/said")"
stream_begin 2>"$WORLD_DIR/stream.log" # while its libraries are exchanged, sendmail fails
before=$(grep -c stream "$MAILS")
begin=$SECONDS
ok "apt-get full-upgrade" says in_box "${apt_get[@]}" full-upgrade || diag "$(tail "$WORLD_DIR/said")"
cp "$WORLD_DIR/said" "$WORLD_DIR/upgraded"
mail upgraded
stream_end
sleep 3
# shellcheck disable=SC2016 # dpkg-query's own
diag "Debian $(<"$BOX/etc/debian_version"), in $((SECONDS - begin)) s; $(($(grep -c stream "$MAILS") - before)) mails came meanwhile; srcpin is $(in_box dpkg-query -f '${Version}, ${db:Status-Status}' -W srcpin)"
diag "apt-get said: $(grep -E 'Failed to|srcpin' "$WORLD_DIR/upgraded" | paste -sd'|')"
diag "$SERVICE is $(in_box systemctl is-active "$SERVICE"), postfix.service $(in_box systemctl is-active postfix), its mail $(arrived_from upgraded)"
like "$(<"$BOX/etc/debian_version")" '^13' "it is Debian 13 now"
is "$(wire_sources)" own "all the while mail left from our own address, and nothing else"
# Debian 12's package goes on: all that it wants is in Debian 13, too
ok "srcpin is there" in_box srcpin check
SERVICE=postfix.service
like "$(in_box systemctl show -p Type --value postfix)" forking "postfix.service is no umbrella any more"

# by hand, for who does not boot; a restart is refused, as Debian's unit conflicts with postfix@-.service, which is part of it
ok "systemctl stop postfix" in_box systemctl stop postfix
ok "systemctl start postfix" in_box systemctl start postfix
mail moved
is "$(from moved)" own "the daemons are in postfix.service: mail leaves from our own address"
is "$(from upgraded)" own "so did what was in the queue"
is "$(status_says)" "0 in-force" "status: in force"
is "$(in_box srcpin status --json | jq -r '.services[].cgroup.path')" /system.slice/postfix.service "for postfix.service"

shut_down
boot
wait_until "the router's advertisement has come" net_shared_address
mail booted
is "$(from booted)" own "after a boot mail leaves from our own address"
is "$(status_says)" "0 in-force" "status: in force"
is "$(in_box srcpin status --json | jq -r '.services[].cgroup.path')" /system.slice/postfix.service "for postfix.service"
for how in reload restart; do
	ok "systemctl $how postfix" in_box systemctl "$how" postfix
	mail "$how"
	is "$(from "$how") $(status_says)" "own 0 in-force" "pinned"
done
ok "srcpin install --unit postfix.service" in_box srcpin install --unit postfix.service
ok "makes its drop-in that of any service" grep -q '^ExecReload=+/usr/sbin/srcpin reload --cgroup self$' "$BOX/etc/systemd/system/postfix.service.d/50-srcpin.conf"
ok "systemctl restart postfix" in_box systemctl restart postfix
mail installed
is "$(from installed) $(status_says)" "own 0 in-force" "pinned"

# as where an upgrade takes srcpin away, since it has no more what srcpin wants
ok "the package is removed" says in_box "${apt_get[@]}" remove srcpin
like "$(<"$WORLD_DIR/said")" "srcpin: postfix.service will refuse to start without srcpin: [^ ]*/50-srcpin.conf calls it" "which says what will not start"
in_box systemctl restart postfix
like "$(in_box systemctl is-active postfix)" '^(failed|inactive)$' "Postfix refuses to start unpinned"
mail refused
is "$(queued)" 1 "mail stays queued"
is "$(wire_sources)" own "from the beginning to the end nothing left from elsewhere"
diag "$SECONDS s"
done_testing
