# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Three boxes beside one another, mx1 to mx3, and a host that Ansible runs on: the script's own network, and a copy of the root.
#
#   fleet_boot                switches all of them on
#   at NAME                   the box that in_box and the like are about
#   inventory WORD...         the hosts' source, by name: "own other own"; more lines of the hosts' variables in MORE[NAME]
#   rolls_out OPTION...       tools/fleet/rollout.yml; what it says is in $said
#   recap NAME                "ok", or what it counted
#   leaves NAME               by name: from what addresses the box opens connections from now on
#   left                      the same of all of them since wire_mark
#
# mxN has three addresses: "shared" is 2001:db8:1::1N, which the kernel prefers; "own" and "other" are in 2001:db8:2::/64 and
# 2001:db8:3::/64. "missing" is one that it does not have. Its sender.service opens connections all the time.

# shellcheck source=tests/systemd/service.sh
. "$SYSTEMD_HERE/service.sh" || exit 1

FLEET=(mx1 mx2 mx3)
CONTROL=$WORLD_DIR/control
declare -A HOLDER UNSHARE FIRST MORE PREFIX=([shared]=2001:db8:1 [own]=2001:db8:2 [other]=2001:db8:3 [missing]=2001:db8:4)

at() {
	box_is "$1"
	VPS=/proc/${HOLDER[$1]}/ns/net
	box_unshare=${UNSHARE[$1]-}
	BOX_PID=${FIRST[$1]-}
}

address() { # KIND NAME
	echo "${PREFIX[$1]}::1${2#mx}"
}

names() {
	local kind
	sed "$(for kind in shared own other; do echo "s/^${PREFIX[$kind]}::.*/$kind/"; done)" | sort -u | paste -sd' '
}

fleet_network() {
	local name kind
	net_settings 1
	ip addr add "$RECEIVER/128" dev lo
	ip link add lan type bridge
	for kind in shared own other; do ip addr add "${PREFIX[$kind]}::1/64" dev lan nodad; done
	ip link set lan up
	for name in "${FLEET[@]}"; do
		unshare --net -- sleep infinity &
		HOLDER[$name]=$!
		at "$name"
		wait_until "$name has its network namespace" net_is_apart
		ip link add "$name" type veth peer name eth0 netns "${HOLDER[$name]}"
		ip link set "$name" master lan up
		(on_vps "$BASH" -c "$(declare -f net_settings); net_settings 0")
		on_vps ip link set eth0 up
		on_vps ip addr add "$(address shared "$name")/64" dev eth0 nodad
		for kind in own other; do on_vps ip addr add "$(address $kind "$name")/64" dev eth0 nodad preferred_lft 0; done
		on_vps ip -6 route add default via 2001:db8:1::1
	done
}

# The folder of Ansible's files belongs to somebody else, as it does with become.
fleet_box() { # NAME
	at "$1"
	new_box
	echo "$1" >"$BOX/etc/hostname"
	mkdir -p "$BOX/root/.ssh"
	cp "$CONTROL/root/.ssh/id_ed25519.pub" "$BOX/root/.ssh/authorized_keys"
	mkdir "$BOX/srv/ansible"
	chown nobody "$BOX/srv/ansible"
	cat >"$BOX/etc/systemd/system/sender.service" <<-END
		[Service]
		TimeoutStartSec=8
		ExecStart=/bin/bash -c 'while :; do (exec 3<>/dev/tcp/$RECEIVER/25) 2>/dev/null; sleep 0.1; done'
		[Install]
		WantedBy=multi-user.target
	END
	ln -s ../sender.service "$BOX/etc/systemd/system/multi-user.target.wants/"
}

fleet_control() {
	local dir=$WORLD_DIR/control.layers name
	mkdir -p "$CONTROL" "$dir"/{upper,work}
	mount -t overlay overlay -o "lowerdir=$ROOT,upperdir=$dir/upper,workdir=$dir/work" "$CONTROL" &&
		mount --rbind /dev "$CONTROL/dev" && mount -t proc proc "$CONTROL/proc" ||
		bail_out "cannot prepare the host of Ansible"
	in_control ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
	for name in "${FLEET[@]}"; do
		echo "$(address shared "$name") $name" >>"$CONTROL/etc/hosts"
		echo "$name $(<"$ROOT/etc/ssh/ssh_host_ed25519_key.pub")" >>"$CONTROL/root/.ssh/known_hosts"
	done
	cp -r "$TOP/tools/fleet" "$CONTROL/root/fleet"
	cp "$DEB" "$CONTROL/root/"
}

in_control() {
	chroot "$CONTROL" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C.UTF-8 ANSIBLE_NOCOLOR=1 ANSIBLE_PIPELINING=1 "$@"
}

fleet_boot() {
	local name
	package
	fleet_network
	fleet_control
	for name in "${FLEET[@]}"; do
		fleet_box "$name"
		boot_begin
		UNSHARE[$name]=$box_unshare FIRST[$name]=$BOX_PID
	done
	for name in "${FLEET[@]}"; do
		at "$name"
		wait_until "$name is up" box_is_up
		wait_until "$name has sshd" in_box systemctl is-active --quiet ssh
	done
	: >"$WIRE"
	python3 "$SYSTEMD_HERE/wire.py" lan "$WIRE" 2>"$WORLD_DIR/wire.log" &
	wait_until "the wire is watched" grep -qx ready "$WIRE"
}

inventory() {
	local name
	{
		printf '%s\n' srcpin: '  hosts:'
		for name in "${FLEET[@]}"; do
			printf '    %s:\n      mail_source: %s\n' "$name" "$(address "$1" "$name")"
			[[ -z ${MORE[$name]-} ]] || printf '      %s\n' "${MORE[$name]}"
			shift
		done
		cat <<-END
			  vars:
			    ansible_user: root
			    ansible_python_interpreter: /usr/bin/python3
			    ansible_remote_tmp: /srv/ansible
			    srcpin_deb: /root/${DEB##*/}
			    srcpin_services:
			      - unit: sender.service
			        section: sender*
			        source: "{{ mail_source }}"
			        ipv4: deny
			        late: "{{ mail_late | default('start') }}"
			        guard: on
			        exempt: [2001:db8:77::/48, "2001:db8:78::/48 2001:db8:79::/48"]
			        ports: [25, 587]
		END
	} >"$CONTROL/root/inventory.yml"
}

rolls_out() {
	local status
	said=$(in_control ansible-playbook -i /root/inventory.yml /root/fleet/rollout.yml "$@" 2>&1)
	status=$?
	return "$status"
}

recap() {
	local counted
	counted=$(sed -n "s/^$1 *: *//p" <<<"$said" | tr -s ' ')
	if [[ $counted =~ changed=([0-9]+)\ unreachable=0\ failed=0 ]]; then
		echo "ok, ${BASH_REMATCH[1]} changed"
	else
		echo "${counted:-not reached}"
	fi
}

of_box() { # NAME: what it has opened since wire_mark
	tail -n "+$wire_from" "$WIRE" | awk -v ending="::1${1#mx}" '$3 == 25 && index($1, ending) { print $1 }'
}

left() {
	local name
	for name in "${FLEET[@]}"; do echo "$name: $(of_box "$name" | names)"; done | paste -sd' '
}

has_opened() {
	(($(of_box "$1" | wc -l) >= 3))
}

leaves() {
	wire_mark
	wait_until "$1 opens connections" has_opened "$1"
	of_box "$1" | names
}
