# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A mail server as a service of the box, pinned as a user would do it. The test sets SERVICE, the unit that its processes are in,
# and SECTION, if that is not to be the name of the config's section.
#
#   service_box COMMAND...  switched on, with the network around it and srcpin's package. COMMAND... comes before, to configure
#                           what is in $BOX: all mail is to go to the receiver
#   service_pinned UNIT     what a user does to pin UNIT, and a look whether mail leaves pinned
#   service_config SOURCE   /etc/srcpin.conf
#   service_is STATE        as systemctl is-active says
#   journal [OPTION...]     what the service has logged
#   dropin UNIT TEXT        a drop-in of the test's own; empty to take it away
#   package [VERSION]       builds the package, unless that was done since the last change; its name is in $DEB
#   install_deb             as a user would
#   install_program         the program alone
#   status_says             "EXIT STATE" of srcpin status

# shellcheck source=tests/systemd/mail.sh
. "$SYSTEMD_HERE/mail.sh" || exit 1

package() {
	local dir=$O/systemd/deb${1:+-$1} sources=("$TOP"/{user,bpf,include,vmlinux,debian,Makefile,tools/build-deb,tools/dist})
	DEB=$(find "$dir" -name 'srcpin_*.deb' 2>/dev/null)
	[[ -z $DEB || -n $(find "${sources[@]}" -newer "$DEB") ]] || return 0
	rm -rf "$dir"
	"$TOP/tools/build-deb" "$dir" "$@" >"$WORLD_DIR/deb.log" 2>&1 || {
		diag "$(tail -20 "$WORLD_DIR/deb.log")"
		bail_out "cannot build the package"
	}
	DEB=$(find "$dir" -name 'srcpin_*.deb')
}

# Debian 11 has neither the libc nor the libbpf that the package wants: the same program, with the libraries of this host beside it
install_beside() {
	local beside=/usr/lib/srcpin library
	mkdir -p "$BOX$beside"
	make -s -C "$TOP" O="$O/systemd/beside" LDFLAGS="-Wl,--dynamic-linker=$beside/ld.so,-rpath,$beside" &&
		cp "$O/systemd/beside/srcpin" "$BOX/usr/sbin/" || return 1
	while read -r library; do
		case $library in
		*/ld-linux*) cp "$library" "$BOX$beside/ld.so" ;;
		*) cp "$library" "$BOX$beside/" ;;
		esac || return 1
	done < <(ldd "$SRCPIN" | sed -nE 's/.*(=> |\t)(\/[^ ]*) .*/\2/p')
}

# without the package
install_program() {
	if [[ $SUITE == bullseye ]]; then
		install_beside
	else
		cp "$SRCPIN" "$BOX/usr/sbin/"
	fi
}

install_deb() {
	if [[ $SUITE == bullseye ]]; then
		install_beside
		return
	fi
	cp "$DEB" "$BOX/root/"
	in_box apt-get install -qq -y "/root/${DEB##*/}"
}

service_box() {
	[[ $SUITE == bullseye ]] || package
	network
	new_box
	"$@"
	boot
	wait_until "the router's advertisement has come" net_shared_address
	mail_begin
	diag "$(in_box systemctl --version | head -1), Debian $(<"$BOX/etc/debian_version"), kernel $(uname -r | cut -d- -f1)"
	ok "srcpin is installed" install_deb
	mail unpinned
	is "$(from unpinned)" shared "which changes nothing: mail leaves from the shared address"
	is "$(wire_sources)" shared "as the wire tells"
}

# Four lines
service_config() {
	cat >"$BOX/etc/srcpin.conf" <<-END
		# mail leaves from the address that is ours alone
		[${SECTION:-$SERVICE}]
		source  = $1
		ipv4    = deny
	END
}

service_pinned() {
	service_config "$OWN"
	ok "srcpin install --unit $1" in_box srcpin install --unit "$1"
	ok "systemctl restart $1" in_box systemctl restart "$1"
	wire_mark
	mail "pinned-$tap_n-"
	is "$(from "pinned-$tap_n-")" own "mail leaves from our own address"
	is "$(status_says)" "0 in-force" "srcpin status: in force"
}

service_is() {
	[[ $(in_box systemctl is-active "$SERVICE") == "$1" ]]
}

journal() {
	in_box journalctl --sync && in_box journalctl --quiet --no-pager --output cat --unit "$SERVICE" "$@"
}

dropin() {
	local file=$BOX/etc/systemd/system/$1.d/60-test.conf
	if [[ -n $2 ]]; then
		mkdir -p "${file%/*}"
		printf '[Service]\n%s\n' "$2" >"$file"
	else
		rm "$file"
	fi
	in_box systemctl daemon-reload
}

status_says() {
	local json exit
	json=$(in_box srcpin status --json)
	exit=$?
	echo "$exit $(jq -r '[.services[].state] | join(" ")' <<<"$json")"
}
