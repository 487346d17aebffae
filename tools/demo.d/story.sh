#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# story.sh CGROUP2 CGROUP: the hosts, and what happens between them. Runs as root of a throw-away copy of this machine.
# Every outcome is checked; the exit status is 0 only if all of them were as told.
set -eu
cgroup2=$1 cgroup=$2
cd /
# shellcheck source-path=SCRIPTDIR source=lib.sh
. /demo/lib.sh
catch_errors

own=2001:db8:2::25           # the VPS's own address, out of its own /64
receiver=2001:db8:9::25      # the mail server that asks the blocklist
service=$cgroup/postfix-demo.service
vps_log=/var/log/mail-vps.log rcpt_log=/var/log/mail-rcpt.log

# on HOST COMMAND...: nothing here takes long. (`ip netns exec` would hide the cgroups.)
on() { timeout 20 nsenter --net="/run/netns/$1" -- "${@:2}"; }

# show HOST COMMAND...: as typed on that host, with its output, which stays in $output.
show() {
	local status=0
	printf '%s# %s\n' "$1" "${*:2}"
	output=$(on "$@" 2>&1) || status=$?
	[ -z "$output" ] || indent <<<"$output"
	[ "$status" != 124 ] || fail "waited in vain for the end of: ${*:2}"
	return "$status"
}

tell() { printf '   %s\n' "$*"; }

# ---- the hosts

# A network namespace whose IPv6 is as on a fresh machine, whatever is set on this one.
host() { # HOST FORWARDING
	local setting
	ip netns add "$1"
	for setting in {all,default,lo}/disable_ipv6=0 {all,default}/forwarding="$2" default/{dad_transmits,use_tempaddr,addr_gen_mode}=0 \
		default/{autoconf,accept_ra,accept_ra_defrtr,accept_ra_pinfo}=1; do
		on "$1" tee "/proc/sys/net/ipv6/conf/${setting%=*}" <<<"${setting#*=}" >/dev/null
	done
	ip -n "$1" link set lo up
}

build_network() {
	host router 1
	host vps 0
	host rcpt 0
	ip -n router link add lan type veth peer name eth0 netns vps
	ip -n router link add out type veth peer name eth0 netns rcpt
	ip -n router addr add 2001:db8:1::1/64 dev lan
	ip -n router addr add 2001:db8:2::1/64 dev lan
	ip -n router addr add 2001:db8:9::1/64 dev out
	ip -n router link set lan up
	ip -n router link set out up

	ip -n rcpt link set eth0 up
	ip -n rcpt addr add "$receiver/64" dev eth0
	ip -n rcpt route add default via 2001:db8:9::1

	on router radvd -C /etc/radvd.conf -p /run/radvd.pid -m logfile -l /var/log/radvd.log
	ip -n vps addr add "$own/64" dev eth0 preferred_lft 0
	ip -n vps link set eth0 up
	log=/var/log/radvd.log wait_until 20 "the router's advertisement" vps_has_shared_address
	shared=$(shared_address)
}

shared_address() {
	ip -n vps -o -6 addr show dev eth0 scope global -tentative | awk '$4 ~ /^2001:db8:1:/ { sub("/.*", "", $4); print $4; exit }'
}

vps_has_shared_address() {
	[ -n "$(shared_address)" ] && ip -n vps -6 route get "$receiver" >/dev/null 2>&1
}

start_servers() {
	# What the installation of the package would have done.
	chgrp postdrop /usr/sbin/post{drop,queue}
	chmod g+s /usr/sbin/post{drop,queue}
	install -d /var/spool/postfix-{vps,rcpt}
	install -d -o postfix /var/lib/postfix-{vps,rcpt}
	on rcpt rbldnsd -u rbldns -b ::1 bl.example:ip6trie:/etc/bl.zone >/var/log/rbldnsd.log 2>&1 || fail 'the blocklist did not start' /var/log/rbldnsd.log
	on rcpt postfix -c /etc/postfix-rcpt start &
	in_service postfix -c /etc/postfix-vps start || fail "the VPS's Postfix did not start" "$vps_log"
	wait "$!" || fail "the receiver's Postfix did not start" "$rcpt_log"
	log=/var/log/rbldnsd.log wait_until 20 'the blocklist to answer' listed "$shared"
	log=$rcpt_log wait_until 20 "the receiver's Postfix to listen" listens rcpt
}

in_service() { # COMMAND...: on the VPS, in the service's cgroup, as systemd would start it
	(echo 0 >"$cgroup2/$service/cgroup.procs" && on vps "$@")
}

