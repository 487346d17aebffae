# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A box with podman and Docker, for a test with ROOT_PACKAGE=containers.
#
#   engine_box                switched on, with srcpin, a podman image (localhost/tiny:1) and the user joe (1000)
#   docker_begin DRIVER       starts dockerd, with its image tiny:1; DRIVER: systemd, or cgroupfs. False: it does not start here
#   docker_end
#   sends                     the next command for a container is in $SENDS: a connection to the peer; then it stays
#   wire                      waits for that connection, and prints which address it came from: shared, own, or the address

# shellcheck source=tests/systemd/look.sh
. "$SYSTEMD_HERE/look.sh" || exit 1
# shellcheck source=tests/systemd/mail.sh
. "$SYSTEMD_HERE/mail.sh" || exit 1

# The images hold busybox. crun 1.8 wants to raise a limit that may not be raised here, runc does without; only crun can --cgroups=disabled.
# Engines want folders that are no overlay; v1 holds the controllers.
engine_prepare() {
	local tiny=$BOX/srv/tiny applet
	mkdir -p "$tiny"/{bin,etc,proc,sys,dev,tmp,run,root}
	cp "$BOX/bin/busybox" "$tiny/bin/"
	for applet in sh sleep nc cat; do ln -s busybox "$tiny/bin/$applet"; done
	echo root:x:0:0::/root:/bin/sh >"$tiny/etc/passwd"
	printf '%s\n' '[containers]' 'pids_limit = 0' 'default_ulimits = ["memlock=65536:65536", "nofile=1024:1024", "nproc=1024:1024"]' '[engine]' 'runtime = "runc"' >"$BOX/etc/containers/containers.conf"
	printf '%s\n' '[storage]' 'driver = "vfs"' 'graphroot = "/run/engines/podman"' 'runroot = "/run/engines/podman-run"' >"$BOX/etc/containers/storage.conf"
	rm "$BOX/etc/systemd/system/systemd-logind.service"
	chroot "$BOX" useradd --create-home --home-dir /srv/joe --uid 1000 joe
	mkdir -p "$BOX/etc/docker" "$BOX/etc/systemd/system/docker.service.d"
	printf '%s\n' '[Unit]' StartLimitIntervalSec=0 >"$BOX/etc/systemd/system/docker.service.d/limit.conf"
}

engine_box() {
	look_box engine_prepare
	mail_begin
	in_box sh -c 'tar -C /srv/tiny -c . | podman import - localhost/tiny:1' >/dev/null 2>"$WORLD_DIR/import" || bail_out "podman import: $(<"$WORLD_DIR/import")"
	diag "$(in_box podman --version), $(in_box docker --version), $(in_box crun --version | head -1), $(in_box runc --version | head -1)"
}

docker_begin() {
	cat >"$BOX/etc/docker/daemon.json" <<-END
		{ "storage-driver": "vfs", "bridge": "none", "iptables": false, "ip6tables": false, "data-root": "/run/engines/docker",
		  "exec-opts": ["native.cgroupdriver=$1"] }
	END
	in_box systemctl restart docker 2>/dev/null
	in_box docker info >/dev/null 2>&1 || return 1
	in_box sh -c 'docker image inspect tiny:1 || tar -C /srv/tiny -c . | docker import - tiny:1' >/dev/null 2>&1
}
docker_why() {
	in_box journalctl -q --no-pager -o cat -u docker | grep -E 'failed|error' | tail -1
}
docker_end() {
	in_box systemctl stop docker docker.socket
}

# Each has a port of its own: a SYN that comes late is not taken for another's.
PORT=3000
sends() {
	PORT=$((PORT + 1))
	# shellcheck disable=SC2034 # for the caller
	SENDS="nc $RECEIVER $PORT </dev/null >/dev/null 2>&1; exec sleep 1000"
	wire_mark
}
sent() {
	tail -n "+$wire_from" "$WIRE" | awk -v port="$PORT" '$3 == port { print $1 }' | mail_names
}
wire() {
	local end=$((SECONDS + 20))
	until [[ -n $(sent) ]] || ((SECONDS > end)); do sleep 0.05; done
	sent
}
