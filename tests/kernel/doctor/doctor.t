#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What doctor finds of the host, the service and its source: each finding appears, and goes once it is mended.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/doctor/doctor.sh
. "$(dirname "${BASH_SOURCE[0]}")/doctor.sh" || exit 1

need strace setpriv
A=2001:db8:2::25

# forget MAP: all that is in it
forget() {
	local map=/sys/fs/bpf/srcpin/maps/$1 key
	while read -ra key; do
		bpftool map delete pinned "$map" key "${key[@]}"
	done < <(bpftool -j map dump pinned "$map" | jq -r '.[].key | join(" ")')
}

# no other test's has this name, which doctor would find as well
inner=$WORLD_CGROUP/$WORLD_SECTION-inner

put_both() {
	local cgroup
	config "source = $A"$'\n'"[$WORLD_SECTION-inner]"$'\n'"source = $A"
	for cgroup in "$WORLD_CGROUP" "$inner"; do
		"$SRCPIN" load --cgroup "$cgroup" -c "$CONFIG" >/dev/null || bail_out "cannot load $cgroup"
	done
}

put "source = $A"
healthy "all is well"
is "$(wc -l <<<"$err") $err" "1 " "nothing is said besides"
doctor
is "$? ${out%%$'\n'*}" "0 no findings, $(grep -cE '^  (ok|note)  ' <<<"$out") ok" "the verdict comes first"

# ---- the host

has kernel ok "Linux $(uname -r), srcpin .*" "the kernel"
if [[ $(refusal EADDRNOTAVAIL) == EPERM ]]; then
	has errno note "no bpf_set_retval \(Linux 5\.18\).*" "what this kernel lacks"
else
	lacks errno "this kernel lacks nothing"
fi
wrapped=(strace -f -qq -o /dev/null -e trace=bpf -e inject=bpf:error=EINVAL)
finding kernel ".* has no BPF programs for the sockets and packets of a cgroup" "a kernel without the programs"
wrapped=(in_mounts "mount -t tmpfs none /sys/kernel/btf")
finding btf "cannot read /sys/kernel/btf/vmlinux: No such file or directory" "no BTF"
wrapped=(in_mounts "umount -l $WORLD_MOUNT")
finding cgroup2 "no cgroup2 hierarchy is mounted" "no cgroup2"
has loaded unknown "this host cannot have anything loaded as it is" "no cgroup2: what is loaded is not known"
wrapped=(in_mounts "while umount -l /sys/fs/bpf 2>/dev/null; do :; done")
finding bpffs "no BPF file system is mounted on /sys/fs/bpf" "no bpffs"
wrapped=(in_mounts "mount -o remount,bind,ro /sys/fs/bpf")
finding bpffs "cannot write to the BPF file system on /sys/fs/bpf: Read-only file system" "bpffs is read-only"
wrapped=()
healthy "they are there again"

# ---- the config

good=$(<"$CONFIG")
config "sauce = $A"
finding config "$CONFIG:1:1: section .* has neither 'source' nor 'source4'; errors: 2" "the config has errors" .service==null
finding config "$CONFIG has errors" "the same, for what is loaded from it"
rm "$CONFIG"
finding config "cannot open $CONFIG: No such file or directory" "the config is gone" .service==null
finding config "what is in force cannot be compared with its config: cannot open .*" "the same, for what is loaded from it"
config "source = $A"$'\n'"exempt = 2001:db8:9::/48"
finding config "$CONFIG is newer than what is in force, and says something else" "the config is newer"
config "source = $A" other.service
finding config "$CONFIG has no section for it any more" "its section is gone"
has loaded note "no service that runs is of this section" "a section of nothing that runs" '.service=="other.service"'
printf '%s\n' "$good" >"$CONFIG"
healthy "the config is as it was"

# ---- the service

