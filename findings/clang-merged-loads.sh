#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Where clang and the verifier meet: two branches of C that each read another field of struct bpf_sock become one load, through a
# pointer that was moved to either field. clang 14.0.6 (Debian 12) does so with -O2, and a kernel (seen: 6.18) refuses the program:
# "pointer arithmetic on sock prohibited". With all reads first, and a compiler barrier after them, it loads.
# Exits with 1 if that has changed. Needs root, bpftool, libbpf-dev, linux-libc-dev, the libraries of LLVM 14 (libedit2, libxml2,
# libz3-4), and Debian's mirror by the apt that is set up.
set -eu
if [ "${1-}" != inside ]; then exec unshare --mount --propagation private -- "$0" inside; fi
work=$(mktemp -d)
trap 'umount "$work/bpffs" 2>/dev/null || true; rm -rf "$work"' EXIT
# shellcheck disable=SC2016 # apt-get fills it in
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/$')
mkdir -p "$work"/{lists/partial,cache/archives/partial,parts,bpffs}
printf "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror %s main\n" bookworm >"$work/sources.list"
cat >"$work/apt.conf" <<END
Dir::Etc::sourcelist "$work/sources.list"; Dir::Etc::sourceparts "$work/parts"; Dir::State::Lists "$work/lists"; Dir::Cache "$work/cache";
APT::Sandbox::User "root"; Acquire::Check-Valid-Until "false"; Acquire::Languages "none";
END
export APT_CONFIG=$work/apt.conf
apt-get update -qq
cd "$work"
apt-get download -qq {clang-14,libclang-cpp14,libllvm14,libclang-common-14-dev}=1:14.0.6-12
for deb in *.deb; do dpkg -x "$deb" root; done
machine=$(gcc -print-multiarch 2>/dev/null || dpkg-architecture -qDEB_HOST_MULTIARCH)
LD_LIBRARY_PATH=$(echo root/usr/lib/*/):root/usr/lib/llvm-14/lib
export LD_LIBRARY_PATH

cat >two.bpf.c <<'END'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup_skb/egress")
int two_fields(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;

	sk = sk ? bpf_sk_fullsock(sk) : NULL;
	if (!sk)
		return 1;
#ifdef READ_FIRST
	__u32 type = sk->type, protocol = sk->protocol, state = sk->state;

	__asm__ volatile("" ::: "memory");
	if (type == 1)
		return protocol != 6 || state != 2;
	return type != 2 || protocol != 58;
#else
	if (sk->type == 1)
		return sk->protocol != 6 || sk->state != 2;
	return sk->type != 2 || sk->protocol != 58;
#endif
}

char _license[] SEC("license") = "GPL";
END
mount -t bpf bpf bpffs

# loads OPTION...: what comes of it
loads() {
	root/usr/lib/llvm-14/bin/clang --target=bpf -mcpu=v3 -O2 -g "$@" -I"/usr/include/$machine" -c two.bpf.c -o two.o
	if bpftool prog load two.o bpffs/two >said 2>&1; then
		rm bpffs/two
		echo loads
	else
		grep -o 'pointer arithmetic on sock prohibited' said || tail -3 said
	fi
}

plain=$(loads)
barrier=$(loads -DREAD_FIRST)
printf 'clang %s, Linux %s\nas it is: %s\nread first, and a barrier: %s\n' 14.0.6 "$(uname -r | cut -d- -f1)" "$plain" "$barrier"
[ "$plain" = 'pointer arithmetic on sock prohibited' ] && [ "$barrier" = loads ]
