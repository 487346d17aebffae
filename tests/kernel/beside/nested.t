#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Pinned cgroups in pinned cgroups: the most specific wins, in whatever order they came and go.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

SHARED=2001:db8:1::5
A=2001:db8:2::25
B=2001:db8:2::26
C=2001:db8:2::27

mkdir -p "$WORLD_CGROUP/mail/postfix/smtp" "$WORLD_CGROUP/mail/dovecot"
nothing=$(state)

# load NAME SOURCE [LINE]: NAME is the last component
load() {
	printf '[%s]\nsource = %s\n%b' "${1##*/}" "$2" "${3-}" >"$WORLD_DIR/${1##*/}.conf"
	run "$SRCPIN" load --cgroup "$WORLD_CGROUP/$1" -c "$WORLD_DIR/${1##*/}.conf" || bail_out "cannot load $1: $err"
}

unload() {
	run "$SRCPIN" unload --cgroup "$WORLD_CGROUP/$1" || bail_out "cannot unload $1: $err"
}

# leaves WHAT MAIL DOVECOT POSTFIX SMTP: the source of each
leaves() {
	local what=$1 want
	shift
	want=$(printf '%s\n' "$@")
	is "$("$HELPERS/sources" mail mail/dovecot mail/postfix mail/postfix/smtp)" "$want" "$what"
}

# alone NAME: its programs look for no other's
alone() {
	bpftool -j map dump pinned /sys/fs/bpf/srcpin/maps/service |
		jq -e --argjson id "$(stat -c %i "$WORLD_CGROUP/$1")" 'any(.[].formatted.value; .cgroup_id == $id and (.flags / 2 | floor) % 2 == 0)'
}

leaves "nothing loaded" "$SHARED" "$SHARED" "$SHARED" "$SHARED"

load mail "$A"
ok "one alone: its programs look for no other" alone mail
load mail/postfix "$B"
leaves "the outer one first" "$A" "$A" "$B" "$B"
ok "two: they look for one another" eval '! alone mail && ! alone mail/postfix'
unload mail/postfix
leaves "the inner one gone" "$A" "$A" "$A" "$A"
ok "the inner one gone: no looking for others any more" alone mail
is "$(bpftool -j map dump pinned /sys/fs/bpf/srcpin/maps/nested | jq length)" 0 "the inner one gone: it is forgotten"
load mail/postfix "$B"
leaves "the inner one back" "$A" "$A" "$B" "$B"
unload mail
leaves "the outer one gone" "$SHARED" "$SHARED" "$B" "$B"
ok "the outer one gone: no looking for others any more" alone mail/postfix
load mail "$A"
leaves "the outer one after the inner one" "$A" "$A" "$B" "$B"

load mail/postfix/smtp "$C"
leaves "three" "$A" "$A" "$B" "$C"
load mail "$C"
leaves "three, the outermost replaced" "$C" "$C" "$B" "$C"
load mail/postfix "$A"
leaves "three, the middle one replaced" "$C" "$C" "$A" "$C"
load mail/postfix/smtp "$B"
leaves "three, the innermost replaced" "$C" "$C" "$A" "$B"
unload mail/postfix
leaves "three, the middle one gone" "$C" "$C" "$C" "$B"
load mail/postfix "$A"
leaves "three, the middle one back" "$C" "$C" "$A" "$B"
unload mail/postfix/smtp
leaves "three, the innermost gone" "$C" "$C" "$A" "$A"
unload mail
unload mail/postfix

# what the inner one says counts, also where it refuses, exempts or only observes
load mail "$A"
load mail/postfix "2001:db8:2::99"
leaves "the inner one's source is missing" "$A" "$A" "nothing $(refusal EADDRNOTAVAIL)" "nothing $(refusal EADDRNOTAVAIL)"
load mail/postfix "$B" "exempt = 2001:db8:9::/48\n"
# (a bind comes before the destination is known)
leaves "the inner one exempts" "$A" "$A" "$SHARED $B" "$SHARED $B"
load mail/postfix "$B" "mode = observe\n"
leaves "the inner one observes: the outer one's pin stays" "$A" "$A" "$A" "$A"
load mail/postfix "$B"
leaves "the inner one observes no more" "$A" "$A" "$B" "$B"
load mail "$A" "mode = observe\n"
leaves "the outer one observes" "$SHARED" "$SHARED" "$B" "$B"
load mail "$A"
leaves "the outer one observes no more" "$A" "$A" "$B" "$B"

# IPv4: what the inner one says of it counts too, if only that it is left alone
ipv4_of() {
	"$HELPERS/inside" "$WORLD_CGROUP/mail" 192.0.2.1 "$WORLD_CGROUP/mail/postfix" 192.0.2.1 | paste -sd' '
}
ip addr add 192.0.2.25/24 dev vps
load mail "$A" "source4 = 192.0.2.25\n"
is "$(ipv4_of)" "192.0.2.25 192.0.2.5" "the outer one pins IPv4, the inner one leaves it alone"
load mail "$A" "ipv4 = deny\n"
is "$(ipv4_of)" "EPERM 192.0.2.5" "the outer one denies IPv4, the inner one leaves it alone"
unload mail/postfix
is "$(ipv4_of)" "EPERM EPERM" "the outer one denies IPv4, the inner one gone"
unload mail
load mail/postfix "$B" "guard = off\n"
load mail "$A" "ipv4 = deny\n"
is "$(ipv4_of)" "EPERM 192.0.2.5" "the outer one denies IPv4, and came last"
is "$(bpftool -j map dump pinned /sys/fs/bpf/srcpin/maps/nested | jq length)" 2 "both are known"
load mail "$A"
load mail/postfix "$B"

# the inner cgroup is removed and made anew
rmdir "$WORLD_CGROUP/mail/postfix/smtp" "$WORLD_CGROUP/mail/postfix"
mkdir -p "$WORLD_CGROUP/mail/postfix/smtp"
leaves "the inner cgroup made anew, not loaded" "$A" "$A" "$A" "$A"
load mail/postfix "$B"
leaves "the inner cgroup made anew, loaded" "$A" "$A" "$B" "$B"

# the programs of the one that came first are loaded before there is a list
pool="$B $C"
run "$SRCPIN" unload --all
load mail "$A"
load mail/postfix "$pool"
leaves "one source, and several within" "$A" "$A" "$B" "$B"
unload mail/postfix
load mail "$pool"
load mail/postfix "$A"
leaves "several sources, and one within" "$B" "$B" "$A" "$A"
run "$SRCPIN" unload --all
load mail/postfix "$A"
load mail "$pool"
leaves "several sources, around one" "$B" "$B" "$A" "$A"

occupy "$WORLD_CGROUP/mail/postfix/smtp"
run "$SRCPIN" status
is "$?" 0 "status: all in force"
run "$SRCPIN" unload --all
is "$?" 0 "unload --all"
same_state "$nothing" "nothing is left"
leaves "nothing loaded any more" "$SHARED" "$SHARED" "$SHARED" "$SHARED"

done_testing
