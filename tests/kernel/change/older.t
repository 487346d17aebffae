#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Connections that are older than the load: left alone, counted, and ended when that is asked for.

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1

need strace

# What a UDP socket at another address is told after the load: the guard drops its datagrams
stale_udp_is=EPERM

# hold WHAT <<ROWS: opens the rows, each behind "stale" or "fine", which says what is expected of it (see older.c)
hold() {
	local expected row line rows=()
	what=$1 stale_tcp=0 stale_udp=0 untouched="" dead=""
	while read -r expected row; do
		[[ $expected == stale || $expected == fine ]] || continue
		rows+=("$row")
		if [[ $expected == fine ]]; then
			untouched+="${row%% *} lives"$'\n'
			dead+="${row%% *} lives"$'\n'
		else
			if [[ $row == *" udp"* ]]; then untouched+="${row%% *} $stale_udp_is"$'\n'; else untouched+="${row%% *} lives"$'\n'; fi
			dead+="$(dead_row "$row")"$'\n'
			if [[ $row == *" udp"* ]]; then stale_udp=$((stale_udp + 1)); else stale_tcp=$((stale_tcp + 1)); fi
		fi
	done
	coproc OLDER { exec "$HELPERS/older" "${rows[@]}"; }
	# shellcheck disable=SC2153 # the shell sets it
	older_pid=$OLDER_PID
	exec {older_in}<&"${OLDER[0]}" {older_out}>&"${OLDER[1]}"
	read -r line <&"$older_in"
	[[ $line == ready ]] || bail_out "$what: $line"
}

# dead_row ROW: what becomes of it
dead_row() {
	local name how
	read -r name _ how _ <<<"$1"
	case $how in
	tcp*fin*) echo "$name ECONNABORTED, peer EPIPE" ;; # has seen the end of our half already
	udp* | *syn*) echo "$name ECONNABORTED" ;;
	*) echo "$name ECONNABORTED, peer ECONNRESET" ;;
	esac
}

# look WANTED WHAT
look() {
	local line got=""
	echo look >&"$older_out"
	while read -r line <&"$older_in" && [[ $line != . ]]; do
		got+=$line$'\n'
	done
	if [[ $got == "$1" ]]; then pass "$what: $2"; else fail "$what: $2" "$(diff <(echo "$1") <(echo "$got"))"; fi
}

release() {
	exec {older_out}>&- {older_in}<&-
	eval "exec ${OLDER[1]}>&-"
	wait "$older_pid"
}

older_in_status() {
	"$SRCPIN" status --cgroup "$WORLD_CGROUP" --json | jq -c '.services[0] | [.state, (.older_connections | if . then del(.unknown) else . end), .note]'
}

# counted TCP UDP: as status has it
counted() {
	echo "[\"in-force\",{\"tcp\":$1,\"udp\":$2},null]"
}

# loads_leave_alone_then_close CONFIG: what hold opened lives on, is counted, and what is stale of it is ended
loads_leave_alone_then_close() {
	local all=$((stale_tcp + stale_udp))
	put "$1" || bail_out "cannot load: $err"
	like "$out" "^$WORLD_SECTION: in force" "$what: load says what is in force"
	is "$err" "srcpin: warning: $WORLD_SECTION: $all older connections ($stale_tcp TCP, $stale_udp UDP) from other \
addresses, and new mail may leave by them; srcpin load --cgroup /$WORLD_SECTION -c $CONFIG --close-stale ends them" "$what: and what is older"
	look "$untouched" "after load all go on"
	is "$(older_in_status)" "$(counted "$stale_tcp" "$stale_udp")" "$what: status counts them, and nothing is wrong"
	like "$("$SRCPIN" status)" "older +$stale_tcp TCP, $stale_udp UDP leave" "$what: the table counts them"
	run "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" -n --close-stale
	look "$untouched" "after load -n --close-stale all go on"
	run "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" --close-stale
	is "$? $err" "0 " "$what: load --close-stale exits with 0, and warns of nothing"
	is "${out##*$'\n'}" "$WORLD_SECTION: closed $all older connections ($stale_tcp TCP, $stale_udp UDP)" \
		"$what: and says how many it closed"
	look "$dead" "those are dead, all others go on"
	is "$(older_in_status)" "$(counted 0 0)" "$what: status counts none any more"
	like "$("$SRCPIN" status --cgroup "$WORLD_CGROUP")" "older +none" "$what: and says so"
	is "$("$SRCPIN" status | grep -c "^  older ")" 0 "$what: to which the table draws no attention"
	run "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" --close-stale
	is "$? ${out##*$'\n'}" "0 $WORLD_SECTION: closed 0 older connections (0 TCP, 0 UDP)" "$what: once more closes none"
	put "$1"
	is "$err" "" "$what: nor does load say anything of older ones"
	"$SRCPIN" unload --all
	release
}

