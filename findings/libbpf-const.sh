#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bpf_prog_load() takes its options by pointer to const in libbpf 1.1.2 (Debian 12), and not in 1.5.0 (Debian 13), within major version 1:
# a const object, which it never writes to, is a warning there (discarded-qualifiers), and with -Werror no build.
# Exits with 1 if that has changed. Needs gcc and linux-libc-dev, and Debian's mirror by the apt that is set up.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2016 # apt-get fills it in
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/$')
mkdir -p "$work"/{lists/partial,cache/archives/partial,parts}
printf "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror %s main\n" bookworm trixie >"$work/sources.list"
cat >"$work/apt.conf" <<END
Dir::Etc::sourcelist "$work/sources.list"; Dir::Etc::sourceparts "$work/parts"; Dir::State::Lists "$work/lists"; Dir::Cache "$work/cache";
APT::Sandbox::User "root"; Acquire::Check-Valid-Until "false"; Acquire::Languages "none";
END
export APT_CONFIG=$work/apt.conf
apt-get update -qq
cd "$work"

cat >const.c <<'END'
#include <bpf/bpf.h>

int load(const struct bpf_insn *insns, size_t n)
{
	const struct bpf_prog_load_opts opts = { .sz = sizeof(opts) };

	return bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, NULL, "GPL", insns, n, &opts);
}
END

# warns VERSION
warns() {
	apt-get download -qq "libbpf-dev=$1"
	dpkg -x libbpf-dev_*.deb "$1"
	rm libbpf-dev_*.deb
	gcc -I"$1/usr/include" -c -o /dev/null const.c 2>&1 | grep -o 'Wdiscarded-qualifiers' || echo nothing
}

old=$(warns 1:1.1.2-0+deb12u1)
new=$(warns 1:1.5.0-3)
printf 'libbpf 1.1.2: %s\nlibbpf 1.5.0: %s\n' "$old" "$new"
[ "$old $new" = 'nothing Wdiscarded-qualifiers' ]
