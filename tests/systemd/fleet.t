#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# tools/fleet, with Debian's Ansible over sshd, against three hosts: a roll-out pins them, a second one changes nothing. One error stops
# it before the first host changes; a host that is not in force goes back to what it had, and stops those after it.

export ROOT_PACKAGE=fleet
# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/fleet.sh
. "$SYSTEMD_HERE/fleet.sh" || exit 1

config_of() { # NAME
	cat "$WORLD_DIR/$1/etc/srcpin.conf"
}

# state NAME: what is on its disk and in its kernel
state() {
	at "$1"
	in_box srcpin --version
	config_of "$1"
	in_box find /etc/systemd/system /run -name '*srcpin*' ! -name srcpin.conf.before
	in_box srcpin status --json | jq -c '.services[] | [.name, .state, .programs, .cgroup]'
}

states() {
	local name
	for name in "${FLEET[@]}"; do state "$name"; done
}

recaps() {
	local name
	for name in "${FLEET[@]}"; do echo "$name: $(recap "$name")"; done | paste -sd';'
}

all_leave() {
	local name
	for name in "${FLEET[@]}"; do echo "$name: $(leaves "$name")"; done | paste -sd' '
}

# the box does not answer any more: nor do the connections that Ansible keeps
hangs_up() {
	in_box systemctl kill --signal KILL ssh
	in_box systemctl stop ssh
}

has_new_config() {
	grep -q "$1" "$BOX/etc/srcpin.conf"
}

fleet_boot
diag "$(in_control ansible --version | head -1), $(at mx1 && in_box systemctl --version | head -1)"
is "$(all_leave)" "mx1: shared mx2: shared mx3: shared" "three hosts without srcpin: all leave from the shared address"

inventory own own own
rolls_out --check
is "$? $(recaps | sed 's/[1-9] changed/N changed/g')" "0 mx1: ok, N changed;mx2: ok, N changed;mx3: ok, N changed" "--check: each would change" || diag "$said"
is "$(find "$WORLD_DIR"/mx?/{etc,usr,var} -name '*srcpin*')" "" "and none has"

# mx2 does not have the address, and with late = fail its service does not start. mx1 came before it, mx3 would have come after it.
MORE[mx2]='mail_late: fail'
inventory own missing own
rolls_out -e srcpin_batches=1
is "$?" 2 "the first roll-out, with a source that mx2 does not have: fails"
like "$said" "fatal: \[mx2\].*mx2 is as it was before: Restart those that run unpinned has failed" "and says why"
unset 'MORE[mx2]'
is "$(all_leave)" "mx1: own mx2: shared mx3: shared" "mx1 is pinned; mx2 is as it was before, and mx3 was not reached"
is "$(at mx2 && in_box srcpin status; in_box find /etc/systemd -name '50-srcpin.conf')" "nothing is loaded" "nothing of it is left in mx2"
like "$(config_of mx2)" "^# Which service sends from which source address" "its config is the package's"
is "$(state mx3 | sed 1d)" "$(state mx2 | sed 1d)" "mx3 has srcpin, and nothing else"

# the pin of mx3 is stale: somebody has loaded it by hand, and the service was restarted
at mx3
cp -p "$BOX/etc/srcpin.conf" "$WORLD_DIR/before.conf"
printf '[sender.service]\nsource = 2001:db8:3::13\n' >>"$BOX/etc/srcpin.conf"
in_box srcpin load --cgroup sender.service >/dev/null 2>&1
in_box systemctl restart sender
cp -p "$WORLD_DIR/before.conf" "$BOX/etc/srcpin.conf"
is "$(status_says)" "4 stale" "mx3 has a stale pin"
inventory own own own
rolls_out -e srcpin_batches=2
is "$?" 0 "mended: the roll-out ends well" || diag "$said"
is "$(recaps | sed 's/[1-9] changed/N changed/g')" "mx1: ok, 0 changed;mx2: ok, N changed;mx3: ok, N changed" "mx1, which has it, is not changed"
is "$(all_leave)" "mx1: own mx2: own mx3: own" "each is pinned to its own address"
is "$(config_of mx3)" "# Written by Ansible: what is changed here is lost at the next roll-out.

[sender*]
source = 2001:db8:2::13
ipv4 = deny
late = start
guard = on
exempt = 2001:db8:77::/48
exempt = 2001:db8:78::/48 2001:db8:79::/48
ports = 25 587" "the config says what the variables say"
for name in "${FLEET[@]}"; do
	at "$name"
	in_box systemctl restart sender
done
is "$(all_leave)" "mx1: own mx2: own mx3: own" "also after a restart of the service"
before=$(states)
rolls_out
is "$? $(recaps)" "0 mx1: ok, 0 changed;mx2: ok, 0 changed;mx3: ok, 0 changed" "a second run changes nothing" || diag "$said"
is "$(states)" "$before" "in none of them"

# one error, in the last of them
wire_mark
MORE[mx3]="srcpin_services: [{unit: sender.service, section: sender*, source: '{{ mail_source }}', sauce: x}]"
inventory other other other
rolls_out
is "$?" 2 "a config error in one host's variables: the roll-out fails"
like "$said" "srcpin.conf:5:1: unknown key 'sauce'" "and says where"
is "$(states)" "$before" "no host has changed: neither its config nor what is in force"
MORE[mx3]="srcpin_services: []"
inventory other other other
rolls_out
is "$?" 2 "no section for what is pinned: likewise"
like "$said" "srcpin.conf has no section for it" "and says so"
unset 'MORE[mx3]'
inventory other other other
rolls_out --check --diff
is "$? $(recaps | sed 's/[1-9] changed/N changed/g')" "0 mx1: ok, N changed;mx2: ok, N changed;mx3: ok, N changed" "--check --diff: says that each would change"
like "$said" '-source = 2001:db8:2::12.*\+source = 2001:db8:3::12' "and how"
is "$(states)" "$before" "no host has changed"
at mx3
hangs_up
rolls_out
like "$? $(recap mx1)" "^[24] ok, 0 changed" "a host does not answer: the roll-out ends before the first one changes" # 2: Ansible 2.14
in_box systemctl start ssh
is "$(states)" "$before" "no host has changed"
is "$(left)" "mx1: own mx2: own mx3: own" "all the while the old policy was in force everywhere, as the wire tells"

# a batch of two, the second of which fails
inventory other missing other
rolls_out -e srcpin_batches=2 -e srcpin_deb=
is "$?" 2 "a source that mx2 does not have: the roll-out fails"
is "$(all_leave)" "mx1: other mx2: own mx3: own" "the other host of its batch has the new policy, mx2 the old one, and mx3 was not reached"
like "$said" "source 2001:db8:4::12 is not an address of this host" "and says why"
is "$(state mx2; state mx3)" "$(sed '1,/^\["sender/d' <<<"$before")" "mx2 and mx3 are as they were, on disk and in force"

# one that is gone in the midst of its batch is not a failure to Ansible
at mx1
inventory own other other
{
	wait_until "mx1 has its new config" has_new_config 2001:db8:2::11
	hangs_up
} &
rolls_out -e srcpin_batches=2
like "$? $(recap mx1)" "^[1-9].* unreachable=1 " "a host is gone while it changes: the roll-out fails"
is "$(all_leave | sed 's/^mx1: [a-z]*/mx1/')" "mx1 mx2: other mx3: own" "the other host of its batch is completed, and mx3 was not reached"
like "$said" "not reached: mx1" "and it says why"
done_testing