A=2001:db8:2::25
ALL="source = $A
to = 2001:db8:78::/48 2001:db8:2::26
exempt = 2001:db8:77::e"

hold "IPv6" <<-'END'
	stale tcp           .     tcp6       -             0    2001:db8:9::1  2525
	stale tcp-below     below tcp6       -             0    2001:db8:9::1  2525
	fine  tcp-outside   ..    tcp6       -             0    2001:db8:9::1  2525
	fine  tcp-source    .     tcp6       2001:db8:2::25 0   2001:db8:9::1  2525
	stale tcp-another   below tcp6       2001:db8:2::27 0   2001:db8:9::1  2525
	fine  tcp-builtin   .     tcp6       -             0    fd00:1::1      2525
	fine  tcp-exempt    .     tcp6       -             0    2001:db8:77::e 2525
	stale tcp-not       .     tcp6       -             0    2001:db8:77::f 2525
	fine  tcp-to        .     tcp6       2001:db8:2::26 0   2001:db8:78::1 2525
	stale tcp-to-first  .     tcp6       2001:db8:2::25 0   2001:db8:78::1 2525
	stale tcp-syn       .     tcp6-syn   -             0    2001:db8:99::1 2525
	stale tcp-fin       .     tcp6-fin   -             0    2001:db8:9::1  2525
	stale tcp-half      .     tcp6-half  -             0    2001:db8:9::1  2525
	stale udp           .     udp6       -             0    2001:db8:9::1  2525
	stale udp-below     below udp6       -             0    2001:db8:9::1  2525
	stale udp-port      .     udp6       2001:db8:1::5 5353 2001:db8:9::1  2525
	fine  udp-outside   ..    udp6       -             0    2001:db8:9::1  2525
	fine  udp-source    .     udp6       2001:db8:2::25 0   2001:db8:9::1  2525
	fine  udp-builtin   .     udp6       -             0    fd00:1::1      2525
	fine  udp-to        .     udp6       2001:db8:2::26 0   2001:db8:78::1 2525
	fine  udp-bare      .     udp6-bare  -             0    2001:db8:9::1  2600
	fine  in            .     accept6    ::            7001 2001:db8:1::5  0
	fine  in-below      below accept6    ::            7002 2001:db8:1::5  0
	fine  in-at         .     accept6    2001:db8:1::5 7003 2001:db8:1::5  0
	fine  in-elsewhere  .     accept6    2001:db8:2::27 7004 2001:db8:2::27 0
	stale tcp-7004      .     tcp6       2001:db8:1::5 7004 2001:db8:9::1  2525
	stale tcp-7005      .     tcp6-shared 2001:db8:1::5 7005 2001:db8:9::1 2525
	fine  in-outside    ..    accept6    2001:db8:1::5 7005 2001:db8:1::5  0
	fine  v4            .     tcp4       -             0    192.0.2.1      2525
	fine  v4-mapped     .     tcp6       -             0    192.0.2.1      2525
	fine  v4-udp        .     udp4       -             0    192.0.2.1      2525
END
loads_leave_alone_then_close "$ALL"

hold "ports" <<-'END'
	stale tcp        .     tcp6 -             0    2001:db8:9::1  2525
	fine  tcp-port   .     tcp6 -             0    2001:db8:9::1  2626
	stale udp        .     udp6 -             0    2001:db8:9::1  2525
	fine  udp-port   .     udp6 -             0    2001:db8:9::1  2626
END
loads_leave_alone_then_close "$ALL"$'\n'"ports = 25, 2525"

stale_udp_is=lives
hold "guard = off" <<-'END'
	stale tcp        .     tcp6 -             0    2001:db8:9::1  2525
	stale udp        .     udp6 -             0    2001:db8:9::1  2525
END
loads_leave_alone_then_close "source = $A"$'\n'"guard = off"
stale_udp_is=EPERM

