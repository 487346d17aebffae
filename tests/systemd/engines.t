#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What containers.t leaves out: Docker's cgroupfs driver. Each container is pinned from its first packet on, or status says that it is not.

export ROOT_PACKAGE=containers
# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
# shellcheck source=tests/systemd/engines.sh
. "$SYSTEMD_HERE/engines.sh" || exit 1

engine_box

# ---- Docker with the cgroupfs driver
docker_runs() { # PARENT
	sends
	in_box docker rm -f mail >/dev/null 2>&1
	in_box docker run -d --name mail --network host --cgroup-parent="$1" tiny:1 sh -c "$SENDS" >/dev/null
}
cgroup_of_docker() { # NAME
	in_box sh -c "cat /proc/\$(docker inspect -f '{{.State.Pid}}' $1)/cgroup" | sed -n 's/^0:://p'
}
config '[mail.slice]' "source = $OWN" 'ipv4 = deny'
if docker_begin cgroupfs; then
	in_box srcpin install --unit mail.slice >/dev/null
	docker_runs mail.slice
	is "$(wire) $(status_says)" "shared 3 " "--cgroup-parent=mail.slice, which is not active: leaks, and status says that nothing is loaded"
	in_box systemctl start mail.slice
	is "$(state_of mail.slice)" degraded "started meanwhile: status says so, though the slice is empty"
	docker_runs mail.slice
	is "$(wire) $(status_says)" "shared 4 degraded" "and while it is active: leaks, and status says so"
	like "$(cgroup_of_docker mail)" '^/system.slice/mail.slice/[0-9a-f]+$' "as it is in another cgroup of that name"
	like "$(in_box srcpin status)" "problem .*\\((sleep|nc)\\) is in cgroup /system.slice/mail.slice/[0-9a-f]+, which is not this slice, .*\\(Docker's cgroupfs driver .*native.cgroupdriver=systemd" \
		"and with the remedy"
	like "$(in_box srcpin doctor)" 'FINDING +cgroup .* is in cgroup /system.slice/mail.slice/[0-9a-f]+, which is not this slice' "doctor, too"
	# the remedy
	in_box docker rm -f mail >/dev/null
	docker_end
	docker_begin systemd
	docker_runs mail.slice
	is "$(wire) $(status_says)" "own 0 in-force" "the remedy, the systemd driver: pinned"
	in_box docker rm -f mail >/dev/null
	docker_end
	in_box srcpin uninstall --unit mail.slice >/dev/null
	in_box systemctl stop mail.slice
	in_box srcpin unload --all >/dev/null 2>&1
else
	skip "Docker" "dockerd does not start here: $(docker_why)"
fi
done_testing
