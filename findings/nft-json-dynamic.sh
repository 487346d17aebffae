#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A set that rules fill has the flag "dynamic". nft list ruleset shows it, nft -j of 1.0.6 does not: a program that reads the JSON takes
# the elements as they are now for those that the set always has. And a rule that fills a map is no object there, as libnftables-json(5)
# has it, but a string, with a warning on standard error. nft 1.1.3, of Debian 13, lists the flag and the object.
# nftables 1.0.6, of Debian 12. Exits with 1 if that has changed. As root: makes a network namespace of its own.
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
apt-get download -qq nftables=1.0.6-2+deb12u2 libnftables1=1.0.6-2+deb12u2 libnftnl11=1.2.4-2
for p in ./*.deb; do dpkg -x "$p" .; done
LD_LIBRARY_PATH=$(echo "$work"/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH

cat >rules <<'END'
table ip6 n {
	set seen { type ipv6_addr; flags dynamic; size 10; }
	set brief { type ipv6_addr; flags dynamic, timeout; size 10; timeout 1m; }
	map learned { type ipv6_addr : ipv6_addr; flags dynamic; size 10; }
	chain c {
		add @seen { ip6 saddr }
		add @learned { ip6 saddr : fd00::1 }
	}
}
END
cat >in-namespace <<'END'
nft() { usr/sbin/nft "$@"; }
nft -f rules
nft list ruleset | sed -n 's/^[[:space:]]*\(set\|map\|flags\) /\1 /p'
nft -j list ruleset 2>warnings >listed
jq -c '.nftables[] | .set, .map | select(.) | [.name, .flags]' listed
jq -c '.nftables[].rule.expr // empty | .[0] | type' listed
cat warnings
END
unshare --net bash in-namespace | tee said
[ "$(cat said)" = 'set seen {
flags dynamic
set brief {
flags dynamic,timeout
map learned {
flags dynamic
["seen",null]
["brief",["timeout"]]
["learned",null]
"object"
"string"
warning: stmt ops map have no json callback' ] || {
	echo "this has changed" >&2
	exit 1
}
