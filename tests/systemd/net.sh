# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The network of a box. The script itself is the router, and behind it the receiver of all mail:
#
#   the box ("on_vps COMMAND", also while it is off)        the script
#   eth0  $SHARED   from the router's advertisement  ────   lan  2001:db8:1::1/64, which radvd advertises, and 2001:db8:2::1/64
#         $OWN/64   deprecated: nothing else uses it        lo   $RECEIVER
#
# The router's radvd is the one in $ROOT.

OWN=2001:db8:2::25
RECEIVER=2001:db8:9::25

on_vps() {
	nsenter --net="$VPS" -- "$@"
}

own_address() { # add | del
	if [[ $1 == add ]]; then
		on_vps ip addr add "$OWN/64" dev eth0 preferred_lft 0
	else
		on_vps ip addr del "$OWN/64" dev eth0
	fi
}

# the kernel makes an address usable a moment after it was added
address_usable() {
	[[ -n $(on_vps ip -6 -o addr show to "$1" -tentative) ]]
}

net_is_apart() {
	[[ $(readlink "$VPS") != "$(readlink /proc/self/ns/net)" ]]
}

net_shared_address() {
	SHARED=$(on_vps ip -6 -o addr show dev eth0 scope global -tentative | awk '$4 ~ /^2001:db8:1:/ { sub("/.*", "", $4); print $4; exit }')
	[[ -n $SHARED ]] && on_vps ip -6 route get "$RECEIVER" >/dev/null 2>&1
}

# The kernel's own settings count, whatever the host's are: for the router, then for the box.
net_settings() { # FORWARDING
	local setting
	for setting in {all,default,lo}/disable_ipv6=0 {all,default}/forwarding="$1" default/{use_tempaddr,addr_gen_mode}=0 \
		default/{autoconf,accept_ra,accept_ra_defrtr,accept_ra_pinfo,dad_transmits}=1; do
		echo "${setting#*=}" >"/proc/sys/net/ipv6/conf/${setting%=*}"
	done
	ip link set lo up
}

net_router() {
	local dir=$WORLD_DIR/router
	net_settings 1
	ip addr add "$RECEIVER/128" dev lo
	ip link add lan type veth peer name eth0 netns "$net_holder"
	ip addr add 2001:db8:1::1/64 dev lan nodad
	ip addr add 2001:db8:2::1/64 dev lan nodad
	ip link set lan up
	mkdir -p "$dir"/{root,upper,work}
	mount -t overlay overlay -o "lowerdir=$ROOT,upperdir=$dir/upper,workdir=$dir/work" "$dir/root" &&
		mount -t proc proc "$dir/root/proc" || bail_out "cannot prepare the router"
	cat >"$dir/root/etc/radvd.conf" <<-END
		interface lan {
			AdvSendAdvert on;
			MinRtrAdvInterval 3;
			MaxRtrAdvInterval 4;
			prefix 2001:db8:1::/64 { };
		};
	END
	chroot "$dir/root" radvd --nodaemon --logmethod stderr >"$WORLD_DIR/radvd.log" 2>&1 &
}

network() {
	unshare --net -- sleep infinity &
	net_holder=$!
	VPS=/proc/$net_holder/ns/net
	wait_until "the box has its network namespace" net_is_apart
	net_router
	(on_vps "$BASH" -c "$(declare -f net_settings); net_settings 0")
	on_vps ip link set eth0 up
	own_address add
}
