# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Real programs in a pinned cgroup. A table calls "pinned" and "refused" for each program; $ROOT has the programs ("/": the host's).
# Of each program it is tried first that it would leave from the shared address, unpinned.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../kernel/lib/world.sh" || exit 1
need python3 openssl
PROGRAMS=$WORLD_TOP/tests/programs
OWN='^(2001:db8:2::25|192\.0\.2\.25)$'

cgroup_of() { # pinned|free
	echo "$WORLD_CGROUP/$1"
}

leave_root() {
	[[ -z ${INSIDE-} ]] || umount -R "$INSIDE"
	INSIDE=
}

# the host's own mounts are in no folder that is removed at the end
programs_end() {
	local status=$?
	umount -l -R "${INSIDE:-/none}" "$WORLD_DIR/scratch" 2>/dev/null
	(exit $status)
	world_end
}
trap programs_end EXIT

devices() {
	local device
	mount -t tmpfs -o mode=755 tmpfs "$INSIDE/dev" || bail_out "cannot mount"
	for device in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9' 'tty 5 0'; do
		# shellcheck disable=SC2086 # words
		mknod -m 666 "$INSIDE/dev/"${device/ / c }
	done
	mkdir "$INSIDE/dev/"{net,pts,shm}
	mknod -m 666 "$INSIDE/dev/net/tun" c 10 200
	ln -s /proc/self/fd "$INSIDE/dev/fd"
	ln -s fd/0 "$INSIDE/dev/stdin"
	ln -s fd/1 "$INSIDE/dev/stdout"
	ln -s fd/2 "$INSIDE/dev/stderr"
	mount -t tmpfs -o mode=1777 tmpfs "$INSIDE/dev/shm"
}

# enter_root [LAYER]: the programs' / is $INSIDE from here on; what they write goes with the world
enter_root() {
	local lower=${ROOT-/}
	[[ -z ${1-} ]] || lower=$ROOT.$1:$lower
	leave_root
	rm -rf --one-file-system "$WORLD_DIR/scratch/"{upper,work}
	mkdir -p "$WORLD_DIR/scratch/"{upper,work,root}
	INSIDE=$WORLD_DIR/scratch/root
	mount -t overlay -o "lowerdir=$lower,upperdir=$WORLD_DIR/scratch/upper,workdir=$WORLD_DIR/scratch/work" overlay "$INSIDE" || bail_out "cannot make a root"
	devices
	mount -t tmpfs -o mode=755 tmpfs "$INSIDE/run" || bail_out "cannot mount"
	mkdir -p "$INSIDE/srv/programs" "$INSIDE/run/lock"
	mount --bind "$WORLD_DIR/shared" "$INSIDE/srv/programs"
	rm -f "$INSIDE/etc/resolv.conf"
	printf 'nameserver %s\noptions timeout:2 attempts:1\n' 2001:db8:9::1 >"$INSIDE/etc/resolv.conf"
	printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 vps.test vps\n' >"$INSIDE/etc/hosts"
	echo vps.test >"$INSIDE/etc/mailname"
}

servers_begin() {
	mkdir "$WORLD_DIR/shared"
	chmod 1777 "$WORLD_DIR/shared"
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$WORLD_DIR/shared/key" -out "$WORLD_DIR/shared/cert" -days 2 -subj /CN=peer.example.org 2>/dev/null
	cp "$PROGRAMS/inside.sh" "$PROGRAMS/programs/"* "$WORLD_DIR/shared"
	chmod a+rx "$WORLD_DIR"
	nsenter --net="$WORLD_PEER" -- python3 "$WORLD_HERE/peer.py" >"$WORLD_DIR/echo" 2>&1 &
	nsenter --net="$WORLD_PEER" -- python3 "$PROGRAMS/peer.py" "$WORLD_DIR/shared" >"$WORLD_DIR/peer" 2>&1 &
	nsenter --net="$WORLD_PEER" -- python3 "$PROGRAMS/wire.py" peer "$WORLD_DIR/wire" &
	wait_until "the peer listens" grep -qs ready "$WORLD_DIR/echo"
	wait_until "the peer serves" grep -qs ready "$WORLD_DIR/peer"
	wait_until "the wire is watched" grep -qs ready "$WORLD_DIR/wire"
}

