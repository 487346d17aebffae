# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Units of the test's own in the box, in which look runs: it writes down where from a socket of its own would leave, or that it is
# refused.
#
#   look_box [COMMAND...]        switched on, with the network around it, and srcpin; COMMAND... comes before, to change what is in $BOX
#   run COMMAND...               in the box; status in $?, stdout in $out, stderr in $err
#   refused STATUS REGEX WHAT COMMAND...
#   unit NAME LINE...            its [Service], or more
#   config LINE...               /etc/srcpin.conf
#   looked WHO                   what look WHO has seen, last time; which is forgotten then
#   installed NAME LINE...       a unit of that kind is installed, restarted, and pinned
#   uninstalled NAME             and it leaves nothing

# shellcheck source=tests/systemd/service.sh
. "$SYSTEMD_HERE/service.sh" || exit 1

LOOK="/usr/bin/look %p"
MAIN="/bin/bash -c 'look %p-main $RECEIVER; exec sleep infinity'"

run() {
	local status
	in_box "$@" >"$WORLD_DIR/out" 2>"$WORLD_DIR/err"
	status=$?
	out=$(<"$WORLD_DIR/out")
	err=$(<"$WORLD_DIR/err")
	return "$status"
}

refused() {
	local want=$1 regex=$2 what=$3 status
	shift 3
	run "$@"
	status=$?
	is "$status $(grep -c . <<<"$err")" "$want 1" "$what: exits with $want, and one sentence"
	like "$err" "^srcpin: $regex" "$what: $err"
}

unit() {
	local name=$1
	shift
	printf '%s\n' '[Service]' "$@" >"$BOX/etc/systemd/system/$name"
	in_box systemctl daemon-reload
}

config() {
	printf '%s\n' "$@" >"$BOX/etc/srcpin.conf"
}

path_of() {
	echo "/etc/systemd/system/$1.d/50-srcpin.conf"
}

looked() {
	local said
	said=$(cat "$BOX/root/seen/$1" 2>/dev/null)
	rm -f "$BOX/root/seen/$1"
	echo "${said:-nothing}"
}

state_of() {
	in_box srcpin status --cgroup "$1" --json | jq -r '[.services[].state] | join(" ")'
}

active_is() {
	[[ $(in_box systemctl is-active "$1") == "$2" ]]
}

look_box() {
	network
	new_box
	install_program || bail_out "cannot install srcpin"
	mkdir -p "$BOX/root/seen"
	chmod 711 "$BOX/root"
	chmod 1777 "$BOX/root/seen"
	cat >"$BOX/usr/bin/look" <<-'END'
		#!/bin/bash
		# look WHO ADDRESS
		port=$((20000 + $$ % 20000))
		if { exec 3<>"/dev/udp/$2/$port"; } 2>/dev/null; then
			from=$(ss -Hnu dst "[$2]:$port" | awk '{ print $(NF - 1) }')
			echo "${from%:*}" >"/root/seen/$1"
		else
			echo refused >"/root/seen/$1"
		fi
	END
	chmod +x "$BOX/usr/bin/look"
	(($# == 0)) || "$@"
	boot
	diag "$(in_box systemctl --version | head -1), Debian $(<"$BOX/etc/debian_version"), kernel $(uname -r | cut -d- -f1)"
	wait_until "the router's advertisement has come" net_shared_address
	wait_until "our own address is usable" address_usable "$OWN"
}

has_looked_or_failed() {
	[[ -s $BOX/root/seen/${1%.service}-main ]] || active_is "$1" failed
}

# begun NAME LINE...: a unit with these lines, pinned by install, started, and it has looked
begun() {
	local name=$1
	shift
	rm -f "$BOX"/root/seen/*
	unit "$name" "$@"
	config "[$name]" "source = $OWN"
	run srcpin install --unit "$name" || fail "install for $name" "$err"
	in_box systemctl restart "$name"
	wait_until "$name looks" has_looked_or_failed "$name"
}

# installed NAME LINE...: begun, and pinned
installed() {
	local name=$1 got
	begun "$@"
	got=$(looked "${name%.service}-main")
	is "$got" "[$OWN]" "$name: pinned"
	[[ $got != nothing ]] || diag "$(unit_status "$name")"
}

uninstalled() {
	in_box systemctl stop "$1"
	in_box srcpin uninstall --unit "$1" >/dev/null
	is "$(in_box srcpin status)" "nothing is loaded" "$1: stopped, and nothing is left in force"
}
