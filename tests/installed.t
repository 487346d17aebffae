#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# dpkg installs, upgrades, removes and purges the Debian package in a throw-away copy of this host, while a service is pinned.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "$0")/kernel/lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

need dpkg dpkg-buildpackage dh

A=2001:db8:2::25
ROOT=$(mktemp -d) # not in the world's own folder, which is removed with all that is in it
DROPINS=$ROOT/etc/systemd/system
version=$("$SRCPIN" --version | awk '{ print $2 }')
newer=9.8.7

make_root() {
	local over=$WORLD_DIR/over
	mkdir "$over" && mount -t tmpfs srcpin-test "$over" && mkdir "$over/upper" "$over/work" &&
		mount -t overlay -o "lowerdir=/,upperdir=$over/upper,workdir=$over/work" srcpin-test "$ROOT" &&
		mount --rbind /sys "$ROOT/sys" && mount -t proc proc "$ROOT/proc" &&
		mount -t tmpfs srcpin-test "$ROOT/dev" && mknod -m 666 "$ROOT/dev/null" c 1 3 &&
		rm -rf "$ROOT/etc/srcpin.conf" "$DROPINS"/*.d && mkdir -p "$DROPINS"
}

end_root() {
	local status=$?
	umount -l "$ROOT" "$WORLD_DIR/over"
	rmdir "$ROOT"
	(exit "$status")
	world_end
}

in_root() {
	PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive chroot "$ROOT" "$@"
}

# package ARGUMENT...: what dpkg does with ours
package() {
	run in_root dpkg --force-downgrade --force-confdef "$@"
}

installed_version() {
	in_root srcpin --version | awk '{ print $2 }'
}

loaded_by() {
	in_root srcpin status --json | jq -r '.services[].loaded_by | join(" and ")'
}

# dropin UNIT LINE [FIRST-LINE]
dropin() {
	mkdir -p "$DROPINS/$1.d"
	printf '%s\n[Service]\n%s load --cgroup self\n' "${3-# by hand}" "$2" >"$DROPINS/$1.d/50-srcpin.conf"
}

trap end_root EXIT
make_root || bail_out "cannot make a copy of this host"
for v in "$version" "$newer"; do
	DEB_BUILD_OPTIONS=nocheck "$WORLD_TOP/tools/build-deb" "$WORLD_DIR/debs" "$v" >/dev/null || bail_out "cannot build the package"
	cp "$WORLD_DIR/debs/srcpin_$v-1_$(dpkg --print-architecture).deb" "$ROOT/tmp/$v.deb" || bail_out "there is no package"
done
nothing=$(state)

# installed
package -i "/tmp/$version.deb"
is "$?" 0 "dpkg installs the package" || diag "$err"
is "$(installed_version)" "$version" "the program runs"
is "$(stat -c '%a %U' "$ROOT/etc/srcpin.conf")" "644 root" "its config is root's"
run in_root srcpin check
is "$?" 0 "which it accepts"
same_state "$nothing" "nothing is in force"
is "$(find "$DROPINS" -type f)" "" "no unit was changed"

# a service is pinned, with the config that is there
printf '[%s]\nsource = %s\n' "$WORLD_SECTION" "$A" >>"$ROOT/etc/srcpin.conf"
config=$(<"$ROOT/etc/srcpin.conf")
in_root srcpin load --cgroup "$WORLD_SECTION" >/dev/null
is "$(source_of "$WORLD_CGROUP")" "$A" "a service is pinned"
loaded=$(state)

# upgraded, while the service connects
coproc HAMMER { "$HELPERS/hammer" "$A"; }
# shellcheck disable=SC2153 # the shell sets it
hammer_pid=$HAMMER_PID
read -r line <&"${HAMMER[0]}"
is "$line" "ready" "16 processes connect"
package -i "/tmp/$newer.deb"
is "$?" 0 "dpkg upgrades the package" || diag "$err"
eval "exec ${HAMMER[1]}>&-"
read -r line <&"${HAMMER[0]}"
wait "$hammer_pid"
is "$?" 0 "no connect failed, none left from another address: $line"
is "$(installed_version)" "$newer" "the newer program is there"
is "$(<"$ROOT/etc/srcpin.conf")" "$config" "the config is the administrator's"
same_state "$loaded" "nothing of what is in force was touched"
is "$(loaded_by)" "$version" "status says which version loaded it"
run in_root srcpin reload
is "$?" 0 "reload"
is "$(loaded_by)" "$newer" "the next load or reload puts the newer one in its place"
is "$(source_of "$WORLD_CGROUP")" "$A" "still pinned"
package -i "/tmp/$version.deb"
is "$(installed_version) $(loaded_by)" "$version $newer" "and the other way round"
run in_root srcpin reload
is "$(loaded_by) $(source_of "$WORLD_CGROUP")" "$version $A" "the older one takes over likewise"

# removed: what is pinned stays so, what will not start is named; of one that is gone nothing is said
mkdir "$WORLD_CGROUP/gone"
printf '[gone]\nsource = %s\n' "$A" >>"$ROOT/etc/srcpin.conf"
in_root srcpin load --cgroup "$WORLD_CGROUP/gone" >/dev/null
gone=$(stat -c %i "$WORLD_CGROUP/gone")
rmdir "$WORLD_CGROUP/gone"
let_go() { ! state | grep -q " cgroup $gone\$"; }
wait_until "the kernel has let go of it" let_go
loaded=$(state)
mark="# Written by srcpin install --unit; srcpin uninstall --unit removes it."
dropin postfix@-.service ExecCondition=+/usr/sbin/srcpin "$mark"
dropin exim4.service ExecStartPre=+srcpin
dropin opensmtpd.service ExecStartPre=+/usr/local/sbin/srcpin "$mark"
dropin other.service ExecStartPre=/usr/sbin/srcpin "$mark"
echo '[Service]' >"$DROPINS/other.service.d/mine.conf"
mkdir "$DROPINS/killed.service.d"
touch "$DROPINS"/{other,killed}.service.d/50-srcpin.conf.part
package -r srcpin
is "$?" 0 "dpkg removes the package" || diag "$err"
is "$(grep -o '^srcpin: .* is pinned' <<<"$err")" "srcpin: $WORLD_SECTION is pinned" "it names the service that stays pinned"
is "$(sed -n 's/^srcpin: \(.*\) will refuse to start without srcpin: \([^ ]*\) calls it.*/\1 \2/p' <<<"$err" | sort)" \
	"$(for u in exim4 other postfix@-; do echo "$u.service /etc/systemd/system/$u.service.d/50-srcpin.conf"; done)" "and the units that will not start"
is "$(find "$DROPINS" -type f | wc -l)" 7 "it touches none of them"
same_state "$loaded" "nothing of what is in force was touched"
is "$(source_of "$WORLD_CGROUP")" "$A" "still pinned"
ok "the config is kept" test -e "$ROOT/etc/srcpin.conf"
ok "the program is gone" test ! -e "$ROOT/usr/sbin/srcpin"

# and back again
package -i "/tmp/$version.deb"
is "$?" 0 "dpkg installs it again"
run in_root srcpin status --cgroup "$WORLD_SECTION"
is "$?" 0 "what is in force is all well"
same_state "$loaded" "nothing of it was touched"

# purged, with a service of an odd name
odd=$WORLD_CGROUP/$'odd\e[31m\\cx'
mkdir "$odd"
printf '[odd*]\nsource = %s\n' "$A" >>"$ROOT/etc/srcpin.conf"
in_root srcpin load --cgroup "$odd" >/dev/null 2>&1
is "$(source_of "$odd")" "$A" "a service of an odd name is pinned"
package -P srcpin
is "$?" 0 "dpkg purges the package" || diag "$err"
like "$err" "srcpin: $WORLD_SECTION is not pinned any more" "it says what is not pinned any more"
is "$(grep '^srcpin: odd.*is not pinned' <<<"$err")" 'srcpin: odd?[31m\cx is not pinned any more' "also of an odd name, as a terminal may get it"
like "$err" 'srcpin: removing /etc/systemd/system/postfix@-.service.d/50-srcpin.conf' "and what it removes"
wait_until "the kernel has freed everything" state_is "$nothing"
is "$(source_of "$WORLD_CGROUP")" 2001:db8:1::5 "the service is not pinned"
pass "nothing is in force"
wait_until "no object of the kernel is left" none_left "$(ids_of "$loaded")"
pass "no object of the kernel is left"
is "$(cd "$DROPINS" && find . -type f | sort | paste -sd' ')" \
	"./exim4.service.d/50-srcpin.conf ./opensmtpd.service.d/50-srcpin.conf ./other.service.d/mine.conf" \
	"drop-ins that srcpin wrote to call this program are gone, also half of one, and no others"
ok "an empty folder of drop-ins is gone" test ! -e "$DROPINS/postfix@-.service.d" -a ! -e "$DROPINS/killed.service.d"
ok "the config is gone" test ! -e "$ROOT/etc/srcpin.conf"
run in_root dpkg-query -W srcpin
is "$?" 1 "dpkg knows nothing of it"

# purged, with nothing in force
rm -r "$DROPINS"
package -i "/tmp/$version.deb"
package -P srcpin
is "$?" 0 "with nothing in force it is purged, too" || diag "$err"
is "$(grep '^srcpin:' <<<"$err")" "" "which says nothing"

done_testing
