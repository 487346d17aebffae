# shellcheck shell=bash disable=SC2016 # what is quoted runs inside
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What else sends: syslog, time, tunnels, SNMP.

logs='sends a line'
pinned logger bsdutils "$logs" 'logger -n $PEER -P 514 -d $TOKEN; arrived'
pinned 'logger, TCP' bsdutils "$logs" 'logger -n $PEER -P 514 -T $TOKEN; arrived'
rsyslog='printf "%s\n" "module(load=\"imuxsock\" SysSock.Use=\"off\")" "input(type=\"imuxsock\" Socket=\"/tmp/log\")" "action(type=\"omfwd\" target=\"2001:db8:9::1\" port=\"514\" protocol=\"$PROTOCOL\" $SETTING)" >r.conf
	rsyslogd -n -f /tmp/r.conf -i /tmp/r.pid & within 5 test -S /tmp/log; logger -u /tmp/log $TOKEN; arrived'
pinned 'rsyslog, UDP' rsyslog "$logs" "PROTOCOL=udp; $rsyslog"
pinned 'rsyslog, TCP' rsyslog "$logs" "PROTOCOL=tcp; $rsyslog"
pinned 'rsyslog address=' rsyslog "$logs" "PROTOCOL=udp SETTING='address=\"2001:db8:1::5\"'; $rsyslog"
layer syslog-ng
syslog='printf "%s\n" "@version: 3.38" "source s { unix-dgram(\"/tmp/log\"); };" "destination d { network(\"2001:db8:9::1\" ip-protocol(6) port(514) transport(\"$PROTOCOL\") $SETTING); };" "log { source(s); destination(d); };" >s.conf
	syslog-ng -F -f s.conf -R s.persist -p s.pid -c s.ctl --no-caps & within 5 test -S /tmp/log; logger -u /tmp/log $TOKEN; arrived'
pinned 'syslog-ng, TCP' syslog-ng-core "$logs" "PROTOCOL=tcp; $syslog"
refused 'syslog-ng, UDP' syslog-ng-core "$logs" "PROTOCOL=udp; $syslog" 'localip(SOURCE)' 'PROTOCOL=udp SETTING="localip(\"$SOURCE\")"; '"$syslog"
layer ''
clock='asks for the time'
chrony='printf "server 2001:db8:9::1 iburst %s\npidfile /tmp/c.pid\nport 0\ncmdport 0\nbindcmdaddress /\n" >c.conf; timeout 12 chronyd -d -x -Q -t 10 -u root -f /tmp/c.conf 2>&1 | saw "System clock wrong"'
pinned chronyd chrony "$clock" "$chrony"
pinned ntpdig ntpsec-ntpdig "$clock" 'ntpdig -j $PEER | saw 2001:db8:9::1'
asks='asks, and is not answered'
pinned snmpget snmp "$asks" 'snmpget -v2c -c public -t 1 -r 0 udp6:[$PEER]:161 1.3.6.1.2.1.1.1.0; true'
vpn='timeout 4 openvpn --dev null --proto udp6 --remote 2001:db8:9::1 7777 --client --ca $HERE/cert --cert $HERE/cert --key $HERE/key --remote-cert-tls server'
pinned 'openvpn nobind' openvpn 'sends to a server' "cp \$HERE/key k; $vpn --nobind >o; cat o; saw 'link remote' <o"
pinned collectd collectd-core 'sends values' 'cat >c.conf <<-END
	Interval 1
	PIDFile "/tmp/c.pid"
	LoadPlugin load
	LoadPlugin network
	<Plugin network>
	 Server "2001:db8:9::1" "7777"
	</Plugin>
	END
	timeout 4 collectd -f -C c.conf; [[ $? == 124 || $? == 0 ]]'
pinned redis-cli redis-tools 'connects' 'timeout 3 redis-cli -h $PEER -p 7777 ping 2>&1 | saw Error'
pinned mosquitto_pub mosquitto-clients 'connects' 'timeout 3 mosquitto_pub -h $PEER -p 7777 -t x -m x; true'
pinned rsync rsync 'connects' 'rsync rsync://[$PEER]:7777/ 2>&1 | saw "rsync|protocol"'
pinned check_ntp monitoring-plugins-basic "$clock" '/usr/lib/nagios/plugins/check_ntp_time -H $PEER -w 999999 -c 9999999'
