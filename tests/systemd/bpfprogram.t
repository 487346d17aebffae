#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Why srcpin does not rely on systemd's BPFProgram=: on 252 and 254 it is silently lost at the first restart.

# shellcheck source=tests/systemd/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1

# what the service gets when it connects to where foreign_deny lets nobody, or the kernel, that there is no way
connects() {
	wait_until "the service has tried" test -s "/proc/$BOX_PID/root/run/tried"
	sed -n '$s/.*: //p' "/proc/$BOX_PID/root/run/tried"
	rm "/proc/$BOX_PID/root/run/tried"
}

network
new_box
cp "$HELPERS/foreign.bpf.o" "$BOX/root/"
cat >"$BOX/etc/systemd/system/connects.service" <<-END
	[Service]
	BPFProgram=connect6:/sys/fs/bpf/foreign/foreign_deny
	ExecStart=/bin/bash -c "(exec 3<>/dev/tcp/2001:db8:77::d/25) 2>/run/trying; mv /run/trying /run/tried; exec sleep infinity"
END
boot
wait_until "the router's advertisement has come" net_shared_address
version=$(in_box systemctl --version | awk '{ print $2; exit }')
case $version in
247) first="Network is unreachable" second=$first what="ignored" ;;
252 | 254) first="Operation not permitted" second="Network is unreachable" what="silently lost" ;;
*) first="Operation not permitted" second=$first what="kept" ;;
esac
if [[ $version == 247 ]]; then
	like "$(in_box systemd-analyze verify connects.service 2>&1)" "Unknown key name 'BPFProgram'" "systemd 247 does not know BPFProgram="
else
	in_box bpftool prog loadall /root/foreign.bpf.o /sys/fs/bpf/foreign
fi
in_box systemctl start connects
is "$(connects)" "$first" "systemd $version, BPFProgram=: at the first start"
in_box systemctl restart connects
is "$(connects)" "$second" "at the second: $what"
is "$(in_box systemctl is-active connects)" active "and the service runs"
done_testing
