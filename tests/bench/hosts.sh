# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The hosts of the benchmark: network namespaces with a device each to the
# peer of world.sh. Two have 2 global addresses of each family, two have 1000;
# of each two, one has nftables with source NAT by cgroup, which would cost the
# others' packets too. The last has 5, and a prefix of each. Host number H has
#
#   2001:db8:1:H::5      shared, preferred         198.18.16H.5     likewise
#   2001:db8:2:H::25     its own, deprecated       198.18.16H+1.25  the second
#
# The peer is 2001:db8:77::/48 and 198.19.0.0/16. The namespaces are
# held by processes of the world's cgroup, which ends them.

declare -A NETNS
PEER6=2001:db8:77::1
PEER4=198.19.0.1
POOL6=2001:db8:2:5:7::/80
POOL4=198.18.84.0/24

shared6() { echo "2001:db8:1:$1::5"; }
own6() { echo "2001:db8:2:$1::25"; }
shared4() { echo "198.18.$((16 * $1)).5"; }
own4() { echo "198.18.$((16 * $1 + 1)).25"; }

# what `ip -batch` is to do for host H to have N addresses
addresses() {
	local h=$1 n=$2 i
	echo "addr add $(shared6 "$h")/64 dev eth0 nodad"
	echo "addr add $(own6 "$h")/64 dev eth0 nodad preferred_lft 0"
	echo "addr add $(shared4 "$h")/20 dev eth0"
	echo "addr add $(own4 "$h")/20 dev eth0"
	for ((i = 2; i < n; i++)); do
		printf 'addr add 2001:db8:2:%d:1::%x/64 dev eth0 nodad preferred_lft 0\n' "$h" "$i"
		echo "addr add 198.18.$((16 * h + 2 + i / 250)).$((i % 250 + 1))/20 dev eth0"
	done
}

netns_is_apart() {
	[[ $(readlink "/proc/$1/ns/net") != "$(readlink /proc/self/ns/net)" ]]
}

# host NAME H N: its namespace is then ${NETNS[NAME]}
host() {
	local name=$1 h=$2 n=$3 pid
	{ echo "$BASHPID" >"$WORLD_CGROUP/cgroup.procs" && exec unshare --net -- sleep infinity; } &
	pid=$!
	disown "$pid" # it is killed at the end, of which nothing is to be said
	wait_until "host $name has its namespace" netns_is_apart "$pid"
	NETNS[$name]=/proc/$pid/ns/net
	in_peer ip link add "to$h" type veth peer name eth0 netns "$pid" &&
		in_peer ip link set "to$h" addrgenmode none up &&
		in_peer ip addr add fe80::1/64 dev "to$h" nodad &&
		in_peer ip addr add "198.18.$((16 * h)).1/20" dev "to$h" &&
		# what one connection has learned is not to be the next one's
	on_host "$name" sysctl -qw net.ipv4.tcp_no_metrics_save=1 &&
		on_host "$name" ip link set lo up &&
		on_host "$name" ip link set eth0 addrgenmode none up &&
		on_host "$name" ip addr add fe80::5/64 dev eth0 nodad &&
		addresses "$h" "$n" | on_host "$name" ip -batch - &&
		on_host "$name" ip -6 route add default via fe80::1 dev eth0 &&
		on_host "$name" ip route add default via "198.18.$((16 * h)).1" &&
		in_peer ip -6 route add "2001:db8:1:$h::/64" via fe80::5 dev "to$h" &&
		in_peer ip -6 route add "2001:db8:2:$h::/64" via fe80::5 dev "to$h" || bail_out "cannot make host $name"
}

on_host() {
	local name=$1
	shift
	nsenter --net="${NETNS[$name]}" -- "$@"
}

# snat NAME H CGROUP: as one would do it without srcpin. `socket` may not be asked for in postrouting, so a mark tells.
snat() {
	local below=${WORLD_CGROUP#"$WORLD_MOUNT"/}/$3 level
	level=$(tr -cd / <<<"$below" | wc -c)
	# nft looks for the path below /sys/fs/cgroup
	# shellcheck disable=SC2016 # the inner shell's own
	on_host "$1" unshare --mount --propagation private -- sh -c \
		'[ "$0" = /sys/fs/cgroup ] || mount --bind "$0" /sys/fs/cgroup && exec nft -f -' "$WORLD_MOUNT" <<-END ||
		table inet by_cgroup {
			chain output {
				type filter hook output priority mangle
				socket cgroupv2 level $((level + 1)) "$below" meta mark set 25
			}
			chain postrouting {
				type nat hook postrouting priority srcnat
				meta mark 25 snat ip6 to $(own6 "$2")
				meta mark 25 snat ip to $(own4 "$2")
			}
		}
	END
		bail_out "nft refuses"
}

hosts() {
	in_peer sysctl -qw net.core.somaxconn=65535 net.ipv4.tcp_no_metrics_save=1
	in_peer ip route add local 198.19.0.0/16 dev lo || bail_out "cannot add the peer's addresses"
	host few 1 2
	host many 2 1000
	host few-nft 3 2
	host many-nft 4 1000
	host pool 5 5
	on_host pool sysctl -qw net.ipv6.ip_nonlocal_bind=1 && on_host pool ip -6 route add local "$POOL6" dev lo &&
		on_host pool ip route add local "$POOL4" dev lo || bail_out "cannot make prefixes local"
}
