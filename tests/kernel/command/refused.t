#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What cannot work: the exit status, one sentence, and in it the remedy.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

need strace setpriv

# refused WHAT STATUS REGEX COMMAND...
refused() {
	local what=$1 want=$2 regex=$3 status
	shift 3
	run "$@"
	status=$?
	if [[ $status == "$want" && -z $out ]] && one_sentence "$err" && [[ $err =~ $regex ]]; then
		pass "$what: $err"
	else
		fail "$what" "exits with $status, wanted $want"$'\n'"stdout: $out"$'\n'"stderr: $err"$'\n'"like: $regex"
	fi
}

# The same command in a mount namespace of its own, after some change to it
apart() {
	local change=$1
	shift
	unshare --mount -- "$BASH" -c "$change"$' || exit 99\nexec "$@"' bash "$@"
}

# The same, on a host that has these mounts
elsewhere() {
	# shellcheck disable=SC2016 # $ is the other shell's
	apart 'mount --bind "/proc/$$" /proc/1 && { '"$1; }" "${@:2}"
}

config 'source = 2001:db8:2::25'
load=("$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG")
nothing=$(state)

# the system
no_bpffs='while mountpoint -q /sys/fs/bpf; do umount -l /sys/fs/bpf; done'
refused "no bpffs" 2 'mount -t bpf -o mode=700 bpf /sys/fs/bpf' elsewhere "$no_bpffs" "${load[@]}"
# were it mounted here, it would end with the command
run unshare --mount -- "$BASH" -c "$no_bpffs"$'\n"$@"; mountpoint /sys/fs/bpf' bash "${load[@]}"
like "$out" 'is not a mountpoint' "and load has mounted none"
is "$(source_of "$WORLD_CGROUP")" 2001:db8:1::5 "nor is anything pinned"
refused "no bpffs, status" 2 'mount -t bpf' elsewhere "$no_bpffs" "$SRCPIN" status
refused "no cgroup2" 2 'cgroup2' elsewhere "umount -l '$WORLD_MOUNT'" "${load[@]}"
# in a mount namespace that is not the host's a mount would be no remedy: it ends with that
leave="in this mount namespace, which is not the host's \(leave it; in place of ip netns exec: nsenter --net=/run/netns/NAME srcpin \.\.\.\)$"
refused "no bpffs, as under ip netns exec" 2 "^srcpin: cannot use /sys/fs/bpf: no bpffs is mounted there $leave" apart "$no_bpffs" "${load[@]}"
refused "no bpffs, as under ip netns exec, status" 2 "$leave" apart "$no_bpffs" "$SRCPIN" status
refused "no cgroup2, as under ip netns exec" 2 "^srcpin: cannot find the cgroup2 hierarchy: it is not mounted $leave" \
	apart "umount -l '$WORLD_MOUNT'" "${load[@]}"
refused "no BTF" 2 'BTF' elsewhere 'mount -t tmpfs none /sys/kernel/btf' "${load[@]}"
refused "no bpf(2)" 2 'bpf|BPF' strace -f -qq -o /dev/null -e trace=bpf -e inject=bpf:error=ENOSYS "${load[@]}"

for error in EMFILE ENOMEM; do # of the first map, say
	refused "$error of bpf(2)" 2 'cannot load the BPF programs: [^()]*$' strace -f -qq -o /dev/null -e trace=bpf -e inject=bpf:error=$error:when=20+ "${load[@]}"
done

# what is missing has its name: no less, and nothing else
without() {
	setpriv "--bounding-set=$1" "--inh-caps=$1" "${@:2}"
}
refused "no privilege" 2 '\(CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON are missing; run srcpin as root\)$' without -all "${load[@]}"
refused "no CAP_BPF" 2 '\(CAP_BPF is missing; run srcpin as root\)$' without -bpf,-sys_admin "${load[@]}"
refused "no CAP_NET_ADMIN" 2 '\(CAP_NET_ADMIN is missing; run srcpin as root\)$' without -net_admin,-sys_admin "${load[@]}"
refused "no CAP_PERFMON" 2 '\(CAP_PERFMON is missing; run srcpin as root\)$' without -perfmon,-sys_admin "${load[@]}"
refused "CAP_NET_ADMIN alone" 2 '\(CAP_BPF and CAP_PERFMON are missing; run srcpin as root\)$' without -all,+net_admin "${load[@]}"
refused "a filter of system calls" 2 'no capability is missing: a seccomp filter' \
	strace -f -qq -o /dev/null -e trace=bpf -e inject=bpf:error=EPERM "${load[@]}"

