# shellcheck shell=bash disable=SC2016,SC2034 # what is quoted runs inside
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Daemons that connect by themselves: replicas, secondaries, routers, tunnels, clocks. The peer's port 7777 answers none in its own
# protocol, so that each says that it got there.

layer servers
connects='connects to its peer'
redis='timeout 6 redis-server --port 3128 --bind 127.0.0.1 --save "" --dir /tmp --replicaof 2001:db8:9::1 7777 $SETTING | saw "fired the event"'
pinned 'redis, a replica' redis-server "$connects" "$redis"
pinned 'redis bind-source-addr' redis-server "$connects" "SETTING='--bind-source-addr 2001:db8:1::5'; $redis"
pinned 'psql' postgresql-client-common "$connects" 'psql "host=$PEER port=7777 sslmode=disable connect_timeout=3" 2>&1 | saw "expected|closed the connection|invalid"'
pinned 'mariadb' mariadb-client "$connects" 'mariadb --protocol=tcp -h $PEER -P 7777 --connect-timeout=3 2>&1 | saw "ERROR 2(013|027)"'
bird='printf "%s\n" "log stderr all;" "router id 192.0.2.25;" "protocol device { }" "protocol bgp p { local as 65000; neighbor 2001:db8:9::1 port 7777 as 65001; multihop; connect delay time 1; debug all; $SETTING ipv6 { import none; export none; }; }" >b.conf
	timeout 15 bird -f -c b.conf -s b.ctl 2>&1 | saw "Connected"'
pinned bird2 bird2 "$connects" "$bird"
pinned 'bird2 source address' bird2 "$connects" "SETTING='source address 2001:db8:1::5;'; $bird"
pinned nsd nsd 'asks for a zone' 'printf "%s\n" "server:" " username: \"\"" " chroot: \"\"" " ip-address: 127.0.0.1@5300" " pidfile: \"\"" " zonesdir: /tmp" " database: \"\"" " xfrdfile: /tmp/x" " zonelistfile: /tmp/l" " verbosity: 2" "remote-control:" " control-enable: no" "zone:" " name: example.org" " zonefile: z" " request-xfr: AXFR 2001:db8:9::1 NOKEY" >n.conf
	timeout 8 nsd -d -c n.conf 2>&1 | saw 2001:db8:9::1'
secondary='printf "%s\n" "options { directory \"/tmp\"; pid-file none; listen-on port 5300 { 127.0.0.1; }; listen-on-v6 { none; }; session-keyfile none; recursion no; };" "controls { };" "zone \"example.org\" { type secondary; file \"z\"; primaries { 2001:db8:9::1; }; $SETTING };" >n.conf
	timeout 8 named -g -c /tmp/n.conf 2>&1 | saw "connected using 2001"'
refused 'named, a secondary' bind9 'asks for a zone' "$secondary" 'transfer-source-v6 SOURCE' "SETTING=\"transfer-source-v6 \$SOURCE;\"; $secondary"

active='printf "%s\n" listen=YES anonymous_enable=YES port_promiscuous=YES background=NO isolate=NO isolate_network=NO seccomp_sandbox=NO secure_chroot_dir=/run/vsftpd/empty >v.conf; mkdir -p /run/vsftpd/empty; vsftpd v.conf & up 21
	exec 3<>/dev/tcp/192.0.2.5/21; printf "USER ftp\r\nPASS x\r\nPORT 192,0,2,1,30,97\r\nLIST\r\nQUIT\r\n" >&3; timeout 10 cat <&3 | saw "^150"'
pinned 'vsftpd, active' vsftpd 'connects back' "$active"
vpn='timeout 4 openvpn --dev null --remote 2001:db8:9::1 7777 --client --ca $HERE/cert --cert $HERE/cert --key k --remote-cert-tls server'
refused 'openvpn local' openvpn 'sends to a server' "cp \$HERE/key k; $vpn --proto udp6 --local 2001:db8:1::5 --lport 20010 --bind >said 2>&1; cat said; ! grep -q 'not permitted' said" \
	'nobind' "cp \$HERE/key k; $vpn --proto udp6 --nobind | saw 'UDPv6 link remote'"
clock='asks for the time'
chrony='printf "%s\n" "server 2001:db8:9::1 iburst" "pidfile /tmp/c.pid" "port 0" "cmdport 0" "bindcmdaddress /" "acquisitionport 12300" "bindacqaddress $ADDRESS" >c.conf; timeout 12 chronyd -d -x -Q -t 10 -u root -f /tmp/c.conf 2>&1 | saw "System clock wrong"'
refused 'chronyd bindacqaddress' chrony "$clock" "ADDRESS=2001:db8:1::5; $chrony" 'bindacqaddress SOURCE' "ADDRESS=\$SOURCE; $chrony"
pinned rdate rdate "$clock" 'rdate -n -p $PEER | saw 20'
pinned tftp tftp-hpa 'asks, and is not answered' 'timeout 3 tftp $PEER4 -c get x; true'

passes='passes on to a server'
pinned hitch hitch "$passes" 'cat $HERE/key $HERE/cert >k.pem; chmod 600 k.pem; hitch --user=nobody --group=nogroup --backend="[2001:db8:9::1]:80" --frontend="[127.0.0.1]:3128" k.pem & up 3128 && curl -k -sS https://127.0.0.1:3128/ | saw'
pinned kamailio kamailio 'forwards a request' 'printf "%s\n" "listen=udp:0.0.0.0:5060" "fork=no" "log_stderror=yes" "request_route { forward(\"192.0.2.1\", 7777); }" >k.cfg; kamailio -DD -E -f k.cfg & sleep 3
	printf "OPTIONS sip:x@x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKa\r\nFrom: <sip:a@a>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n" >/dev/udp/127.0.0.1/5060; sleep 1'
