#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The release tarball, and the Debian package built from it as a distribution would: by the user nobody, offline, twice.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh || exit 1
export LC_ALL=C
unset MAKEFLAGS MAKELEVEL MFLAGS

[ "$(id -u)" = 0 ] || skip_all "root is needed, to become nobody"
for tool in dpkg-buildpackage dh lintian xz; do
	command -v "$tool" >/dev/null || skip_all "$tool is missing: tools/setup package"
done

work=$(trusted_folder)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
version=$(sed -n 's/^VERSION *:= *//p' Makefile)
arch=$(dpkg --print-architecture)
tarball=$work/srcpin-$version.tar.xz
tree=$work/srcpin-$version
deb=srcpin_$version-1_$arch

packs() {
	make -s dist O="$work" && tar -tf "$tarball" >/dev/null
}

# neither where it is packed, nor by whom and when
packs_the_same() {
	local elsewhere=$work/elsewhere
	mkdir "$elsewhere" && tar -xmf "$tarball" -C "$elsewhere" && chown -R nobody "$elsewhere" &&
		(umask 077 && cd "$elsewhere"/* && TZ=Asia/Tokyo LC_ALL=C.UTF-8 setpriv --reuid=nobody --regid=nogroup --clear-groups make -s dist O="$elsewhere/out") &&
		cmp "$tarball" "$elsewhere/out/${tarball##*/}"
}

holds_the_source() {
	local listed
	if [ -e .git ]; then listed=$(git -c safe.directory='*' ls-files); else listed=$(<MANIFEST); fi
	diff <(printf '%s\nMANIFEST\n' "$listed" | sort) <(tar -tf "$tarball" | sed "s,^srcpin-$version/,," | sort)
}

# build OUT ENVIRONMENT...: of the tarball, by nobody, with neither network nor BTF
# shellcheck disable=SC2016 # $0 is for the inner shell
build() {
	local out=$1
	shift
	mkdir "$out" && chown nobody "$out" && unshare --net --mount bash -c 'mount -t tmpfs none /sys/kernel &&
		exec setpriv --reuid=nobody --regid=nogroup --clear-groups env -i "$@"' "$0" PATH="$PATH" HOME=/nonexistent "$@" "$tree/tools/build-deb" "$out"
}

builds() {
	tar -xmf "$tarball" -C "$work" && chown -R nobody "$tree" && build "$work/out" && [ -f "$work/out/$deb.deb" ] && [ -f "$work/out/srcpin_$version-1.dsc" ]
}

ran_unit_tests() {
	[ "$(grep -c '^\[  PASSED  \]' "$work/out/$deb.build")" = "$(find tests/unit -name 'test_*.c' | wc -l)" ]
}

builds_without_tests() {
	build "$work/again" DEB_BUILD_OPTIONS=nocheck TZ=Asia/Tokyo O="$work/strange" PREFIX=/strange V=0 && [ ! -e "$work/strange" ] && ! grep -e PASSED -e cmocka "$work/again/$deb.build"
}

builds_the_same() {
	local file
	for file in "$deb.deb" "srcpin-dbgsym_$version-1_$arch.deb" "srcpin_$version.orig.tar.xz" "srcpin_$version-1.debian.tar.xz"; do
		cmp "$work/out/$file" "$work/again/$file" || return
	done
}

# ours, and those of dpkg-buildflags
# shellcheck disable=SC2016 # flags, as they are in the log
takes_flags() {
	local flag log=$work/out/$deb.build
	for flag in -Wconversion -fPIE -ffile-prefix-map= -Wdate-time -D_FORTIFY_SOURCE=; do
		grep -e '-std=gnu11.*user/cli/main.c' "$log" | grep -qe "$flag" || { echo "compiled without $flag" && return 1; }
	done
	grep -e '-o build/srcpin ' "$log" | grep -e -pie | grep -qe '-Wl,-z,relro -Wl,-z,now' || { echo "not linked so" && return 1; }
	! grep -e '-Werror ' "$log"
}

clean_under_lintian() {
	lintian --allow-root --display-info --pedantic --fail-on error,warning "$work/out/$deb.changes" >"$work/lintian"
}

says_why_it_overrides() {
	awk '/^#/ { why = 1; next } NF && !why { print; bad = 1 } { why = 0 } END { exit bad }' debian/*.lintian-overrides
}

same_version_everywhere() {
	[[ $("$work/root/usr/sbin/srcpin" --version) == "srcpin $version ("* ]] && [ "$(dpkg-parsechangelog -S Version)" = "$version-1" ] &&
		[ "$(zcat "$work"/root/usr/share/man/man*/*.gz | grep -c "^\.TH .* \"srcpin $version\" ")" = "$(find user/man -type f | wc -l)" ]
}

accepts_its_config() {
	[ "$("$work/root/usr/sbin/srcpin" check -c "$work/root/etc/srcpin.conf")" = "$work/root/etc/srcpin.conf: no errors, 0 sections" ]
}

# each line that is not prose says something that is right, once its # is gone
config_is_an_example() {
	sed -n 's/^#\([[a-z]\)/\1/p' "$work/root/etc/srcpin.conf" >"$work/example.conf" && grep -q '^\[' "$work/example.conf" || return
	sed -i '/^ipv4 /d' "$work/example.conf" # is for those without source4
	"$work/root/usr/sbin/srcpin" check -c "$work/example.conf"
}

