#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A rule of iptables-nft with MASQUERADE reads "masquerade" in nft list ruleset, but in its JSON (nft -j) there is no "masquerade": only
# {"xt": {"type": "target", "name": "MASQUERADE"}}, and SNAT's address is not there at all. A program that looks for NAT in the JSON by the
# names of libnftables-json(5) finds none of Docker's or libvirt's. And nft -j -f does not take back what nft -j has listed.
# nftables 1.0.6 and iptables 1.8.9, of Debian 12. Exits with 1 if that has changed. As root: makes a network namespace of its own.
# Needs jq, and Debian's mirror by the apt that is set up.
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
apt-get download -qq iptables=1.8.9-2 libxtables12=1.8.9-2 nftables=1.0.6-2+deb12u2 libnftables1=1.0.6-2+deb12u2 libnftnl11=1.2.4-2
for p in ./*.deb; do dpkg -x "$p" .; done
libraries=$(echo "$work"/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH=$libraries XTABLES_LIBDIR=$libraries/xtables

cat >in-namespace <<'END'
iptables() { usr/sbin/xtables-nft-multi iptables "$@"; }
iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
iptables -t nat -A POSTROUTING -o eth0 -j SNAT --to-source 192.0.2.1
usr/sbin/nft list ruleset 2>/dev/null | grep -oE 'masquerade|snat to [0-9.]+'
usr/sbin/nft -j list ruleset 2>/dev/null >listed
jq -c '.nftables[].rule.expr // empty | .[-1]' listed
usr/sbin/nft -j -f listed >/dev/null 2>&1 && echo "taken back" || echo "not taken back"
END
unshare --net bash in-namespace | tee said
[ "$(cat said)" = 'masquerade
snat to 192.0.2.1
{"xt":{"type":"target","name":"MASQUERADE"}}
{"xt":{"type":"target","name":"SNAT"}}
not taken back' ]