ip addr add 192.0.2.25/24 dev vps
ip addr add 192.0.2.26/24 dev vps
for i in 2 3; do in_peer ip addr add "192.0.2.$i/24" dev peer; done
hold "IPv4" <<-'END'
	stale tcp           .     tcp4        -          0    192.0.2.1     2525
	stale tcp-mapped    .     tcp6        -          0    192.0.2.1     2525
	stale tcp-below     below tcp4        -          0    192.0.2.1     2525
	fine  tcp-outside   ..    tcp4        -          0    192.0.2.1     2525
	fine  tcp-source    .     tcp4        192.0.2.25 0    192.0.2.1     2525
	fine  tcp-source-m  .     tcp6        192.0.2.25 0    192.0.2.1     2525
	fine  tcp-builtin   .     tcp4        -          0    10.0.0.1      2525
	fine  tcp-builtin-m .     tcp6        -          0    10.0.0.1      2525
	fine  tcp-exempt    .     tcp4        -          0    192.0.2.2     2525
	fine  tcp-to        .     tcp4        192.0.2.26 0    192.0.2.3     2525
	stale tcp-to-first  .     tcp6        192.0.2.25 0    192.0.2.3     2525
	stale tcp-half      .     tcp4-half   -          0    192.0.2.1     2525
	stale udp           .     udp4        -          0    192.0.2.1     2525
	stale udp-mapped    below udp6        -          0    192.0.2.1     2525
	fine  udp-outside   ..    udp4        -          0    192.0.2.1     2525
	fine  udp-source    .     udp4        192.0.2.25 0    192.0.2.1     2525
	fine  udp-source-m  .     udp6        192.0.2.25 0    192.0.2.1     2525
	fine  udp-builtin   .     udp4        -          0    10.0.0.1      2525
	fine  in            .     accept4     0.0.0.0    7001 192.0.2.5     0
	fine  in-below      below accept4     192.0.2.5  7002 192.0.2.5     0
	fine  in-mapped     .     accept6     ::         7003 192.0.2.5     0
	fine  in-elsewhere  .     accept4     192.0.2.26 7004 192.0.2.26    0
	stale tcp-7004      .     tcp4        192.0.2.5  7004 192.0.2.1     2525
	stale v6            .     tcp6        -          0    2001:db8:9::1 2525
	fine  v6-source     .     tcp6   2001:db8:2::25  0    2001:db8:9::1 2525
END
loads_leave_alone_then_close "source = $A
source4 = 192.0.2.25
exempt = 192.0.2.2
to = 192.0.2.3 192.0.2.26"

# no source will do there
hold "ipv4 = deny" <<-'END'
	stale tcp           .     tcp4        -          0    192.0.2.1     2525
	stale tcp-mapped    .     tcp6        192.0.2.25 0    192.0.2.1     2525
	stale udp           .     udp4        -          0    192.0.2.1     2525
	fine  tcp-builtin   .     tcp4        -          0    10.0.0.1      2525
	fine  in            .     accept4     0.0.0.0    7001 192.0.2.5     0
END
loads_leave_alone_then_close "source = $A
ipv4 = deny
bound = leave
missing = pass"

# a policy of its own
hold "nested" <<-'END'
	stale tcp           .           tcp6  -             0 2001:db8:9::1 2525
	fine  tcp-below     below       tcp6  2001:db8:2::26 0 2001:db8:9::1 2525
	fine  tcp-inner     below/inner tcp6  2001:db8:2::26 0 2001:db8:9::1 2525
	stale tcp-beside    beside      tcp6  2001:db8:2::26 0 2001:db8:9::1 2525
END
printf '[below]\nsource = 2001:db8:2::26\n' >"$WORLD_DIR/below.conf"
"$SRCPIN" load --cgroup "$WORLD_CGROUP/below" -c "$WORLD_DIR/below.conf" >/dev/null
loads_leave_alone_then_close "source = $A"

# made in a cgroup that is gone, by a process that is elsewhere by now
hold "no cgroup any more, nor in the service" <<-'END'
	fine tcp gone tcp6 - 0 2001:db8:9::1 2525
END
rmdir "$WORLD_CGROUP/gone"
put "source = $A"
is "$err" "" "$what: nothing is counted"
"$SRCPIN" unload --all
release
hold "no cgroup any more" <<-'END'
	stale tcp  gone tcp6  -              0 2001:db8:9::1 2525
	stale tcp4 gone tcp4  -              0 192.0.2.1     2525
	stale udp  gone udp6  -              0 2001:db8:9::1 2525
	fine  own  gone tcp6  2001:db8:2::25 0 2001:db8:9::1 2525
	fine  in   gone accept6 ::           7004 2001:db8:1::5 0
