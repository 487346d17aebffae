# shellcheck shell=bash disable=SC2016 # what is quoted runs inside
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Proxies, at port 3128 of the loopback: a client there gets the peer's page by them.

by_name='up 3128 && curl -sS -x http://127.0.0.1:3128 http://v6.example.org/ | saw'
by_socks='up 3128 && curl -sS -x socks5h://127.0.0.1:3128 http://v6.example.org/ | saw'
to_peer='up 3128 && curl -sS http://127.0.0.1:3128/ | saw'
forwards='forwards, by a name' passes='passes on to a server'

squid='printf "%s\n" "http_port 127.0.0.1:3128" "http_access allow all" "pid_filename none" "cache_log /dev/null" "access_log none" "logfile_rotate 0" "shutdown_lifetime 0" "pinger_enable off" "$SETTING" >s.conf; squid -N -f /tmp/s.conf & '
pinned squid squid "$forwards" "$squid$by_name"
pinned 'squid tcp_outgoing_address' squid "$forwards" "SETTING='tcp_outgoing_address 2001:db8:1::5'; $squid$by_name"
pinned tinyproxy tinyproxy "$forwards" 'printf "%s\n" "Port 3128" "Listen 127.0.0.1" "Timeout 10" >t.conf; tinyproxy -d -c t.conf & '"$by_name"
pinned 'tinyproxy Bind' tinyproxy "$forwards" 'printf "%s\n" "Port 3128" "Listen 127.0.0.1" "Bind 2001:db8:1::5" "Timeout 10" >t.conf; tinyproxy -d -c t.conf & '"$by_name"
pinned privoxy privoxy "$forwards" 'printf "%s\n" "listen-address 127.0.0.1:3128" >p.conf; privoxy --no-daemon p.conf & '"$by_name"
pinned microsocks microsocks "$forwards" 'microsocks -i 127.0.0.1 -p 3128 & '"$by_socks"
pinned danted dante-server "$forwards" 'cat >d.conf <<-END
	logoutput: stderr
	internal: 127.0.0.1 port = 3128
	external: vps
	external.rotation: route
	socksmethod: none
	clientmethod: none
	client pass { from: 0/0 to: 0/0 }
	socks pass { from: 0/0 to: 0/0 }
	END
	danted -f /tmp/d.conf & up 3128 && curl -sS -x socks5h://127.0.0.1:3128 http://v4.example.org/ | saw'
haproxy='cat >h.conf <<-END
	defaults
	 mode http
	 timeout connect 5s
	 timeout client 5s
	 timeout server 5s
	resolvers dns
	 nameserver a [2001:db8:9::1]:53
	listen x
	 bind 127.0.0.1:3128
	 $SETTING
	 server s v6.example.org:80 resolvers dns init-addr none resolve-prefer ipv6 check inter 200
	END
	haproxy -f h.conf & up 3128 && within 8 curl -fsS http://127.0.0.1:3128/ && '
pinned haproxy haproxy 'passes on, by a name' "$haproxy$to_peer"
pinned 'haproxy source' haproxy 'passes on, by a name' "SETTING='source [2001:db8:1::5]'; $haproxy$to_peer"
nginx='cat >n.conf <<-END
	daemon off;
	pid /tmp/n.pid;
	error_log stderr;
	events { }
	http {
		access_log off;
		server {
			listen 127.0.0.1:3128;
			resolver [2001:db8:9::1];
			$SETTING
			location / { set \$to v6.example.org; proxy_pass http://\$to; }
		}
	}
	END
	nginx -c /tmp/n.conf & '
pinned nginx nginx-light 'passes on, by a name' "$nginx$to_peer"
pinned 'nginx proxy_bind' nginx-light 'passes on, by a name' "SETTING='proxy_bind 2001:db8:1::5;'; $nginx$to_peer"
pinned 'Apache mod_proxy' apache2 "$passes" 'cat >a.conf <<-END
	ServerRoot /tmp
	ServerName vps.test
	PidFile /tmp/a.pid
	ErrorLog /dev/stderr
	LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
	LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
	LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
	LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
	Listen 127.0.0.1:3128
	User www-data
	ProxyPass / http://v6.example.org/
	END
	apache2 -X -f /tmp/a.conf & '"$to_peer"
pinned varnish varnish "$passes" 'varnishd -F -n /tmp/v -a 127.0.0.1:3128 -b "[2001:db8:9::1]:80" & '"$to_peer"
pinned stunnel stunnel4 "$passes" 'printf "%s\n" "foreground = yes" "pid =" "[x]" "client = yes" "accept = 127.0.0.1:3128" "connect = v6.example.org:443" >s.conf; stunnel s.conf & '"$to_peer"
pinned 'stunnel local' stunnel4 "$passes" 'printf "%s\n" "foreground = yes" "pid =" "[x]" "client = yes" "accept = 127.0.0.1:3128" "connect = v6.example.org:443" "local = 2001:db8:1::5" >s.conf; stunnel s.conf & '"$to_peer"
pinned 'ssh -D' openssh-client 'forwards, by a name' 'mkdir -p /run/sshd; [[ -e /etc/ssh/ssh_host_ed25519_key ]] || ssh-keygen -A; rm -f k; ssh-keygen -qt ed25519 -N "" -f k; /usr/sbin/sshd -D -p 2222 -o "AuthorizedKeysFile /tmp/k.pub" -o StrictModes=no & up 2222
	ssh -N -D 127.0.0.1:3128 -i k -p 2222 -o StrictHostKeyChecking=no root@127.0.0.1 & '"$by_socks"
pinned 'socat as a proxy' socat "$passes" 'socat TCP-LISTEN:3128,bind=127.0.0.1,reuseaddr,fork TCP6:v6.example.org:80 & '"$to_peer"
