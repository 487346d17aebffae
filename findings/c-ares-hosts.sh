#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# c-ares 1.34.9 (Debian 13) gives a name of /etc/hosts the addresses of another one, too, where both have an address in common.
# glibc reads the file line by line, and so did c-ares 1.18.1 (Debian 12). Known as c-ares issue 1049.
# Seen: "one: 192.0.2.1 192.0.2.2", of a file that has one at 192.0.2.1 only.
# Exits with 1 if that has changed. Needs gcc, and Debian's mirror by the apt that is set up.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2016 # apt-get fills it in
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/$')
mkdir -p "$work"/{lists/partial,cache/archives/partial,parts}
printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$mirror" trixie >"$work/sources.list"
cat >"$work/apt.conf" <<END
Dir::Etc::sourcelist "$work/sources.list"; Dir::Etc::sourceparts "$work/parts"; Dir::State::Lists "$work/lists"; Dir::Cache "$work/cache";
APT::Sandbox::User "root"; Acquire::Check-Valid-Until "false"; Acquire::Languages "none";
END
export APT_CONFIG=$work/apt.conf
apt-get update -qq

printf '%s\n' '192.0.2.1 one' '192.0.2.1 both' '192.0.2.2 both' >"$work/hosts"
cat >"$work/hosts.c" <<'END'
#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	struct ares_options options = { .lookups = "f", .hosts_path = argv[argc - 1] };
	struct hostent *h;
	ares_channel channel;

	if (ares_library_init(ARES_LIB_INIT_ALL) || ares_init_options(&channel, &options, ARES_OPT_LOOKUPS | ARES_OPT_HOSTS_FILE) ||
	    ares_gethostbyname_file(channel, "one", AF_INET, &h))
		return 1;
	printf("one:");
	for (char **a = h->h_addr_list; *a; a++)
		printf(" %s", inet_ntoa(*(struct in_addr *)*a));
	puts("");
}
END

cd "$work"
apt-get download -qq libcares2=1.34.9-1~deb13u1 libc-ares-dev=1.34.9-1~deb13u1 libc6=2.41-12+deb13u5
for p in ./*.deb; do dpkg -x "$p" .; done
lib=$(echo "$work"/usr/lib/*-linux-gnu)
gcc -w -isystem usr/include -o program hosts.c "$lib/libcares.so.2" -Wl,--allow-shlib-undefined
loader=$(echo "$lib"/ld-linux-*.so.*)
said=$("$loader" --library-path "$lib" ./program "$work/hosts")
echo "c-ares 1.34.9: $said"
[ "$said" = 'one: 192.0.2.1 192.0.2.2' ]
