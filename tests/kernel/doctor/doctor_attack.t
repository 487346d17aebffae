#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What a process or a cgroup names is never run, and never opened with root's rights: programs, configurations and settings that a
# user without rights puts in front of doctor. What is asked is the package's program, as the mail server's own user; what the
# DNS says is read by a process without rights.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/doctor/doctor.sh
. "$(dirname "${BASH_SOURCE[0]}")/doctor.sh" || exit 1
# shellcheck source=tests/kernel/lib/dns.sh
. "$WORLD_HERE/dns.sh" || exit 1

need setpriv mkfifo unshare
A=2001:db8:2::25
NOBODY=$(id -u nobody)
# 20 s: longer than any limit that is named to it, and shorter than what hangs; its status is 124 then
wrapped=(timeout --kill-after=1 20)

# ---- what a package would have put there: in this test's own mounts, above the host's folders

over() { # FOLDER
	local layers=$WORLD_DIR/layers$1
	mkdir -p "$layers"/{upper,work}
	mount -t overlay overlay -o "lowerdir=$1,upperdir=$layers/upper,workdir=$layers/work" "$1" || bail_out "cannot mount an overlay over $1"
}

users() { # LINE...
	grep -vE '^(Debian-exim|exim|postfix|opensmtpd|smtpd|_smtpd):' /etc/passwd >"$WORLD_DIR/passwd.new"
	printf '%s\n' "$@" >>"$WORLD_DIR/passwd.new"
	cp "$WORLD_DIR/passwd.new" /etc/passwd
}

EXIM=Debian-exim:x:4242:4243::/:/usr/sbin/nologin
OTHERS=(postfix:x:4252:4253::/:/usr/sbin/nologin opensmtpd:x:4262:4263::/:/usr/sbin/nologin)
over /usr/sbin
over /usr/lib
over /etc
users "$EXIM" "${OTHERS[@]}"
mkdir -p /usr/lib/postfix/sbin /etc/postfix
for program in /usr/sbin/{exim4,smtpd,postconf} /usr/lib/postfix/sbin/master; do
	install -m 755 "$HELPERS/mailserver" "$program"
done
touch /etc/postfix/{main,master}.cf
printf 'action "out" relay src 2001:db8:1::5\n' >/etc/smtpd.conf
chmod 711 "$WORLD_DIR"

# ---- what anybody may have

THEIRS=$WORLD_DIR/theirs
mkdir -p "$THEIRS/postfix"
for name in exim4 exim smtpd mta postfix/master; do
	install -m 755 "$HELPERS/mailserver" "$THEIRS/$name"
done
chown -R nobody "$THEIRS"

as_nobody() { # COMMAND...
	setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"
}

# runs PROGRAM...: a process in the service's cgroup, until they_end
runs() {
	(echo "$BASHPID" >"$WORLD_CGROUP/cgroup.procs" && exec "$@") &
	they+=($!)
	wait_until "$1 runs" is_running "$!"
}

is_running() {
	[[ $(tr '\0' ' ' <"/proc/$1/cmdline") != *bash* ]]
}

nobody_runs() {
	runs setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"
	wait_until "it is nobody's" is_uid "${they[-1]}" "$NOBODY"
}

is_uid() { # PID UID
	grep -qE "^Uid:\s$2\s$2\s" "/proc/$1/status" && ! grep -q setpriv "/proc/$1/comm"
}

they_end() {
	local pid
	for pid in "${they[@]}"; do
		kill -KILL "$pid"
		wait "$pid" 2>/dev/null
	done
	they=()
}
they=()

# not_run WHAT: in time, nothing of theirs was run; no finding came of it
not_run() {
	is "$doctor_status $(jq -r .findings <<<"$out")" "0 0" "$1: doctor ends in time, without a finding"
	is "$(find "$THEIRS" -name touched)" "" "$1: it is not run"
	rm -f "$THEIRS/touched" "$THEIRS/postfix/touched"
}

# theirs ID SEEN WHAT: one unknown check, and it was not run
theirs() {
	like "$(seen "$1")" "^unknown ($2)\$" "$3: unknown, with the reason"
	doctor --json
	doctor_status=$?
	not_run "$3"
}

refusal_of() { # PROGRAM
	echo "process [0-9]+, $1, is run by uid $NOBODY, and is not the program of a package \(.*\): it is neither run nor believed"
}