# attempt pinned|free COMMAND: $did is yes or no, $seen which $sources the peer saw: own, shared, both or nothing
attempt() {
	local before
	token=t$((++attempts))x$RANDOM
	before=$(wc -l <"$WORLD_DIR/wire")
	did=no
	# shellcheck disable=SC2016 # the inner shell's
	# the loopback's ports, names, processes: as on a host of its own. The shell stays process 1: timeout refuses to be it
	if inside "$(cgroup_of "$1")" unshare --mount --pid --fork --kill-child --uts --ipc --mount-proc="$INSIDE/proc" -- \
		sh -c 'mount -t tmpfs -o mode=1777 tmpfs "$1/tmp" && chroot "$@"; exit $?' sh "$INSIDE" env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TOKEN="$token" \
		timeout -k 1 "${LIMIT:-40}" bash -c 'hostname vps.test; cd /tmp; . /srv/programs/inside.sh; '"$2" >"$WORLD_DIR/said" 2>&1 </dev/null; then
		did=yes
	fi
	vacate "$(cgroup_of "$1")"
	sleep 0.2
	sources=$(tail -n +$((before + 1)) "$WORLD_DIR/wire" | cut -d' ' -f1 | sort -u)
	case $(grep -cE "$OWN" <<<"$sources"):$(grep -cvE "$OWN|^$" <<<"$sources") in
	0:0) seen=nothing ;;
	*:0) seen=own ;;
	0:*) seen=shared ;;
	*) seen=both ;;
	esac
}

# judge WANTED WHAT
judge() {
	is "did $did, seen $seen" "$1" "$program: $2"
	[[ "did $did, seen $seen" == "$1" ]] || diag "sources: ${sources//$'\n'/ }
$(tail -n "${LINES_SAID:-6}" "$WORLD_DIR/said" | cut -c1-300)"
}

version_of() { # PACKAGE, or npm: the one of this name
	[[ $1 != npm ]] || {
		jq -r .version "$INSIDE/opt/npm/node_modules/$program/package.json"
		return
	}
	# shellcheck disable=SC2016 # dpkg-query's own
	chroot "$INSIDE" dpkg-query -W -f '${Version}' "$1" 2>/dev/null || echo "${VERSION-?}"
}

# layer [NAME]: the rows below run in that layer of tests/programs/packages
layer() {
	[[ -z $1 || ! -e $ROOT.$1 ]] || enter_root "$1"
	[[ -n $1 ]] || enter_root
}

# row: one of tests/PROGRAMS.md, if $ROWS names a file
table_row() { # PACKAGE DOES UNPINNED OUTCOME SETTING
	[[ -z ${ROWS-} ]] || printf '| %s | %s | %s | %s | %s | %s |\n' "$program" "$(version_of "$1")" "$2" "$3" "$4" "$5" >>"$ROWS"
}

# wanted NAME PACKAGE: is it there, and asked for?
wanted() {
	program=$1
	# shellcheck disable=SC2053 # a pattern
	[[ $1 == ${ONLY:-*} ]]
}

unpinned() { # COMMAND
	attempt free "$1"
	judge "did yes, seen shared" "unpinned it leaves from the shared address"
	rows=$((rows + 1))
	was="$seen"
}

# pinned NAME PACKAGE DOES COMMAND: it does what it does, from the source
pinned() {
	wanted "$1" || return 0
	unpinned "$4"
	attempt pinned "$4"
	judge "did yes, seen own" "pinned"
	table_row "$2" "$3" "$was" "$(outcome yes:own pinned)" ""
}

# refused NAME PACKAGE DOES COMMAND SETTING COMMAND: nothing leaves; with the setting it is pinned. lookups=own: its lookups leave, from the source
refused() {
	local first
	wanted "$1" || return 0
	unpinned "$4"
	attempt pinned "$4"
	judge "did no, seen ${lookups:-nothing}" "refused, and nothing leaves${lookups:+ but lookups}"
	first=$(outcome "no:${lookups:-nothing}" refused)
	attempt pinned "$6"
	judge "did yes, seen own" "with $5 it is pinned"
	table_row "$2" "$3" "$was" "$first, then $(outcome yes:own pinned)" "\`$5\`"
}

# listed NAME PACKAGE DOES COMMAND: the program binds by itself, each time to another one of a list of sources, and stays there
listed() {
	wanted "$1" || return 0
	rows=$((rows + 1))
	pin $'source = 2001:db8:2::25 2001:db8:2::26\nsource4 = 192.0.2.25'
	OWN='^2001:db8:2::2[56]$' attempt pinned "$4"
	judge "did yes, seen own" "pinned to a list, bound to one of it"
	table_row "$2" "$3" "" "$(outcome yes:own pinned)" "\`source = SOURCE SOURCE2\`"
	pin "$one_source"
}

outcome() { # WANTED WORD
	if [[ $did:$seen == "$1" ]]; then echo "$2"; else echo "**$did, $seen**"; fi
}

# pin BODY
pin() {
	config "$1" pinned
	"$SRCPIN" load --cgroup "$(cgroup_of pinned)" -c "$CONFIG" >"$WORLD_DIR/load" 2>&1 || bail_out "cannot load: $(<"$WORLD_DIR/load")"
}

attempts=0 rows=0 one_source=$'source = 2001:db8:2::25\nsource4 = 192.0.2.25'
ip addr add 192.0.2.25/24 dev vps
mkdir "$(cgroup_of pinned)" "$(cgroup_of free)"
servers_begin
enter_root
pin "$one_source"
