#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Headers are not kernels: struct btf_header of linux-libc-dev 7.2.13 has 32 bytes (a section for the layout of kinds), but the BTF of
# Debian's newest kernel, Linux 7.3.4, has one of 24 (hdr_len), as all before it. A reader that wants sizeof(struct btf_header) there, and is
# built with those headers, refuses the BTF of each kernel.
# Exits with 1 if that has changed. Needs gcc, binutils and xz, and Debian's mirror by the apt that is set up.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2016 # apt-get fills it in
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/$')
mkdir -p "$work"/{lists/partial,cache/archives/partial,parts}
printf "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror %s main\n" sid trixie-backports >"$work/sources.list"
cat >"$work/apt.conf" <<END
Dir::Etc::sourcelist "$work/sources.list"; Dir::Etc::sourceparts "$work/parts"; Dir::State::Lists "$work/lists"; Dir::Cache "$work/cache";
APT::Sandbox::User "root"; Acquire::Check-Valid-Until "false"; Acquire::Languages "none";
END
export APT_CONFIG=$work/apt.conf
apt-get update -qq
cd "$work"

apt-get download -qq linux-libc-dev=7.2.13-1 linux-modules-7.3.4+deb13-cloud-amd64=7.3.4-1~bpo13+1
for p in ./*.deb; do dpkg -x "$p" .; done
cat >size.c <<'END'
#include <linux/btf.h>
#include <stdio.h>

int main(void)
{
	printf("%zu\n", sizeof(struct btf_header));
}
END
gcc -isystem usr/include -isystem "$(echo usr/include/*-linux-gnu)" -o size size.c
module=$(find . -name 'dummy.ko*' | head -1)
case $module in
*.xz) xz -dc "$module" >dummy ;;
*) cp "$module" dummy ;;
esac
objcopy --dump-section .BTF=btf dummy /dev/null
in_c=$(./size) in_kernel=$(od -An -tu4 -j4 -N4 btf | tr -d ' ')
printf 'struct btf_header in linux-libc-dev 7.2.13: %s\nhdr_len in Linux 7.3.4: %s\n' "$in_c" "$in_kernel"
[ "$in_c $in_kernel" = '32 24' ]
