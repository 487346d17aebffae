# shellcheck shell=bash disable=SC2016 # what is quoted runs inside
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Resolvers, and what asks one. The servers listen at the loopback, and forward to the peer.

asks='asks for AAAA over UDP'
refused dig bind9-dnsutils "$asks" 'dig +time=1 +tries=1 +short @$PEER x.example.org AAAA | saw "^$PEER\$"' \
	'-b SOURCE' 'dig -b $SOURCE +time=2 +tries=1 +short @$PEER x.example.org AAAA | saw "^$PEER\$"'
refused 'dig, IPv4' bind9-dnsutils "$asks" 'dig +time=1 +tries=1 +short @$PEER4 x.example.org AAAA | saw "^$PEER\$"' \
	'+tcp' 'dig +tcp +time=2 +tries=1 +short @$PEER4 x.example.org AAAA | saw "^$PEER\$"'
refused host bind9-host "$asks" 'host -W 1 -R 1 -t AAAA x.example.org $PEER | saw "address $PEER"' \
	'-T' 'host -T -W 2 -R 1 -t AAAA x.example.org $PEER | saw "address $PEER"'
refused nslookup bind9-dnsutils "$asks" 'nslookup -timeout=1 -retry=1 -type=AAAA x.example.org $PEER | saw "Address: $PEER"' \
	'-vc' 'nslookup -vc -timeout=2 -retry=1 -type=AAAA x.example.org $PEER | saw "Address: $PEER"'
refused delv bind9-dnsutils "$asks" 'delv -i @$PEER x.example.org AAAA | saw "AAAA.$PEER"' \
	'-b SOURCE' 'delv -b $SOURCE -i @$PEER x.example.org AAAA | saw "AAAA.$PEER"'
update='printf "server %s\nzone example.org\nupdate add y.example.org 60 A 192.0.2.9\nsend\n" $PEER | nsupdate -t 3 -r 0'
refused nsupdate bind9-dnsutils 'updates a zone' "$update" '-v' "$update -v"
pinned drill ldnsutils "$asks" 'drill @$PEER x.example.org AAAA | saw $PEER'
pinned 'drill, IPv4' ldnsutils "$asks" 'drill @$PEER4 x.example.org AAAA | saw $PEER'
pinned kdig knot-dnsutils "$asks" 'kdig +time=2 @$PEER x.example.org AAAA | saw "AAAA.$PEER"'
pinned 'kdig +tls' knot-dnsutils 'asks for AAAA over TLS' 'kdig +tls +time=2 @$PEER x.example.org AAAA | saw "AAAA.$PEER"'
refused unbound-host unbound-host "$asks" 'unbound-host -r -t AAAA x.example.org | saw "address $PEER"' \
	'udp-connect: no' 'printf "server:\n udp-connect: no\n" >u.conf; unbound-host -C u.conf -r -t AAAA x.example.org | saw "address $PEER"'
pinned 'glibc: getent' libc-bin 'looks up a name' 'getent ahostsv6 x.example.org | saw $PEER'
pinned 'c-ares: adig, Node' nodejs 'looks up a name' 'node -e "require(\"dns\").resolve6(\"x.example.org\", (e, a) => console.log(a))" | saw $PEER'

unbound='cat >u.conf <<-END
	server:
	 username: ""
	 chroot: ""
	 pidfile: ""
	 do-daemonize: no
	 interface: 127.0.0.1@5300
	 module-config: iterator
	 do-not-query-localhost: no
	$SETTING
	forward-zone:
	 name: "."
	 forward-addr: 2001:db8:9::1
	END
	unbound -d -c u.conf & resolves 5300'
refused unbound unbound 'forwards' "$unbound" 'udp-connect: no' "SETTING=' udp-connect: no'; $unbound"
refused 'unbound, bound' unbound 'forwards' "$unbound" 'outgoing-interface: SOURCE' "SETTING=\" outgoing-interface: \$SOURCE\"; $unbound"

named='cat >n.conf <<-END
	options {
		directory "/tmp"; pid-file none; listen-on port 5300 { 127.0.0.1; }; listen-on-v6 { none; };
		forwarders { 2001:db8:9::1; }; forward only; dnssec-validation no; recursion yes; empty-zones-enable no; session-keyfile none;
		$SETTING
	};
	controls { };
	END
	named -g -c /tmp/n.conf & resolves 5300'
refused named bind9 'forwards' "$named" 'query-source-v6 address SOURCE, query-source address SOURCE4' \
	"SETTING=\"query-source-v6 address \$SOURCE; query-source address \$SOURCE4;\"; $named"

recursor='mkdir -p /run/pdns-recursor; pdns_recursor --config-dir=/tmp --local-address=127.0.0.1 --local-port=5300 --socket-dir=/tmp --daemon=no --dnssec=off \
	--forward-zones-recurse=.=2001:db8:9::1 --query-local-address=$ADDRESS --setuid= --setgid= & resolves 5300'
refused pdns-recursor pdns-recursor 'forwards' "ADDRESS=::,0.0.0.0; $recursor" 'query-local-address=SOURCE' "ADDRESS=\$SOURCE; $recursor"

pinned dnsmasq dnsmasq-base 'forwards' 'dnsmasq -k -C /dev/null -h -R -S $PEER -p 5300 -a 127.0.0.1 -z -u root --pid-file= & resolves 5300'
pinned 'dnsmasq, IPv4' dnsmasq-base 'forwards' 'dnsmasq -k -C /dev/null -h -R -S $PEER4 -p 5300 -a 127.0.0.1 -z -u root --pid-file= & resolves 5300'
pinned 'dnsmasq --query-port' dnsmasq-base 'forwards' 'dnsmasq -k -C /dev/null -h -R -S $PEER -Q 5399 -p 5300 -a 127.0.0.1 -z -u root --pid-file= & resolves 5300'
pinned stubby stubby 'forwards' 'cat >s.yml <<-END
	resolution_type: GETDNS_RESOLUTION_STUB
	dns_transport_list: [ GETDNS_TRANSPORT_UDP ]
	listen_addresses: [ 127.0.0.1@5300 ]
	upstream_recursive_servers: [ { address_data: 2001:db8:9::1 } ]
	END
	stubby -C s.yml & resolves 5300'
pinned dnsdist dnsdist 'forwards' 'printf "setLocal(\"127.0.0.1:5300\")\nnewServer(\"[2001:db8:9::1]:53\")\nsetSecurityPollSuffix(\"\")\n" >d.conf; dnsdist --supervised -C d.conf & resolves 5300'
pinned knot-resolver knot-resolver 'forwards' 'mkdir -p k; cat >k.conf <<-END
	net.listen("127.0.0.1", 5300)
	modules.unload("ta_update")
	trust_anchors.remove(".")
	cache.size = 10 * MB
	policy.add(policy.all(policy.FORWARD({"2001:db8:9::1"})))
	END
	kresd -n -c /tmp/k.conf /tmp/k & resolves 5300'
pinned systemd-resolved systemd-resolved 'forwards' 'mkdir -p /run/systemd/resolve; chown systemd-resolve: /run/systemd/resolve; printf "[Resolve]\nDNS=%s\nDNSSEC=no\nLLMNR=no\nMulticastDNS=no\nDNSStubListener=no\nDNSStubListenerExtra=127.0.0.1:5300\n" $PEER >/etc/systemd/resolved.conf
	/lib/systemd/systemd-resolved & resolves 5300'