libraries_are_dependencies() {
	local library package depends
	depends=$(dpkg-deb -f "$work/out/$deb.deb" Depends)
	for library in $(readelf -d "$work/root/usr/sbin/srcpin" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
		package=$(dpkg -S "*/$library" | sed 's/:.*//' | head -n 1)
		[[ " $depends," =~ \ ${package}[\ ,] ]] || { echo "$library is of $package, which is not among: $depends" && return 1; }
	done
}

# what a build needs is said twice: for Debian, and for tools/setup, which also names what Debian takes for granted
build_dependencies_agree() {
	diff <(sed -n '/^Build-Depends:/,/^[A-Z]/s/^ \([a-z0-9-]*\).*/\1/p' debian/control | grep -vx -e debhelper-compat -e libcmocka-dev | sort) \
		<(sed -n 's/^\tbuild) echo \(.*\) ;;/\1/p' tools/setup | tr ' ' '\n' | grep -vx -e make -e gcc -e libc6-dev -e linux-libc-dev | sort)
}

# dpkg-buildpackage refuses without it, which no Build-Depends names, and dpkg-dev only recommends
sets_up_what_is_taken_for_granted() {
	sed -n 's/^\tpackage) echo \(.*\) ;;/\1/p' tools/setup | tr ' ' '\n' | grep -qx build-essential
}

hardened() {
	local elf
	elf=$(readelf -lhd "$1") && grep -q DYN <<<"$elf" && grep -q GNU_RELRO <<<"$elf" && grep -q BIND_NOW <<<"$elf" &&
		readelf -W --dyn-syms "$1" | grep -q __stack_chk_fail && readelf -W --dyn-syms "$1" | grep -q '__[a-z]*printf_chk'
}

names_no_folder_of_the_build() {
	! strings -a "$1" | grep -F -e "$work" -e /build
}

starts_nothing() {
	! dpkg-deb --ctrl-tarfile "$work/out/$deb.deb" | tar -tf - | grep -e inst -e triggers
}

ok 'make dist makes a tarball' packs
ok 'the tarball makes the same tarball, without git' packs_the_same
ok 'it holds the source, and the list of its files' holds_the_source
ok 'it builds the Debian package: without root, network, BTF and git' builds
[ -f "$work/out/$deb.deb" ] || bail_out 'there is no package'
dpkg-deb -x "$work/out/$deb.deb" "$work/root"
ok 'the unit tests ran, each of them' ran_unit_tests
ok 'with DEB_BUILD_OPTIONS=nocheck none did, nor was built' builds_without_tests
ok 'the second build made the same packages, byte for byte' builds_the_same
ok 'the flags of the build are the distribution'\''s and ours' takes_flags
ok 'lintian finds neither errors nor warnings' clean_under_lintian
diag "$(<"$work/lintian")"
ok 'each of its overrides says why' says_why_it_overrides
is "$(dpkg-deb -c "$work/out/$deb.deb" | awk '$1 !~ /^d/ { print $1, $2, $6 }')" "$(
	echo "-rw-r--r-- root/root ./etc/srcpin.conf"
	echo "-rwxr-xr-x root/root ./usr/sbin/srcpin"
	echo "-rw-r--r-- root/root ./usr/share/bash-completion/completions/srcpin"
	printf -- "-rw-r--r-- root/root ./usr/share/doc/srcpin/%s\n" BENCHMARK.md.gz GUIDE.md.gz README.md.gz SECURITY.md.gz WAYS-OUT.md.gz changelog.Debian.gz changelog.gz copyright
	{
		for example in user/systemd/* user/prometheus/*; do echo "-rw-r--r-- root/root ./usr/share/doc/srcpin/examples/${example##*/}"; done
		find tools/fleet -type f -printf '-rw-r--r-- root/root ./usr/share/doc/srcpin/examples/fleet/%P\n'
	} | sort -k3
	echo "-rw-r--r-- root/root ./usr/share/lintian/overrides/srcpin"
	for page in user/man/*; do echo "-rw-r--r-- root/root ./usr/share/man/man${page##*.}/${page##*/}.gz"; done | sort -k3
)" 'what is in the package, and whose'
is "$(dpkg-deb --ctrl-tarfile "$work/out/$deb.deb" | tar -xO ./conffiles)" /etc/srcpin.conf 'its conffile'
ok 'srcpin accepts it' accepts_its_config
ok 'and what is behind its # is right' config_is_an_example
ok 'one version: of the program, the manual and the changelog' same_version_everywhere
ok 'it depends on the libraries that the program needs' libraries_are_dependencies
ok 'debian/control and tools/setup agree on what a build needs' build_dependencies_agree
ok 'tools/setup package installs build-essential' sets_up_what_is_taken_for_granted
ok 'the program is hardened' hardened "$work/root/usr/sbin/srcpin"
ok 'it names no folder of the machine that built it' names_no_folder_of_the_build "$work/root/usr/sbin/srcpin"
ok 'nothing is run when it is installed' starts_nothing
done_testing
