#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A local route for a whole prefix ("AnyIP", ip route add local PREFIX dev lo) makes each of its addresses one of this host's: a bind to
# one succeeds for IPv4. For IPv6 packets to them are taken in all the same, and answered, but a bind fails with EADDRNOTAVAIL, unless
# net.ipv6.ip_nonlocal_bind is 1, which then allows any address at all. So who serves from a prefix needs that switch for IPv6 alone.
# Seen with ping of iputils 20221126 on Linux 6.18. Exits with 1 if that has changed.
# As root: makes a network namespace of its own. Needs iproute2, and Debian's mirror by the apt that is set up.
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
apt-get download -qq iputils-ping=3:20221126-1+deb12u1
dpkg -x iputils-ping_*.deb .

cat >in-namespace <<'END'
from() { # ADDRESS TO: by a socket that is bound to the address
	bin/ping -q -c 1 -W 1 -I "$1" "$2" 2>&1 | grep -oE 'bind.*|1 received' || :
}
ip link set lo up
ip addr add 192.0.2.1/32 dev lo
ip addr add 2001:db8::1/128 dev lo nodad
ip route add local 203.0.113.0/24 dev lo
ip route add local 2001:db8:5::/64 dev lo
echo "to 203.0.113.7:         $(from 192.0.2.1 203.0.113.7)"
echo "to 2001:db8:5::7:       $(from 2001:db8::1 2001:db8:5::7)"
echo "bound to 203.0.113.7:   $(from 203.0.113.7 192.0.2.1)"
echo "bound to 2001:db8:5::7: $(from 2001:db8:5::7 2001:db8::1)"
sysctl -qw net.ipv6.ip_nonlocal_bind=1
echo "with ip_nonlocal_bind:  $(from 2001:db8:5::7 2001:db8::1)"
END
unshare --net bash in-namespace >said
bin/ping -V
uname -r
cat said
[ "$(cat said)" = "to 203.0.113.7:         1 received
to 2001:db8:5::7:       1 received
bound to 203.0.113.7:   1 received
bound to 2001:db8:5::7: bind icmp socket: Cannot assign requested address
with ip_nonlocal_bind:  1 received" ]