# a security module denies root one command of bpf(2), with EACCES; the verifier says EACCES, too, but not of all programs
lsm='Permission denied \(no capability is missing: an LSM or a seccomp filter forbids it; ausearch -m avc shows what SELinux denied\)$'
refused "EACCES of bpf(2)" 2 "^srcpin: cannot load the BPF programs: $lsm" \
	strace -f -qq -o /dev/null -e trace=bpf -e inject=bpf:error=EACCES "${load[@]}"
refused "EACCES of BPF_MAP_CREATE" 2 "^srcpin: cannot load the BPF programs: $lsm" "$HELPERS/forbid" 0 "${load[@]}"
refused "EACCES of BPF_PROG_LOAD" 2 "^srcpin: cannot load the BPF programs: $lsm" "$HELPERS/forbid" 5 "${load[@]}"
refused "EACCES of BPF_OBJ_PIN" 2 "^srcpin: cannot write /sys/fs/bpf/srcpin/maps/[a-z]*: $lsm" "$HELPERS/forbid" 6 "${load[@]}"
refused "EACCES of BPF_OBJ_GET" 2 "^srcpin: cannot open the maps in /sys/fs/bpf/srcpin/maps: $lsm" "$HELPERS/forbid" 7 "${load[@]}"
refused "EACCES of BPF_LINK_CREATE" 2 "^srcpin: cannot attach bind6 to cgroup /$WORLD_SECTION: $lsm" "$HELPERS/forbid" 28 "${load[@]}"
run "$HELPERS/forbid" 5 "$SRCPIN" doctor -c "$CONFIG" --json
like "$(jq -r '.checks[] | select(.id == "kernel") | .level + " " + .seen' <<<"$out")" "^unknown .* does not say what BPF programs it has: $lsm" \
	"EACCES of BPF_PROG_LOAD, doctor"
same_state "$nothing" "nothing is there after that"
"${load[@]}" >/dev/null
for command in "status" "load --cgroup $WORLD_CGROUP -c $CONFIG" "unload --cgroup $WORLD_CGROUP"; do
	read -ra words <<<"$command"
	refused "EACCES of BPF_OBJ_GET, with a policy in force, ${words[0]}" 2 "^srcpin: cannot open the maps in /sys/fs/bpf/srcpin/maps: $lsm" \
		"$HELPERS/forbid" 7 "$SRCPIN" "${words[@]}"
done
is "$(source_of "$WORLD_CGROUP")" 2001:db8:2::25 "which stays in force"
"$SRCPIN" unload --all

# root of a user namespace is told so, also where it is another user outside
inside_only='this is root only inside a user namespace: run srcpin on the host'
refused "in a user namespace" 2 "$inside_only" unshare -Ur "${load[@]}"
refused "in a user namespace, doctor" 2 "$inside_only" unshare -Ur "$SRCPIN" doctor -c "$CONFIG"

# another user, who must not get hold of our folder either, where bpffs lets everybody write (as it does by itself)
chmod 0755 "$WORLD_DIR"
install -m 0755 "$SRCPIN" "$WORLD_DIR/srcpin"
somebody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
refused "another user, watch, with nothing loaded" 2 'root' "${somebody[@]}" timeout 10 "$WORLD_DIR/srcpin" watch
refused "another user" 2 'run srcpin as root' "${somebody[@]}" "$WORLD_DIR/srcpin" load --cgroup "$WORLD_CGROUP" -c "$CONFIG"
"${load[@]}" >/dev/null
refused "in a user namespace, status" 2 "$inside_only" unshare -Ur "$SRCPIN" status
for command in "2 status" "2 unload --all" "2 unload --cgroup $WORLD_CGROUP" "1 load --cgroup $WORLD_CGROUP -c $CONFIG"; do
	read -ra words <<<"$command"
	refused "another user in a user namespace, ${words[1]}" "${words[0]}" "$inside_only" \
		"${somebody[@]}" unshare -Ur "$WORLD_DIR/srcpin" "${words[@]:1}"
