#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What make promises.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh || exit 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out=$work/out
chmod 755 "$work"
mk() { make -s O="$out" "$@"; }
# In a copy of the source: it is touched here, and tests beside this one build, too.
mkdir "$work/tree" && cp -r Makefile bpf debian include tests tools user vmlinux "$work/tree" && chmod 755 "$work/tree" && cd "$work/tree" || exit 1

builds_elsewhere() {
	mk && [ -x "$out/srcpin" ] && "$out/srcpin" --version
}

# as nobody, with neither network nor BTF to look at
# shellcheck disable=SC2016 # $0 is for the inner shell
builds_without_root() {
	mkdir "$work/nobody" && chown nobody "$work/nobody" &&
		unshare --net --mount bash -c 'mount -t tmpfs none /sys/kernel && exec setpriv --reuid=nobody --regid=nogroup \
			--clear-groups make -s O="$0"' "$work/nobody" &&
		[ -x "$work/nobody/srcpin" ]
}

builds_in_a_path_with_blanks() {
	local top="$work/a b"
	mkdir "$top" && cp -r Makefile bpf include tests user vmlinux "$top" && make -s -C "$top" O=out out/bpf/srcpin.bpf.o out/user/cli/main.o
}

is_quiet() {
	local said
	rm "$out/user/cli/main.o" && said=$(make O="$out") && grep -q 'CC .*main.o' <<<"$said" && ! grep -q -e '-std=' <<<"$said" &&
		rm "$out/user/cli/main.o" && said=$(make -s O="$out" 2>&1) && [ -z "$said" ] &&
		rm "$out/user/cli/main.o" && said=$(make O="$out" V=1) && grep -q -e '-std=' <<<"$said"
}

# what a change of a header makes new
rebuilt() { # HEADER OBJECT
	local before
	before=$(stat -c %Y.%y "$out/$2") && touch "$1" && mk && [ "$(stat -c %Y.%y "$out/$2")" != "$before" ]
}

nothing_to_do() {
	local said
	mk && said=$(make O="$out") && ! grep -v -e 'Nothing to be done' -e '^$' <<<"$said"
}

installs() {
	local share=/opt/x/share
	mk install DESTDIR="$work/root" PREFIX=/opt/x && [ -x "$work/root/opt/x/sbin/srcpin" ] &&
		diff <(cd "$work/root" && find . -type f -printf '/%P\n' | sort) <(sort <<-END
			/etc/srcpin.conf
			/opt/x/sbin/srcpin
			$share/bash-completion/completions/srcpin
			$(for example in user/systemd/* user/prometheus/*; do echo "$share/doc/srcpin/examples/${example##*/}"; done)
			$(find tools/fleet -type f -printf "$share/doc/srcpin/examples/fleet/%P\n")
			$share/man/man5/srcpin.conf.5
			$share/man/man7/srcpin-messages.7
			$share/man/man8/srcpin.8
		END
		)
}

# a config that is there is the administrator's
keeps_the_config() {
	echo mine >"$work/root/etc/srcpin.conf" && mk install DESTDIR="$work/root" PREFIX=/opt/x &&
		[ "$(cat "$work/root/etc/srcpin.conf")" = mine ]
}

# each runs the program where it is, as the program takes it: nobody is refused for what he is, not for what he asks
examples_serve() {
	local dir=$work/root/opt/x/share/doc/srcpin/examples example line
	! grep -r /usr/sbin "$dir" || return
	for example in "$dir"/*.*; do
		[[ $example != *.conf ]] || [ "$(grep -c '^Exec[A-Za-z]*=[-+]*/opt/x/sbin/srcpin ' "$example")" = 3 ] || return
		while read -r line; do
			# shellcheck disable=SC2086 # words
			! setpriv --reuid=nobody --regid=nogroup --clear-groups "$work/root/opt/x/sbin/srcpin" $line 2>&1 | grep -e '--help' -e usage: || return
		done < <(sed -n 's,^Exec.*/opt/x/sbin/srcpin \([^>|;]*\).*,\1,p' "$example")
	done
}

# a bpftool that is killed half-way, while it makes an object or a skeleton
# shellcheck disable=SC2016 # the inner script's own
leaves_no_half_file() {
	local half=$work/half.$1 real
	real=$(PATH=$PATH:/usr/sbin command -v bpftool)
	printf '#!/bin/sh\n[ "$2" != %s ] || { echo half | tee "$3"; kill -9 $$; }\nexec %s "$@"\n' "$1" "$real" >"$work/bpftool" &&
		chmod +x "$work/bpftool"
	! make -s O="$half" BPFTOOL="$work/bpftool" 2>/dev/null && [ -e "$half/flags" ] && [ ! -e "$half/$2" ]
}

hardened() {
	local elf
	elf=$(readelf -lhd "$out/srcpin") && grep -q 'DYN' <<<"$elf" && grep -q 'GNU_RELRO' <<<"$elf" && grep -q 'BIND_NOW\|NOW' <<<"$elf"
}

# what clang takes from a constant of its own has no variable in BTF
no_nameless_constants() {
	! readelf -SW "$out/bpf/srcpin.bpf.o" | grep -E ' \.rodata +PROGBITS'
}

# since 5.12; clang 21 makes them of __sync_fetch_and_add(), whose result nobody wants
no_fetching_atomics() {
	local f
	for f in bpf/*.bpf.c; do
		clang --target=bpf -mcpu=v3 -O2 -std=gnu11 -Ivmlinux -Iinclude -I/usr/include -S -o "$work/${f##*/}.s" "$f" || return
	done
	grep -q 'lock \*(u64 \*)' "$work/srcpin.bpf.c.s" && ! grep -nE 'atomic_|xchg' "$work"/*.bpf.c.s
}

cleans() {
	mk clean && [ -z "$(find "$out" -type f)" ]
}

ok 'make O=DIR builds srcpin there' builds_elsewhere
ok 'neither root, network nor BTF is needed' builds_without_root
ok 'nor a path without blanks' builds_in_a_path_with_blanks
ok 'quiet unless V=1' is_quiet
ok 'a second make has nothing to do' nothing_to_do
ok 'abi.h: the BPF object is made again' rebuilt include/srcpin/abi.h bpf/srcpin.bpf.o
ok 'decide.h: and with it the skeleton' rebuilt include/srcpin/decide.h user/kernel/objects.o
ok 'failure.h: what includes it is made again' rebuilt user/base/failure.h user/host/cgroup.o
ok 'vmlinux.h: the BPF object is made again' rebuilt vmlinux/vmlinux.h bpf/srcpin.bpf.o
ok 'clang builds it too' make -s O="$work/clang" CC=clang
ok 'make install honours DESTDIR and PREFIX' installs
ok 'make install keeps the config that is there' keeps_the_config
ok 'examples of drop-ins call the binary where it was installed, as it takes it' examples_serve
ok 'a killed step leaves no half-written object' leaves_no_half_file object bpf/srcpin.bpf.o
ok 'a killed step leaves no half-written skeleton' leaves_no_half_file skeleton srcpin.skel.h
ok 'the BPF object has no .rodata without a name, whose BTF Linux 5.10 refuses' no_nameless_constants
ok 'nor an instruction that it does not have' no_fetching_atomics
ok 'the binary is PIE, RELRO, BIND_NOW' hardened
ok 'make clean leaves no file' cleans
done_testing
