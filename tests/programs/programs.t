#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Some of the real programs: the rows of the tables whose program this host has, or one of the packages that are installed over it for this
# test alone. make check-programs has the others.

installed=(dig 'dig, IPv4' host nslookup 'glibc: getent' dnsmasq ping 'ping, IPv4' 'bash /dev/tcp' 'bash /dev/udp' logger
	'Python socket' 'Python smtplib' 'Python, bound UDP' 'Perl IO::Socket::IP' 'Perl UDP, LocalPort'
	Postfix 'Postfix, two transports' unbound tinyproxy)
packages=(postfix unbound tinyproxy)
O=$(realpath -m "${O:-$(dirname "${BASH_SOURCE[0]}")/../../build}")
debs=$O/programs/debs

# The world has no network: what is missing here is there before it
download() {
	apt-get install -qq -y --download-only --reinstall --no-install-recommends -o Dir::Cache::archives="$debs" -o APT::Sandbox::User=root "${packages[@]}"
}
if [[ ${WORLD_STAGE-} != inside ]]; then
	mkdir -p "$debs/partial"
	(flock 9 && download || { apt-get update -qq && download; }) 9>"$debs/lock" >"$debs/log" 2>&1 || {
		echo "Bail out! cannot download ${packages[*]}: $(tail -1 "$debs/log")"
		exit 1
	}
fi
export ROOT=/
# shellcheck source=tests/programs/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
need dig host nslookup dnsmasq ping

# what the packages add to this host is in a layer, and goes with the world; a layer cannot be below / itself
leave_root
mount -t tmpfs tmpfs "$WORLD_DIR/scratch" || bail_out "cannot mount"
enter_root
printf '#!/bin/sh\nexit 101\n' >"$INSIDE/usr/sbin/policy-rc.d"
chmod 755 "$INSIDE/usr/sbin/policy-rc.d"
mount -t proc proc "$INSIDE/proc"
chroot "$INSIDE" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-download --reinstall --no-install-recommends -o Dir::Cache::archives="$debs" \
	-o Dpkg::Options::=--force-unsafe-io -o Dpkg::Options::=--force-confnew "${packages[@]}" >"$WORLD_DIR/installed" 2>&1 || bail_out "cannot install ${packages[*]}: $(tail -3 "$WORLD_DIR/installed")"
leave_root
mv "$WORLD_DIR/scratch/upper" "$WORLD_DIR/scratch/layer"
ROOT=$WORLD_DIR/scratch/layer:/
enter_root

wanted() {
	local name
	program=$1
	for name in "${installed[@]}"; do
		[[ $1 != "$name" ]] || return 0
	done
	return 1
}

for table in resolvers clients others runtimes mail proxies; do
	# shellcheck disable=SC1090 # one of the tables
	. "$PROGRAMS/$table.sh"
done
is "$rows" "${#installed[@]}" "each of them has its row"
done_testing
