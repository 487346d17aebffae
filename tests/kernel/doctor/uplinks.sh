# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A second uplink, whether what is pinned is answered, and remedies that are tried.

FAR6=2001:503:ba3e::2:30 FAR4=198.41.0.4

# what a pinned connect to this address comes to: "refused" by the other end, "timeout", or another error
answer() {
	local said
	said=$(inside "$WORLD_CGROUP" timeout 2 "$BASH" -c ": <>/dev/tcp/$1/25" 2>&1)
	case $?:$said in
	124:*) echo timeout ;;
	*"Connection refused"*) echo refused ;;
	*) echo "${said##*: }" ;;
	esac
}

answers() {
	[[ "$(answer "$FAR4") $(answer "$FAR6")" == "refused refused" ]]
}

# remedy ID [N]: of the first finding of that name, or of the one with N (from 0 on) before it
remedy() {
	doctor --json
	jq -r "[.checks[] | select(.id == \"$1\" and .level == \"finding\")][${2-0}].remedy" <<<"$out"
}

# obey ID [ROUTER]: does what the remedy says
obey() {
	local said command
	said=$(remedy "$1")
	said=${said/ROUTER/${2-}}
	said=${said#*: }
	while read -r command; do
		$command >/dev/null || bail_out "cannot do: $command"
	done < <(sed 's/, with /\n/; s/, and /\n/; s/; or .*//' <<<"$said")
}

second_uplink() {
	ip link add vps2 type veth peer name peer2 netns "$world_peer_pid"
	ip link set vps2 addrgenmode none up
	ip addr add 203.0.113.25/24 dev vps2
	ip addr add fe80::6/64 dev vps2 nodad
	ip addr add 2001:db8:b::25/64 dev vps2 nodad preferred_lft 0
	in_peer ip link set peer2 addrgenmode none up
	in_peer ip addr add 203.0.113.1/24 dev peer2
	in_peer ip addr add fe80::2/64 dev peer2 nodad
	in_peer ip addr add 2001:db8:b::1/64 dev peer2 nodad
	in_peer ip addr add "$FAR4/32" dev lo
	in_peer ip addr add "$FAR6/128" dev lo nodad
	in_peer sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.peer.rp_filter=0 net.ipv4.conf.peer2.rp_filter=0 \
		net.ipv4.conf.all.arp_announce=2
	ip route add default via 192.0.2.1
}

filter() { # VALUE
	sysctl -qw "net.ipv4.conf.vps2.rp_filter=$1" net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.vps.rp_filter=0
}

second_is_usable() {
	(($(ip -6 route show table local | grep -c "^local .* dev vps2 ") == $(ip -6 addr show dev vps2 | grep -c inet6)))
}