END
echo "$older_pid" >"$WORLD_CGROUP/cgroup.procs"
rmdir "$WORLD_CGROUP/gone"
loads_leave_alone_then_close "source = $A
ipv4 = deny"

hold "mode = observe" <<-'END'
	stale tcp .     tcp6 - 0 2001:db8:9::1 2525
END
put "source = $A"$'\n'"mode = observe"
is "$err" "" "mode = observe: nothing is counted"
is "$(older_in_status)" '["in-force",null,null]' "mode = observe: nor by status"
run "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" --close-stale
like "$? $err" "^0 .*left alone" "mode = observe: load --close-stale says that it leaves them alone"
look "$untouched" "and does"
"$SRCPIN" unload --all
release

# what may be where it is
hold "one connection" <<-'END'
	stale tcp .     tcp6 - 0 2001:db8:9::1 2525
END
put "source = $A"$'\n'"bound = leave"
like "$err" "^srcpin: warning: $WORLD_SECTION: 1 connection from other addresses, as bound = leave or missing = pass lets them, or older than the load" \
	"bound = leave: the program may have bound it, or it is older"
like "$("$SRCPIN" status --cgroup "$WORLD_CGROUP")" "older +1 from other addresses may be older, or be as bound = leave" "bound = leave: status does not say that there is none"
is "$("$SRCPIN" status --json | jq -c '.services[0].older_connections')" '{"tcp":0,"udp":0,"unknown":1}' "bound = leave: JSON counts it apart"
like "$("$SRCPIN" doctor -c "$CONFIG" | grep -A1 older)" "note +older +1 connections leave from other addresses: they may be older than the load" "bound = leave: doctor has a note"
run "$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG" --close-stale
look "$untouched" "bound = leave: nor ended"
put "source = 2001:db8:2::99"$'\n'"missing = pass"
like "$err" " 1 connection from other addresses, as bound = leave or missing = pass lets them" "missing = pass, the source is missing: it may pass, or is older"
put "source = 2001:db8:2::99"
like "$err" " 1 older connection \(1 TCP, 0 UDP\) from other addresses" "missing = deny, the source is missing: counted"
put "source = $A"$'\n'"missing = pass"
like "$err" " 1 older connection \(1 TCP, 0 UDP\) from other addresses" "missing = pass, the source is there: counted"

# what cannot be done: the policy is in force all the same. The first two sendto ask for the source's address and its route.
faulty() {
	run strace -f -qq -o /dev/null -e trace=sendto -e "inject=sendto:error=$1:when=$2" "${@:3}"
}
put "source = $A"$'\n'"ipv4 = leave"
load=("$SRCPIN" load --cgroup "$WORLD_CGROUP" -c "$CONFIG")
faulty ENOENT 3+ "${load[@]}"
is "$?" 0 "no tcp_diag: load exits with 0"
like "$err" "^srcpin: warning: cannot list the TCP sockets: .*modprobe tcp_diag[^"$'\n'"]*\$" "no tcp_diag: load says so in one sentence"
faulty ENOENT 5+ "${load[@]}" --close-stale
is "$?" 2 "no udp_diag: load --close-stale exits with 2"
ok "no udp_diag: one sentence" one_sentence "$err"
like "$err" "cannot list the UDP sockets: .*modprobe udp_diag.* in force all the same" "no udp_diag: and in it the remedy"
faulty EOPNOTSUPP 7+5 "${load[@]}" --close-stale # after four lists the one that ends, and so on
is "$?" 2 "no CONFIG_INET_DIAG_DESTROY: load --close-stale exits with 2"
ok "no CONFIG_INET_DIAG_DESTROY: one sentence" one_sentence "$err"
like "$err" "cannot end 1 older connection.*INET_DIAG_DESTROY.*restart the service.* in force all the same" \
	"no CONFIG_INET_DIAG_DESTROY: and in it the remedy"
faulty ENOENT 3+ "$SRCPIN" status --cgroup "$WORLD_CGROUP" --json
is "$? $(jq -c '.services[0] | [.state, .problems, .older_connections]' <<<"$out")" '0 ["in-force",[],null]' \
	"no tcp_diag: status does not know, and finds nothing wrong"
like "$(jq -r '.services[0].note' <<<"$out")" "modprobe tcp_diag" "no tcp_diag: status notes it"
look "$untouched" "all that leaves it alone"
run "${load[@]}" --close-stale
look "$dead" "and the next one ends it"
"$SRCPIN" unload --all
release
done_testing