put "source = $A"
healthy "all is well"

nobody_runs "$THEIRS/exim4"
theirs exim "$(refusal_of "$THEIRS/exim4")" "a program that is called exim4"
for mode in sleep print hold; do
	echo $mode >"$THEIRS/mode"
	theirs exim "$(refusal_of "$THEIRS/exim4")" "a program that is called exim4, and would $mode"
done
rm "$THEIRS/mode"
they_end

ln -s mta "$THEIRS/exim4-link"
nobody_runs "$THEIRS/exim4-link"
is "$(seen exim)" "" "a symbolic link: the program is what it is"
they_end

mkfifo "$THEIRS/fifo"
ln -s /etc/shadow "$THEIRS/link"
for named in "$THEIRS/fifo" /dev/zero /etc/shadow "$THEIRS/link"; do
	nobody_runs "$THEIRS/smtpd" -f "$named"
	theirs opensmtpd "$(refusal_of "$THEIRS/smtpd")" "nobody's smtpd -f $named"
	they_end
done

mkdir "$THEIRS/config"
nobody_runs "$THEIRS/postfix/master" -c "$THEIRS/config"
theirs postfix "$(refusal_of "$THEIRS/postfix/master")" "nobody's master -c DIR"
they_end

# a cgroup that was handed to a user, who gives it the name of a section
mkdir "$WORLD_CGROUP/handed"
chown -R nobody "$WORLD_CGROUP/handed"
as_nobody mkdir "$WORLD_CGROUP/handed/bait-$$.service"
(echo "$BASHPID" >"$WORLD_CGROUP/handed/bait-$$.service/cgroup.procs" && exec setpriv --reuid=nobody --regid=nogroup --clear-groups "$THEIRS/exim4") &
they+=($!)
wait_until "it is nobody's" is_uid "$!" "$NOBODY"
printf '[%s]\nsource = %s\n' "bait-$$.service" "$A" >>"$CONFIG"
doctor --json
is "$(find "$THEIRS" -name touched)" "" "in a cgroup that was handed to a user: it is not run"
they_end
rmdir "$WORLD_CGROUP/handed/bait-$$.service" "$WORLD_CGROUP/handed"
put "source = $A"

# the package's own programs, run by another
nobody_runs /usr/sbin/exim4 -C "$THEIRS/config"
theirs exim "process [0-9]+, /usr/sbin/exim4, is run by uid $NOBODY: it is not believed to be the mail server" "nobody runs Exim"
they_end

# ---- the package's program, run by root: it is asked as its user, with nothing

RIGHTS="Uid: 4242 4242 4242 4242;Gid: 4243 4243 4243 4243;Groups: *;CapInh: 0+;CapPrm: 0+;CapEff: 0+;CapBnd: 0+;CapAmb: 0+;NoNewPrivs: 1;fds: 0 1 2;in /;stdin /dev/null;session own;"
ASKED="interface of the transport rights is '$RIGHTS\\$', which only the mail server can make an address of"
runs /usr/sbin/exim4 -bd
# shellcheck disable=SC2016 # for the inner shell
wrapped+=(setpriv "--groups=1,2,3" "$BASH" -c 'exec 9</etc/shadow "$@"' --)
has exim unknown "$ASKED" "Exim is asked without rights"
wrapped=("${wrapped[@]:0:3}")

# the others do not hide it
nobody_runs "$THEIRS/exim4"
for i in {1..20}; do
	cp "$THEIRS/mta" "$THEIRS/exim-$i"
	nobody_runs "$THEIRS/exim-$i"
done
has exim unknown "$ASKED" "with 21 others beside it: it is asked"
has exim unknown "$(refusal_of "$THEIRS/exim.*")" "with others beside it: they are told"
has mail unknown "there are 17 more processes that look like a mail server's and are not" "with others beside it: not all of them"
not_run "with others beside it"
they_end

# by its limits
runs /usr/sbin/exim4 -bd
echo sleep >/usr/sbin/mode
has exim unknown "cannot run /usr/sbin/exim4: it did not end within 10 s, and was killed" "Exim does not end"
is "$(pgrep --ns $$ --nslist mnt -u 4242)" "" "it is not left running"
echo print >/usr/sbin/mode
has exim unknown "cannot run /usr/sbin/exim4: it says more than 1024 KiB, and was killed" "Exim prints without end"
echo hold >/usr/sbin/mode
has exim unknown "cannot run /usr/sbin/exim4: it did not end within 10 s, and was killed" "Exim leaves its output to another"
pkill -KILL -u 4242 # it went its own way
rm /usr/sbin/mode