done
"$SRCPIN" unload --all
"${somebody[@]}" mkdir /sys/fs/bpf/srcpin
refused "our folder is another user's" 2 '/sys/fs/bpf/srcpin' "${load[@]}"
"${somebody[@]}" mkdir -p /sys/fs/bpf/srcpin # the refused load may have removed it: it is empty
refused "our folder is another user's, status" 2 '/sys/fs/bpf/srcpin' "$SRCPIN" status
[[ ! -d /sys/fs/bpf/srcpin ]] || {
	"$SRCPIN" unload --all >/dev/null 2>&1
	rmdir /sys/fs/bpf/srcpin 2>/dev/null
}

# a link that somebody has planted leads nowhere: not into a folder of ours, nor in circles
mkdir -p "$WORLD_DIR/victim/maps"
touch "$WORLD_DIR/victim/maps/precious"
"${somebody[@]}" ln -s "$WORLD_DIR/victim" /sys/fs/bpf/srcpin
refused "our folder is a link" 2 'not a folder' "${load[@]}"
refused "our folder is a link, status" 2 'not a folder' "$SRCPIN" status
refused "our folder is a link, unload" 2 'not a folder' "$SRCPIN" unload --all
ok "what the link leads to is untouched" test -e "$WORLD_DIR/victim/maps/precious"
rm /sys/fs/bpf/srcpin
"${somebody[@]}" ln -s "$WORLD_DIR/nowhere" /sys/fs/bpf/srcpin
refused "our folder is a link to nowhere" 2 'not a folder' timeout 10 "${load[@]}"
rm /sys/fs/bpf/srcpin

# what another version of ours has left in force is neither read as if it were ours, nor lost
"${load[@]}" >/dev/null
rm /sys/fs/bpf/srcpin/maps/counts
bpftool map create /sys/fs/bpf/srcpin/maps/counts type hash key 8 value 512 entries 1 name srcpin_counts
refused "another ABI, status" 2 'another ABI.*unload --all' "$SRCPIN" status
refused "another ABI, load" 2 'another ABI.*unload --all' "${load[@]}"
is "$(source_of "$WORLD_CGROUP")" 2001:db8:2::25 "another ABI: still in force"
ok "another ABI: unload --all" "$SRCPIN" unload --all
is "$(source_of "$WORLD_CGROUP")" 2001:db8:1::5 "another ABI: unloaded"

# one that says which it is: abi 99, version 7.7.7 (struct srcpin_build)
"${load[@]}" >/dev/null
rm /sys/fs/bpf/srcpin/programs/build
bpftool map create /sys/fs/bpf/srcpin/programs/build type array key 4 value 32 entries 1 name .rodata.build
# shellcheck disable=SC2046 # bytes
bpftool map update pinned /sys/fs/bpf/srcpin/programs/build key 0 0 0 0 value 99 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 55 46 55 46 55 $(printf '0 %.0s' {1..11})
refused "another ABI number, status" 2 'srcpin 7\.7\.7 has loaded it, with another ABI \(99\).*unload --all' "$SRCPIN" status
refused "another ABI number, load" 2 'srcpin 7\.7\.7 has loaded it, with another ABI \(99\).*unload --all' "${load[@]}"
is "$(source_of "$WORLD_CGROUP")" 2001:db8:2::25 "another ABI number: still in force"
ok "another ABI number: unload --all" "$SRCPIN" unload --all

# which pins nothing any more, as after a restart of the one service
another_abi() {
	rm /sys/fs/bpf/srcpin/programs/build
	bpftool map create /sys/fs/bpf/srcpin/programs/build type array key 4 value 32 entries 1 name .rodata.build
	# shellcheck disable=SC2046 # bytes
	bpftool map update pinned /sys/fs/bpf/srcpin/programs/build key 0 0 0 0 value 99 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 55 46 55 46 55 $(printf '0 %.0s' {1..11})
}
mkdir "$WORLD_CGROUP/restarts"
printf '[restarts]\nsource = 2001:db8:2::25\n' >>"$CONFIG"
"$SRCPIN" load --cgroup "$WORLD_CGROUP/restarts" -c "$CONFIG" >/dev/null
"${load[@]}" >/dev/null
another_abi
rmdir "$WORLD_CGROUP/restarts"
refused "another ABI number, one of two is gone" 2 'with another ABI \(99\).*unload --all' "${load[@]}"
"$SRCPIN" unload --all
mkdir "$WORLD_CGROUP/restarts"
"$SRCPIN" load --cgroup "$WORLD_CGROUP/restarts" -c "$CONFIG" >/dev/null
another_abi
rmdir "$WORLD_CGROUP/restarts"
"${load[@]}" >/dev/null
is "$? $(source_of "$WORLD_CGROUP")" "0 2001:db8:2::25" "another ABI number, of what is gone: load replaces it"
is "$("$SRCPIN" status --json | jq '.services | length')" 1 "and nothing of it is left"
"$SRCPIN" unload --all