listens() { [ -n "$(on "$1" ss -6Hltn 'sport = :25')" ]; }

# ---- what happens

query_name() { # ADDRESS: as a mail server asks for it: all its nibbles, last first, below the blocklist's name
	perl -MSocket=inet_pton,AF_INET6 -e 'print join(".", reverse split //, unpack "H*", inet_pton AF_INET6, shift), ".bl.example\n"' "$1"
}

listed() { on rcpt getent -A ahostsv4 "$(query_name "$1")" >/dev/null; }

# send SUBJECT: alice writes to bob; returns when the VPS's Postfix has done with it. Its log line is in $line then.
send() {
	local seen
	seen=$(wc -l <"$vps_log")
	printf 'vps# sendmail bob@rcpt.example   (subject: %s)\n' "$1"
	on vps sendmail -C /etc/postfix-vps -f alice@vps.example bob@rcpt.example <<MAIL
From: alice@vps.example
To: bob@rcpt.example
Subject: $1

Hello Bob.
MAIL
	line=
	log=$vps_log wait_until 20 "the mail \"$1\" to be sent or refused" find_line "$((seen + 1))"
	indent <<<"$line"
}

find_line() {
	line=$(tail -n +"$1" "$vps_log" | grep -m 1 'to=<bob@rcpt.example>.* status=')
}

delivered() { grep -qsx "Subject: $1" /var/mail/bob; }

master() { tr -d ' ' </var/spool/postfix-vps/pid/master.pid; }

same_master_in_cgroup() {
	[ "$(master)" = "$first_master" ] && grep -qx "$first_master" "$cgroup2/$service/cgroup.procs"
}

pins() { find /sys/fs/bpf | sort; }

build_network
start_servers
first_master=$(master)
first_pins=$(pins)

heading 'The VPS: one address from the /64 that its provider advertises to every customer, one out of its own /64'
show vps ip -6 -brief addr show dev eth0 scope global
show vps ip -6 route get "$receiver"
grep -q "src $shared " <<<"$output " || fail "the kernel does not prefer $shared: there is nothing to show"
tell "The kernel prefers $shared, the shared one."

heading 'The blocklist, as the receiver asks it'
show rcpt getent -A ahostsv4 "$(query_name "$shared")" || fail "the blocklist does not list $shared" /var/log/rbldnsd.log
grep -q '^127\.0\.0\.2 ' <<<"$output" || fail "the blocklist's answer for $shared is not 127.0.0.2"
! listed "$own" || fail "the blocklist lists $own"
tell "$shared is listed, since its /64 is; $own is not."

heading 'A mail, as the VPS is'
send before
grep -q 'status=bounced' <<<"$line" || fail 'the mail was not bounced' "$vps_log"
grep -qF "554 5.7.1 Service unavailable; Client host [$shared] blocked using bl.example" <<<"$line" ||
	fail 'the mail was bounced, but not because of the blocklist' "$rcpt_log"
! delivered before || fail 'the mail was delivered although it was bounced' "$rcpt_log"

heading 'srcpin load'
show vps cat /etc/srcpin.conf
show vps srcpin load --cgroup "$service" || fail 'srcpin load failed'

heading 'A mail again: the same Postfix, still running'
same_master_in_cgroup || fail "the VPS's Postfix is not the one that was started" "$vps_log"
send after
grep -q 'status=sent' <<<"$line" || fail 'the mail was not accepted' "$vps_log"
log=$rcpt_log wait_until 20 "the mail in bob's mailbox" delivered after
show rcpt grep -A 1 '^Received: from vps' /var/mail/bob
grep -qF "[IPv6:$own]" <<<"$output" || fail "the mail did not come from $own" "$rcpt_log"

heading 'What is in force'
show vps srcpin status --cgroup "$service" || fail 'srcpin status does not say that all is in force'
show vps bpftool cgroup tree "$cgroup2/$cgroup" || fail 'bpftool cgroup tree failed'
grep -q srcpin_connect6 <<<"$output" || fail 'bpftool does not show srcpin_connect6'

heading 'srcpin unload'
show vps srcpin unload --cgroup "$service" || fail 'srcpin unload failed'
output=$(bpftool cgroup tree "$cgroup2/$cgroup")
! grep -q srcpin_ <<<"$output" || fail 'a program of srcpin is still attached'
[ "$(pins)" = "$first_pins" ] || fail "srcpin unload did not leave the BPF file system as it was: $(pins)"

printf '\ndemo: bounced from the shared /64, delivered from %s\n' "$own"
