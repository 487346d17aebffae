# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A real DNS server (dnsmasq) at the peer; source it after world.sh.

# shellcheck source=tests/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../tap.sh" || exit 1
need dnsmasq dig

DNS_SERVER=192.0.2.1

dns_answers() { # PORT
	dig +tries=1 +time=1 "@$DNS_SERVER" -p "$1" srcpin.invalid | grep -q '^;; ->>HEADER'
}

# dns_serve PORT OPTION...: its process is in $DNS_PID. Without further options it refuses to answer (REFUSED).
dns_serve() {
	local port=$1
	shift
	# not by in_peer: its shell's process would be $DNS_PID
	nsenter --net="$WORLD_PEER" -- dnsmasq --keep-in-foreground --conf-file=/dev/null --no-hosts --no-resolv --bind-interfaces --user=root --pid-file= \
		--log-facility=- --listen-address="$DNS_SERVER" --port="$port" "$@" 2>"$WORLD_DIR/dns-$port.log" &
	DNS_PID=$!
	dns_pids+=("$DNS_PID")
	wait_until "dnsmasq answers at port $port" dns_answers "$port"
}

dns_stop() {
	local pid
	for pid in "${dns_pids[@]}"; do
		kill -KILL "$pid"
		wait "$pid" 2>/dev/null
	done
	dns_pids=()
}

dns_pids=()
dns_end() {
	local status=$?
	dns_stop
	(exit $status)
	world_end
}
trap dns_end EXIT
