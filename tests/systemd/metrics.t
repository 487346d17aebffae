#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The metrics' service and timer, as they are shipped: the timer writes the file, and again; a host without the collector is no failure.

# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1

DIR=/var/lib/prometheus/node-exporter

metric() { # NAME: its samples
	in_box grep "^srcpin_$1" "$DIR/srcpin.prom"
}

has_ended() {
	[[ $(in_box systemctl is-active srcpin-metrics.service) == inactive ]]
}

written_again() {
	[[ $(in_box stat -c %i "$DIR/srcpin.prom") != "$1" ]]
}

network
new_box
cp "$SRCPIN" "$BOX/usr/sbin/srcpin"
cp "$TOP"/user/systemd/srcpin-metrics.{service,timer} "$BOX/etc/systemd/system/"
printf '[Service]\nExecStart=/bin/sleep infinity\n' >"$BOX/etc/systemd/system/mailer.service"
printf '[mailer.service]\nsource = %s\n' "$OWN" >"$BOX/etc/srcpin.conf"
boot
diag "systemd $(in_box systemctl --version | awk '{ print $2; exit }')"
wait_until "our own address is usable" address_usable "$OWN"
is "$(in_box systemd-analyze verify --man=no /etc/systemd/system/srcpin-metrics.{service,timer} 2>&1 | grep srcpin)" "" "systemd finds nothing to say against them"

in_box systemctl start srcpin-metrics.service
is "$? $(in_box systemctl is-failed srcpin-metrics.service)" "0 inactive" "without the collector's folder nothing is done, and nothing fails"

# each minute is too long to wait for
is "$(in_box systemctl show -P TimersMonotonic srcpin-metrics.timer | grep -oE 'On[A-Za-z]*USec=[^ ]*' | sort | paste -sd' ')" \
	"OnBootUSec=1min OnUnitActiveUSec=1min" "the timer: a minute after the boot, and each minute"
mkdir "$BOX/etc/systemd/system/srcpin-metrics.timer.d"
printf '[Timer]\nOnBootSec=\nOnBootSec=1s\nOnUnitActiveSec=2s\nAccuracySec=100ms\n' >"$BOX/etc/systemd/system/srcpin-metrics.timer.d/sooner.conf"
in_box systemctl daemon-reload
in_box mkdir -p "$DIR"
in_box systemctl enable --now srcpin-metrics.timer 2>/dev/null
wait_until "the timer has written the file" in_box test -e "$DIR/srcpin.prom"
is "$(metric services)" "srcpin_services 0" "the timer writes the file: nothing is loaded"
was=$(in_box stat -c %i "$DIR/srcpin.prom")
wait_until "the timer has written it again" written_again "$was"
pass "and again"
in_box systemctl stop srcpin-metrics.timer
wait_until "the service has ended" has_ended
is "$(in_box systemctl is-failed srcpin-metrics.service)" inactive "which is no failure"

in_box srcpin install --unit mailer.service >/dev/null
in_box systemctl start mailer.service
was=$(in_box stat -c %i "$DIR/srcpin.prom")
in_box systemctl start srcpin-metrics.service
is "$?" 0 "a service is pinned: written"
ok "the file is another one, renamed over the old" written_again "$was"
is "$(metric service_in_force)" 'srcpin_service_in_force{service="mailer.service",cgroup="/system.slice/mailer.service"} 1' "and says that it is in force"
is "$(metric 'service_older_connections{.*tcp')" 'srcpin_service_older_connections{service="mailer.service",cgroup="/system.slice/mailer.service",protocol="tcp"} 0' \
	"the sandbox keeps nothing from it"
is "$(in_box ls "$DIR")" srcpin.prom "there is no other file"

# on Debian its folder lies in one of the user prometheus
in_box chown nobody "${DIR%/*}"
# shellcheck disable=SC2016 # the inner shell's own
in_box setpriv --reuid=nobody --clear-groups sh -c 'mv "$1" "$1.was" && ln -s /etc "$1"' sh "$DIR"
in_box systemctl start srcpin-metrics.service 2>/dev/null
is "$? $(in_box sh -c 'ls /etc | grep prom')" "1 " "whose link to another folder has root write nothing there"
in_box rm "$DIR"
in_box mv "$DIR.was" "$DIR"
in_box chown root "${DIR%/*}"

# degraded is no failure of the unit, and what srcpin cannot do is one
own_address del
in_box systemctl start srcpin-metrics.service
is "$? $(metric service_source_usable)" "0 srcpin_service_source_usable{service=\"mailer.service\",cgroup=\"/system.slice/mailer.service\",source=\"$OWN\"} 0" \
	"the source is gone: the file says so"
was=$(in_box stat -c %i "$DIR/srcpin.prom")
in_box umount /sys/fs/bpf
in_box systemctl start srcpin-metrics.service 2>/dev/null
is "$? $(in_box systemctl is-failed srcpin-metrics.service)" "1 failed" "srcpin fails: so does the unit"
is "$(in_box stat -c %i "$DIR/srcpin.prom") $(in_box ls "$DIR")" "$was srcpin.prom" "and the file is the old one"
done_testing