"$SRCPIN" unload --all
finding loaded "/$WORLD_SECTION runs, has a section, and is not pinned" "not loaded"
config "source = $A" "srcpin-test-*"
finding loaded "/$WORLD_SECTION runs, has a section, and is not pinned" "not loaded, with a section that is a glob"
put "source = $A"
rm /sys/fs/bpf/srcpin/services/*/{bind6,guard}
finding hooks "not attached: bind6 guard" "hooks are gone"
put "source = $A"
healthy "loaded again"
forget rules
finding hooks "there is no policy in force: all that it sends is refused" "the rules are gone"
has loaded note "its policy is not there any more" "the rules are gone: nothing is said of its mode"
put "source = $A"
healthy "loaded once more"
mkdir "$inner"
occupy "$inner"
put_both
healthy "one within the other"
forget nested
finding hooks "a pinned cgroup around it may decide for it" "not said to be one within the other" '(.service // "" | endswith("inner"))'
put_both
healthy "both loaded once more"
"$SRCPIN" unload --cgroup "$inner"
vacate "$inner"
rmdir "$inner"
put "source = $A"$'\n'"mode = observe"
has loaded note "with mode = observe: it is not pinned" "mode = observe"
put "source = $A"$'\n'"guard = off"
has loaded note "with guard = off: .*" "guard = off"
put "source = $A"

vacate "$WORLD_CGROUP"
finding cgroup "no process is in /$WORLD_SECTION or below it" "nobody is in the cgroup"
rmdir "$WORLD_CGROUP"
finding cgroup "/$WORLD_SECTION has been removed since, and its pins with it" "the cgroup is gone"
mkdir "$WORLD_CGROUP"
occupy "$WORLD_CGROUP"
finding cgroup "/$WORLD_SECTION has been removed since, and its pins with it" "the service was restarted"
put "source = $A"
healthy "loaded for the new one"

# ---- a container's scope, which has another name at each start, and which install does not take

advice() { # ID
	jq -r ".checks[] | select(.id == \"$1\" and .service and .remedy).remedy" <<<"$out"
}
scope() { # NAME: begins
	mkdir "$WORLD_CGROUP/$1"
	occupy "$WORLD_CGROUP/$1"
}
above="pin the cgroup above it, which stays, with all that runs in there: a section [$WORLD_SECTION], and srcpin load --cgroup /$WORLD_SECTION"
"$SRCPIN" unload --all
config "source = $A" "srcpin-$$-*.scope"
scope "srcpin-$$-1111.scope"
finding loaded "/$WORLD_SECTION/srcpin-$$-1111.scope runs, has a section, and is not pinned" "a scope that is not loaded"
is "$(advice loaded)" "srcpin load --cgroup /$WORLD_SECTION/srcpin-$$-1111.scope; for each start: $above" "it is not to be installed"
"$SRCPIN" load --cgroup "$WORLD_CGROUP/srcpin-$$-1111.scope" -c "$CONFIG" >/dev/null 2>&1
vacate "$WORLD_CGROUP/srcpin-$$-1111.scope"
rmdir "$WORLD_CGROUP/srcpin-$$-1111.scope"
scope "srcpin-$$-2222.scope"
finding cgroup "/$WORLD_SECTION/srcpin-$$-1111.scope has been removed since, and its pins with it" "a scope that is gone"
is "$(advice cgroup)" "$above" "the cgroup above is to be pinned"
is "$(source_of "$WORLD_CGROUP/srcpin-$$-2222.scope")" 2001:db8:1::5 "the next one is not pinned"
"$SRCPIN" unload --all
put "source = $A"
is "$(source_of "$WORLD_CGROUP/srcpin-$$-2222.scope")" "$A" "it is pinned by the cgroup above"
vacate "$WORLD_CGROUP/srcpin-$$-2222.scope"
rmdir "$WORLD_CGROUP/srcpin-$$-2222.scope"
scope "srcpin-$$-3333.scope"
is "$(source_of "$WORLD_CGROUP/srcpin-$$-3333.scope")" "$A" "and so is the one after that"
vacate "$WORLD_CGROUP/srcpin-$$-3333.scope"
rmdir "$WORLD_CGROUP/srcpin-$$-3333.scope"
healthy "as it was"

"$SRCPIN" unload --all
older_udp
"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" >/dev/null 2>&1
finding older "0 TCP and 1 UDP connections leave from other addresses" "an older connection"
older_end
healthy "it has ended"

# ---- the source

has address ok "on vps, usable" "the source is usable"
ip addr del "$A/64" dev vps
finding address "the source is not an address of this host" "the source is gone"
lacks route "nothing else is said of a source that is gone"
put "source = $A"
doctor --json
is "$(jq -r '.checks[] | select(.id == "address").why' <<<"$out")" "what is pinned to it is refused; mail is deferred, unless IPv4 has a route to where it goes: by that it leaves unpinned" "the source is gone, and IPv4 has no route"
ip route add default via 192.0.2.1
for options in ":what is pinned to it is refused, and a mail server sends by IPv4 instead, unpinned" \
	"source4 = 192.0.2.5:what is pinned to it is refused; mail goes on by IPv4, which is pinned, and is deferred for what has IPv6 alone" \
	"source4 = 192.0.2.77:what is pinned to it is refused, and mail is deferred" \
	"ipv4 = deny:what is pinned to it is refused, and mail is deferred" "missing = pass:with missing = pass what is pinned to it leaves unpinned" \
	"mode = observe:what is pinned to it would be refused, were it enforced"; do
	put "source = $A"$'\n'"${options%%:*}"
	doctor --json
	is "$(jq -r ".checks[] | select(.id == \"address\" and .source == \"$A\").why" <<<"$out")" "${options#*:}" "the source is gone: ${options%%:*}"
done
ip route del default
put "source = $A"
sysctl -qw net.ipv6.conf.vps.dad_transmits=1000
ip addr add "$A/64" dev vps preferred_lft 0
finding address "the source is tentative \(duplicate address detection is not over\)" "the source is tentative"
sysctl -qw net.ipv6.conf.vps.dad_transmits=1
ip addr del "$A/64" dev vps
in_peer ip addr add "$A/64" dev peer nodad
ip addr add "$A/64" dev vps preferred_lft 0
wait_until "the duplicate is noticed" is_duplicate
finding address "the source is in use by another host too \(duplicate address detection failed\)" "another host has it"
in_peer ip addr del "$A/64" dev peer
ip addr del "$A/64" dev vps
ip addr add "$A/64" dev vps nodad preferred_lft 0
wait_until "the source is usable" world_usable
healthy "the source is back"

ip addr del "$A/64" dev vps
if ip link add vrf1 type vrf table 100 2>/dev/null; then
	ip link set vrf1 up
	ip link add inside type dummy
	ip link set inside master vrf1 up
	ip addr add "$A/64" dev inside nodad preferred_lft 0
	finding address "the source is on inside, but not in the local routing table \(it is in the VRF vrf1\)" "the source is in a VRF"
	ip link del inside
	ip link del vrf1
else
	like "$(ip link add vrf1 type vrf table 100 2>&1)" "Unknown device type" "the source is in a VRF: this kernel has none"
fi
ip addr add "$A/64" dev vps nodad preferred_lft 0
wait_until "the source is usable" world_usable

has deprecated ok "yes: .*" "deprecated"
ip addr change "$A/64" dev vps preferred_lft forever
has deprecated note "no: .*" "not deprecated"
ip addr change "$A/64" dev vps preferred_lft 0
has lifetime ok static "it stays"
ip addr change "$A/64" dev vps preferred_lft 0 valid_lft 3600
has lifetime note "valid for 3[56]..? s more, .*" "its time is limited"
ip addr change "$A/64" dev vps preferred_lft 0 valid_lft forever

# what the kernel makes of a prefix, where privacy addresses are wanted
sysctl -qw net.ipv6.conf.vps.use_tempaddr=2
ip addr add 2001:db8:3::1/64 dev vps nodad mngtmpaddr valid_lft 4000 preferred_lft 2000
wait_until "there is a temporary address" temporary
put "source = $TEMPORARY"
finding lifetime "the source is a temporary address \(RFC 8981\), valid for [0-9]* s more" "a temporary address"
ip addr del 2001:db8:3::1/64 dev vps
ip addr flush dev vps to 2001:db8:3::/64
put "source = $A"
healthy "a static one"

has route ok "to the internet by vps via fe80::1" "the route"
ip -6 rule add from "$A" prohibit
finding route "no route to the internet from the source: .*" "a rule prohibits the source"
ip -6 rule del from "$A" prohibit
ip -6 route del default
finding route "no route to the internet from the source: Network is unreachable" "no default route"
has without note "without srcpin the kernel would have no address to choose" "no default route: no address"
ip -6 route add default via fe80::1 dev vps
healthy "the route is back"

has without ok "without srcpin the kernel would choose 2001:db8:1::5, of another /64" "what the kernel would choose"
is "$(source_of "$WORLD_MOUNT" 2001:503:ba3e::2:30)" 2001:db8:1::5 "it does choose that one, outside the cgroup"
is "$(inside "$WORLD_CGROUP" "$SRCPIN" doctor -c "$CONFIG" --json | jq -r '.checks[] | select(.id == "without").seen')" \
	"without srcpin the kernel would choose 2001:db8:1::5, of another /64" "doctor says the same where it is pinned itself"
ip addr del 2001:db8:1::5/64 dev vps
ip addr change 2001:db8:2::26/64 dev vps preferred_lft forever
has without note "without srcpin the kernel would choose 2001:db8:2::26, static and of the same /64: blocklists take them for one host, so this /64 should be the host's alone" \
	"another one of the same /64, static"
is "$(source_of "$WORLD_MOUNT" 2001:503:ba3e::2:30)" 2001:db8:2::26 "it does choose that one"
healthy "another one of the same /64, static"
ip addr change 2001:db8:2::26/64 dev vps valid_lft 86400 preferred_lft 14400
finding without "without srcpin the kernel would choose 2001:db8:2::26, of the same /64" "another one of the same /64, a router's"
is "$(jq -r '.checks[] | select(.id == "without").remedy' <<<"$out")" "name a source in a /64 that nobody else has addresses in" "its remedy"
is "$(source_of "$WORLD_MOUNT" 2001:503:ba3e::2:30)" 2001:db8:2::26 "it does choose that one"
ip addr change 2001:db8:2::26/64 dev vps valid_lft forever preferred_lft 0
ip addr change "$A/64" dev vps preferred_lft forever
has without note "without srcpin the kernel would choose the source itself today" "the source itself"
ip addr add 2001:db8:1::5/64 dev vps nodad
ip addr change "$A/64" dev vps preferred_lft 0
wait_until "the addresses are usable" world_usable
healthy "as it was"

# ---- IPv4

put "source4 = 192.0.2.5"
has address ok "on vps, usable" "IPv4: usable"
finding route "no route to the internet from the source: Network is unreachable" "IPv4: no default route"
ip route add default via 192.0.2.1
healthy "IPv4: a default route"
has route ok "to the internet by vps via 192.0.2.1" "IPv4: the route"
has without note "without srcpin the kernel would choose the source itself today" "IPv4: the source itself"
ip addr add 192.0.2.6/24 dev vps
put "source4 = 192.0.2.6"
has without ok "without srcpin the kernel would choose 192.0.2.5" "IPv4: another one"
ip addr del 192.0.2.6/24 dev vps
finding address "the source is not an address of this host" "IPv4: the source is gone"

# ---- exit statuses, and what is examined

config "source = $A"$'\n'"[other.service]"$'\n'"source = 2001:db8:2::26"
"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" >/dev/null 2>&1
doctor --cgroup "$WORLD_CGROUP"
is "$? $(grep -c other.service <<<"$out")" "0 0" "--cgroup: only that one"
doctor
is "$? $(grep -c '^other.service' <<<"$out")" "0 2" "without: also what has only a section"
doctor --cgroup nobodys.service
is "$?" 1 "--cgroup with what is not there"
ok "it says so in one sentence" one_sentence "$err"
doctor --cgroup "$WORLD_MOUNT/no/such"
is "$?" 1 "--cgroup with a path that is not there"
mkdir "$WORLD_MOUNT/$WORLD_SECTION-2"
doctor --cgroup "$WORLD_MOUNT/$WORLD_SECTION-2"
is "$? $err" "1 srcpin: cannot examine /$WORLD_SECTION-2: nothing is loaded for it, and it has no section (add [$WORLD_SECTION-2])" "--cgroup without a section"
rmdir "$WORLD_MOUNT/$WORLD_SECTION-2"
odd=$WORLD_CGROUP/$'json\xff\eb'
mkdir "$odd"
occupy "$odd"
printf '[json*]\nsource = %s\n[%s]\nsource = %s\n' "$A" "$WORLD_SECTION" "$A" >"$CONFIG"
"$SRCPIN" load --cgroup "$odd" -c "$CONFIG" >/dev/null
"$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" >/dev/null
doctor --json
is "$? $(jq -r '[.checks[].service // empty | select(startswith("json"))] | unique | join(" ")' <<<"$out")" "0 json??b" "a name that is not for JSON is shown clean"
"$SRCPIN" unload --cgroup "$odd"
vacate "$odd"
rmdir "$odd"
chmod 700 /sys/fs/bpf
run setpriv --reuid=nobody --regid=nogroup --clear-groups "$SRCPIN" doctor -c "$CONFIG"
is "$?" 2 "not as root: the system refuses"
ok "it says so in one sentence" one_sentence "$err"
run "$SRCPIN" doctor -c "$CONFIG" >/dev/full
ok "unload" "$SRCPIN" unload --all
done_testing
