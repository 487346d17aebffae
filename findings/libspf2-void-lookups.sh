#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# libspf2 1.2.10, which Debian 12 to sid package and Exim and others check SPF with, does not count void lookups: a record with nine names
# that do not exist passes. RFC 7208, 4.6.4, has a limit of two, beyond which the result is "permerror"; receivers that keep to it refuse
# what a host that asks libspf2 takes for right.
# Exits with 1 if that has changed. As root, which gives dnsmasq a network and a resolv.conf of its own. Needs Debian 12's mirror by the apt
# that is set up.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir root
apt-get download -qq -o APT::Sandbox::User=root spfquery=1.2.10-7.2+b1 libspf2-2=1.2.10-7.2+b1 dnsmasq-base=2.90-4~deb12u2 libnetfilter-conntrack3=1.0.9-3 \
	libnfnetlink0=1.0.2-2 liblua5.4-0=5.4.4-3+deb12u1
for p in ./*.deb; do dpkg -x "$p" root; done

names=(a:n{1..9}.test)
cat >run <<END
ip link set lo up
echo nameserver 127.0.0.1 >resolv.conf
mount --bind resolv.conf /etc/resolv.conf
export LD_LIBRARY_PATH=$(echo "$work"/root/usr/lib/*-linux-gnu "$work"/root/usr/lib | tr " " :)
root/usr/sbin/dnsmasq --conf-file=/dev/null --no-hosts --no-resolv --user=root --pid-file --local=/test/ \
	--txt-record=spf.test,'v=spf1 ${names[*]} ip4:192.0.2.25 -all' --keep-in-foreground --listen-address=127.0.0.1 --bind-interfaces &
sleep 1
root/usr/bin/spfquery.libspf2 --ip=192.0.2.25 --sender=a@spf.test --helo=spf.test | head -1
kill \$!
END
said=$(unshare --net --mount bash -eu run)
echo "spfquery of libspf2 1.2.10-7.2, of a record with ${#names[@]} names that do not exist: $said"
[ "$said" = pass ]