users
has exim unknown "there is no user Debian-exim" "a host without Exim's user"
users "Debian-exim:x:0:0::/:/bin/sh"
has exim unknown "there is no user Debian-exim" "Exim's user is root"
users "$EXIM" "${OTHERS[@]}"
chown nobody /usr/sbin/exim4
has exim unknown "process [0-9]+, /usr/sbin/exim4, is run by uid 0, and is not the program of a package .*" "Exim is not root's"
chown root /usr/sbin/exim4
chmod 777 /usr/sbin
has exim unknown "process [0-9]+, /usr/sbin/exim4, is run by uid 0, and is not the program of a package .*" "Exim's folder is for others to write"
chmod 755 /usr/sbin
install -m 755 "$HELPERS/mailserver" /usr/sbin/exim4.new
mv /usr/sbin/exim4.new /usr/sbin/exim4
has exim unknown "/usr/sbin/exim4 \(deleted\), which process [0-9]+ runs, was replaced or removed since: .* \(restart the service\)" "Exim was upgraded"
they_end

# ---- configurations

runs /usr/sbin/smtpd
finding opensmtpd "src of the action out binds to 2001:db8:1::5, which is not the source" "OpenSMTPD's own file is read"
chmod 600 /etc/smtpd.conf
has opensmtpd unknown "cannot read /etc/smtpd.conf: Permission denied" "not with root's rights"
head -c 2000000 /dev/zero | tr '\0' '\n' >/etc/smtpd.conf
chmod 644 /etc/smtpd.conf
has opensmtpd unknown "cannot read /etc/smtpd.conf: it says more than 1024 KiB, and was killed" "not if it is large"
echo 'action "out" relay src 2001:db8:1::5' >/etc/smtpd.conf
outside=("${wrapped[@]}")
wrapped+=(strace -f -qq -o /dev/null -P /etc/smtpd.conf -e trace=read -e inject=read:signal=KILL)
has opensmtpd unknown "cannot read /etc/smtpd.conf: its child has died" "what reads it is killed"
wrapped=("${outside[@]}")
they_end

# names_config ID PROGRAM OPTION PATH REASON WHAT: a process of root's names a configuration
names_config() {
	runs "$2" "$3" "$4"
	doctor --json
	doctor_status=$?
	has "$1" unknown "$5" "$6"
	not_run "$6"
	they_end
}

NOT_LOOKED_AT="the configuration that .* was started with is not looked at: "
printf 'action "out" relay src 2001:db8:1::5\n' >"$THEIRS/smtpd.conf"
cp "$THEIRS/smtpd.conf" "$WORLD_DIR/smtpd.conf"
names_config opensmtpd /usr/sbin/smtpd -f "$THEIRS/fifo" "${NOT_LOOKED_AT}refusing .*" "smtpd -f FIFO"
names_config opensmtpd /usr/sbin/smtpd -f /dev/zero "${NOT_LOOKED_AT}refusing /dev/zero: not a regular file" "smtpd -f /dev/zero"
names_config opensmtpd /usr/sbin/smtpd -f "$THEIRS/smtpd.conf" "${NOT_LOOKED_AT}refusing .*" "smtpd -f a file of nobody's"
names_config opensmtpd /usr/sbin/smtpd -f "$THEIRS/link" "${NOT_LOOKED_AT}refusing .*" "smtpd -f a link of nobody's to /etc/shadow"
names_config opensmtpd /usr/sbin/smtpd -f smtpd.conf "/usr/sbin/smtpd was started with a configuration that has no absolute path, smtpd.conf" "smtpd -f without a path"
echo 'include "secret"' >/etc/only-root
chmod 600 /etc/only-root
names_config opensmtpd /usr/sbin/smtpd -f /etc/only-root "cannot read /etc/only-root: Permission denied" "smtpd -f what is for root to read"
is "$(grep -c secret <<<"$out")" 0 "smtpd -f what is for root to read: nothing of it is shown"
cp "$THEIRS/smtpd.conf" "$THEIRS/config/main.cf"
cp "$THEIRS/smtpd.conf" "$THEIRS/config/master.cf"
names_config postfix /usr/lib/postfix/sbin/master -c "$THEIRS/config" "${NOT_LOOKED_AT}refusing .*" "master -c a folder of nobody's"
names_config exim /usr/sbin/exim4 -C "$THEIRS/smtpd.conf" "${NOT_LOOKED_AT}refusing .*" "exim4 -C a file of nobody's"

