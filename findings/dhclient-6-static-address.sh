#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# ISC's dhclient 4.4.3-P1 of Debian 12 takes the static IPv6 addresses from a device when it begins to ask there (dhclient -6): its
# script flushes all that is global and permanent (PREINIT6), before any server has answered, and gives none back if none does. An
# address on lo stays. So a server's second address is gone after "inet6 dhcp", unless it is added later.
# Exits with 1 if that has changed. As root: makes a network namespace of its own. Needs iproute2, and Debian's mirror by the apt that is set up.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
# shellcheck disable=SC2016 # apt-get fills it in
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/$')
mkdir -p lists/partial cache/archives/partial parts
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bookworm main" >sources.list
cat >apt.conf <<END
Dir::Etc::sourcelist "$work/sources.list"; Dir::Etc::sourceparts "$work/parts"; Dir::State::Lists "$work/lists"; Dir::Cache "$work/cache";
APT::Sandbox::User "root"; Acquire::Check-Valid-Until "false"; Acquire::Languages "none";
END
export APT_CONFIG=$work/apt.conf
apt-get update -qq
apt-get download -qq isc-dhcp-client=4.4.3-P1-2
dpkg -x isc-dhcp-client_*.deb .

cat >in-namespace <<'END'
addresses() {
	ip -6 -o addr show scope global | awk '{ print $2, $4 }' | sort | paste -sd' '
}
ip link set lo up
ip link add eth0 type veth peer name far
ip link set far up
ip link set eth0 up
ip -6 addr add 2001:db8::25/64 dev eth0 nodad
ip -6 addr add 2001:db8::26/128 dev lo
: >leases
echo "before: $(addresses)"
# nobody answers, so it is ended after a while
timeout 15 sbin/dhclient -6 -d -sf "$PWD/sbin/dhclient-script" -lf "$PWD/leases" -pf "$PWD/pid" eth0 >log 2>&1 || :
echo "after:  $(addresses)"
END
unshare --net bash in-namespace >said
grep -m1 -o 'Internet Systems Consortium DHCP Client .*' log
cat said
[ "$(cat said)" = "before: eth0 2001:db8::25/64 lo 2001:db8::26/128
after:  lo 2001:db8::26/128" ]