# the cgroup
refused "no such cgroup" 1 'no-such' "$SRCPIN" load --cgroup no-such.service -c "$CONFIG"
refused "no such path" 1 'no-such' "$SRCPIN" load --cgroup "$WORLD_CGROUP/no-such" -c "$CONFIG"
mkdir -p "$WORLD_CGROUP/a/twice-$$" "$WORLD_CGROUP/b/twice-$$"
refused "a name that two have" 1 "a/twice-$$.*b/twice-$$" "$SRCPIN" load --cgroup "twice-$$" -c "$CONFIG"
refused "an empty name" 1 'needs a name' "$SRCPIN" load --cgroup '' -c "$CONFIG"
refused "not a cgroup" 1 'cgroup' "$SRCPIN" load --cgroup /etc -c "$CONFIG"

# the config
refused "no config" 1 'no-such' "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$WORLD_DIR/no-such"
refused "the config is a folder" 1 "$WORLD_DIR" "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$WORLD_DIR"
chown 65534 "$CONFIG"
refused "not root's config" 1 'root|own' "${load[@]}"
refused "not root's config, check" 1 'root|own' "$SRCPIN" check -c "$CONFIG"
chown 0 "$CONFIG"
chmod 0664 "$CONFIG"
refused "a config that a group can write" 1 'writ' "${load[@]}"
chmod 0646 "$CONFIG"
refused "a config that all can write" 1 'writ' "${load[@]}"
chmod 0644 "$CONFIG"
config 'source = 2001:db8:2::25' other.service
refused "no section" 1 "\\[$WORLD_SECTION\\]" "${load[@]}"

# all errors of the text at once, each with its position
config $'sauce = 1\nsource = 192.0.2.1\nports = 0'
run "${load[@]}"
is "$?" 1 "errors in the config: load exits with 1"
is "$(grep -cE "^(srcpin: )?$CONFIG:[0-9]+:[0-9]+: " <<<"$err")" 3 "errors in the config: each with its position"
is "$(wc -l <<<"$err")" 3 "errors in the config: nothing else is said"
first_err=$err
run "$SRCPIN" check -c "$CONFIG"
is "$?" 1 "errors in the config: check exits with 1"
is "$err" "$first_err" "errors in the config: check says the same"
config 'source = 2001:db8:2::25'
run "$SRCPIN" check -c "$CONFIG"
is "$?" 0 "a good config: check exits with 0"
printf '[mail*]\nsource = 2001:db8:2::25\nipv4 = deny\n[mail@*.service]\nsource = 2001:db8:2::26\nipv4 = deny\n' >"$CONFIG"
run "$SRCPIN" check -c "$CONFIG"
is "$? $(tail -1 <<<"$out")" "0 $CONFIG:4: [mail@*.service] is never used: [mail*] on line 1 comes first, and has all of its names" "check names a section that is never used"
is "$("$SRCPIN" explain -c "$CONFIG" --cgroup mail@1.service 2001:db8:9::1 | grep -o '2001:db8:2::2[56]' | head -1)" 2001:db8:2::25 "... and it is not used"
config 'source = 2001:db8:2::25'

# the command line
refused "unknown option" 1 'help' "$SRCPIN" load --no-such
refused "unknown command" 1 'help' "$SRCPIN" no-such
refused "no command" 1 'help' "$SRCPIN"
refused "no cgroup" 1 'cgroup' "$SRCPIN" load -c "$CONFIG"
refused "one argument too many" 1 'more' "${load[@]}" more
refused "an option without its value" 1 'cgroup' "$SRCPIN" load --cgroup
run "$SRCPIN" --help
is "$?" 0 "--help exits with 0"
run "$SRCPIN" --version
is "$?" 0 "--version exits with 0"

# libbpf's own words
inject=(strace -f -qq -o /dev/null -e trace=bpf -e inject=bpf:error=EINVAL:when=24+)
refused "the kernel refuses a program" 2 '.' "${inject[@]}" "${load[@]}"
run "${inject[@]}" "${load[@]}" -v
ok "the kernel refuses a program, -v: libbpf's words, too" grep -q libbpf <<<"$err"

same_state "$nothing" "after all that nothing is there"
done_testing