mkdir "$WORLD_DIR/root"
# with the libraries that it is linked with, and what loads them
mapfile -t files < <(ldd /usr/sbin/smtpd | grep -o '/[^ ]*')
cp -L --parents /usr/sbin/smtpd "${files[@]}" "$WORLD_DIR/root"
runs chroot "$WORLD_DIR/root" /usr/sbin/smtpd
has opensmtpd unknown ".*/usr/sbin/smtpd runs with another root folder: its settings are not looked at" "in another root folder"
they_end

# ---- the DNS is asked without rights

# without_rights UID WHAT COMMAND...: while it waits for a DNS server that is silent, the process that asks has none
without_rights() {
	local what=$2 uid=$1 pid
	shift 2
	"$@" >"$WORLD_DIR/asked" 2>&1 &
	wait_until "$what: it asks the DNS" asks
	pid=$(asking)
	is "$(awk '/^(Uid|Gid|Groups|Cap|NoNewPrivs)/ { $1 = $1; print }' "/proc/$pid/status" | paste -sd';')" \
		"Uid: $uid $uid $uid $uid;Gid: $uid $uid $uid $uid;Groups:;CapInh: $NONE;CapPrm: $NONE;CapEff: $NONE;CapBnd: $NONE;CapAmb: $NONE;NoNewPrivs: 1" \
		"$what: what asks the DNS has no rights"
	as_nobody kill -STOP "$pid" 2>/dev/null
	is "$?" 1 "$what: nobody can stop it"
	is "$(find "/proc/$pid/fd" -lname '/*' ! -lname "$WORLD_DIR/asked" ! -lname /dev/null)" "" "$what: nor a file that is open"
	kill "$!" 2>/dev/null
	wait "$!" 2>/dev/null
}

# the process with a socket to the DNS server
asking() {
	ss -Hunp "dst $DNS_SERVER" | sed -nE 's/.*pid=([0-9]+).*/\1/p' | head -1
}

asks() {
	[[ -n $(asking) ]]
}

NONE=0000000000000000
SPARE=2147480025 # nobody's
is "$(getent passwd "$SPARE")" "" "no user has that uid"
dns_serve 53
kill -STOP "$DNS_PID"
without_rights "$SPARE" doctor "$SRCPIN" doctor -c "$CONFIG" --dns "$DNS_SERVER"
without_rights "$SPARE" explain "$SRCPIN" explain --cgroup "$WORLD_SECTION" -c "$CONFIG" --dns "$DNS_SERVER" mail.test
without_rights "$SPARE" probe "$SRCPIN" probe --cgroup "$WORLD_CGROUP" --dns "$DNS_SERVER" --mx mail.test
kill -CONT "$DNS_PID"

# ---- systemctl, where systemd runs: the package's, and asked without a capability

over /usr/bin
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system "$WORLD_DIR/path"
install -m 755 "$HELPERS/mailserver" /usr/bin/systemctl
printf '#!/bin/sh\ntouch "%s"\n' "$WORLD_DIR/touched" >"$WORLD_DIR/path/systemctl"
chmod 755 "$WORLD_DIR/path/systemctl"
run env PATH="$WORLD_DIR/path:$PATH" setpriv --groups=1,2,3 "$BASH" -c 'exec 9</etc/shadow "$@"' -- "$SRCPIN" install -n --unit x.service
like "$? $err" "^2 srcpin: systemctl show failed: Uid: 0 0 0 0;Gid: 0 0 0 0;${RIGHTS#*;*;}\$" "systemctl is asked without rights"
is "$(find "$WORLD_DIR" -name touched)" "" "and it is not what PATH has"
chown nobody /usr/bin/systemctl
run "$SRCPIN" install -n --unit x.service
like "$? $err" "^2 srcpin: refusing /usr/bin/systemctl: .* belongs to uid $NOBODY" "a systemctl that is not root's is not run"
umount /run
ok "unload" "$SRCPIN" unload --all
done_testing
