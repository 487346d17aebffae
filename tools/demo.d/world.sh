#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# world.sh OUT CGROUP2 CGROUP: builds the world of the demo around itself and plays story.sh in it.
# Runs as the first process of a PID namespace, in a mount namespace of its own: all that it mounts, names and
# starts is gone when it ends.
set -eu
out=$1 cgroup2=$2 cgroup=$3
here=$(dirname "$(readlink -f "$0")")
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
catch_errors

# lay_over DIR: this machine's DIR as root/DIR, with the files of upper/DIR on top, changeable. Paths are relative,
# because overlay's options cannot hold every name that a checkout may have; and there is one layer only, because
# the kernel allows two and / may be the first.
lay_over() {
	local layers
	layers=$(mktemp -d ./layers.XXXXXX)
	mkdir "$layers/work"
	mv "upper$1" "$layers/upper"
	mkdir -p "root$1"
	mount -t overlay overlay -o "lowerdir=$1,upperdir=$layers/upper,workdir=$layers/work" "root$1" ||
		fail "the kernel refused an overlay over $1 (a container in a container in a container?)"
}

# Users that the parts expect, unless this machine has them.
add_users() {
	local name id=64900
	cp /etc/passwd /etc/group upper/etc/
	for name in "$@"; do
		id=$((id + 1))
		grep -q "^$name:" upper/etc/group || echo "$name:x:$id:" >>upper/etc/group
		grep -q "^$name:" upper/etc/passwd || echo "$name:x:$id:$id::/nonexistent:/usr/sbin/nologin" >>upper/etc/passwd
	done
}

mount -t tmpfs -o mode=755 tmpfs "$out/demo/mnt"
cd "$out/demo/mnt"
cp -a "$out/demo/parts" upper
cp -r "$here/root/." upper
install -D -t upper/usr/local/sbin "$out/srcpin"
install -D -t upper/demo "$here/lib.sh" "$here/story.sh"
install -d -m 1777 upper/var/mail
add_users postfix postdrop rbldns alice bob

if mountpoint -q /usr; then mv upper/usr usr; fi
lay_over /
if [ -d usr ]; then mkdir upper && mv usr upper && lay_over /usr; fi

mount -t bpf bpf /sys/fs/bpf || fail 'the kernel refused a BPF file system'
mount --rbind /dev root/dev
mount --rbind /sys root/sys
case $cgroup2 in
	/sys/*) ;;
	*) mkdir -p "root$cgroup2" && mount --bind "$cgroup2" "root$cgroup2" ;;
esac
mount -t proc proc root/proc
mount -t tmpfs -o mode=755 tmpfs root/run
mount -t tmpfs tmpfs root/tmp
exec chroot root /demo/story.sh "$cgroup2" "$cgroup"
