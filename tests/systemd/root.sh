# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Debian roots, made by mmdebstrap from the mirror that this machine uses, and kept in $O/systemd for the next run.
#
#   root bookworm            or bullseye (systemd 247), bookworm-backports (254), trixie (257), sid (262)
#   root bookworm postfix    the same with that package, one of those in root-hook
#
# Each leaves the folder's name in $ROOT. It holds no srcpin, but the libraries that it wants.

ROOTS=$O/systemd

# What a small server has, what srcpin wants, the router's radvd, and another way to look at BPF
root_packages() { # SUITE
	local bpf=libbpf1 cares=libcares2
	[[ $1 != bullseye ]] || bpf=libbpf0
	[[ $1 != bullseye && $1 != bookworm* ]] || cares=libc-ares2
	echo "systemd,systemd-sysv,dbus,iproute2,procps,radvd,bpftool,$bpf,libelf1,zlib1g,libmnl0,libjansson4,$cares"
}

root_bootstrap() { # SUITE DIR
	local suite=${1%-backports} key=/usr/share/keyrings/debian-archive-keyring.gpg mirror
	local -a lines options=()
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/$') || return 1
	lines=("deb [signed-by=$key] $mirror $suite main")
	if [[ $suite != "$1" ]]; then
		lines+=("deb [signed-by=$key] $mirror $1 main")
		options=(--aptopt="APT::Default-Release \"$1\"")
	fi
	mmdebstrap --quiet --mode=root --variant=minbase --include="$(root_packages "$1")" "${options[@]}" \
		--aptopt='Acquire::Check-Valid-Until "false"' --aptopt='APT::Sandbox::User "root"' \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		--customize-hook="$SYSTEMD_HERE/root-hook" "$suite" "$2" "${lines[@]}"
}

# In a chroot a package would start its daemon here, on this host: the policy forbids it. Newer systemd-tmpfiles, which packages run,
# want /proc.
root_install() { # BASE PACKAGE DIR
	cp -a "$1" "$3" || return 1
	printf '#!/bin/sh\nexit 101\n' >"$3/usr/sbin/policy-rc.d"
	chmod +x "$3/usr/sbin/policy-rc.d"
	# shellcheck disable=SC2016 # for the inner shell
	DEBIAN_FRONTEND=noninteractive unshare --mount --propagation private -- sh -c 'mount -t proc proc "$1/proc" &&
		exec chroot "$1" sh -c "apt-get install -qq -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io /var/cache/packages/$2/*.deb"' sh "$3" "$2" </dev/null || return 1
	rm -r "$3/usr/sbin/policy-rc.d" "$3/var/cache/packages"
}

# root_made NAME COMMAND...: runs COMMAND... DIR unless an earlier run made $ROOTS/NAME with the same recipe
root_made() {
	local name=$1 recipe
	shift
	ROOT=$ROOTS/$name
	recipe=$(cat "$SYSTEMD_HERE"/root{.sh,-hook} | sha256sum)
	[[ $(cat "$ROOT.made" 2>/dev/null) != "$recipe" ]] || return 0
	rm -rf --one-file-system "$ROOT.made" "$ROOT" "$ROOT.part"
	# mmdebstrap has sh write to what fd it gets, and sh knows no fd above 9
	"$@" "$ROOT.part" >"$ROOT.log" 2>&1 8>&- 9>&- || {
		diag "$(tail -20 "$ROOT.log")"
		bail_out "cannot make a root of Debian ($name)"
	}
	mv "$ROOT.part" "$ROOT"
	echo "$recipe" >"$ROOT.made"
}

root() { # SUITE [PACKAGE]
	mkdir -p "$ROOTS"
	exec 8>"$ROOTS/lock"
	flock 8
	root_made "$1" root_bootstrap "$1"
	[[ -z ${2-} ]] || root_made "$1-$2" root_install "$ROOT" "$2"
	exec 8>&-
}
