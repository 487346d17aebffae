#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# srcpin explain: by the config alone, as nobody and without a service; names by a real DNS server. (That it says what
# the kernel does is in property.t.)

# shellcheck source=tests/kernel/lib/world.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/world.sh" || exit 1
# shellcheck source=tests/kernel/lib/state.sh
. "$WORLD_HERE/state.sh" || exit 1
# shellcheck source=tests/kernel/lib/dns.sh
. "$WORLD_HERE/dns.sh" || exit 1

need setpriv strace
A=2001:db8:2::25
nothing=$(state)

dns_serve 53 --local=/test/ \
	--host-record=both.test,203.0.113.9,2001:db8:77::9 \
	--host-record=mx1.test,2001:db8:77::1,203.0.113.1 --host-record=mx2.test,2001:db8:78::2 --host-record=four.test,203.0.113.4 \
	--mx-host=mail.test,mx2.test,20 --mx-host=mail.test,mx1.test,10 --mx-host=null.test,.,0 --host-record=null.test,203.0.113.7 \
	--mx-host=lost.test,nowhere.test,10
dns_serve 5301                                    # refuses to answer
dns_serve 5302 --host-record=half.test,203.0.113.5 # likewise, but for that A
dns_serve 5303
kill -STOP "$DNS_PID"

config "source = $A
source4 = 192.0.2.5
to = 2001:db8:77::/48 2001:db8:2::26
exempt = 2001:db8:78::/48
ports = 25, 465" 'srcpin-no*.service'

# explain [OPTION...] DEST...: status in $?, stdout in $out, stderr in $err
explain() {
	run "$SRCPIN" explain --cgroup srcpin-nowhere@1.service -c "$CONFIG" "$@"
}

explain 2001:db8:9::1 2001:db8:77::1 '[2001:db8:78::1]' 203.0.113.1 ::ffff:203.0.113.1 ::1 10.0.0.1
is "$? $err" "0 " "addresses"
is "$out" "pinned  [2001:db8:9::1]:25   from $A ($CONFIG:2: source)
pinned  [2001:db8:77::1]:25  from 2001:db8:2::26 ($CONFIG:4: to 2001:db8:77::/48)
exempt  [2001:db8:78::1]:25  left to the kernel ($CONFIG:5: exempt 2001:db8:78::/48)
pinned  203.0.113.1:25       from 192.0.2.5 ($CONFIG:3: source4)
pinned  203.0.113.1:25       from 192.0.2.5 ($CONFIG:3: source4)
exempt  [::1]:25             left to the kernel (built in: ::1/128)
exempt  10.0.0.1:25          left to the kernel (built in: 10.0.0.0/8)" "addresses: a line each, to the letter"
explain --port 80 2001:db8:9::1
is "$? $out" "0 exempt  [2001:db8:9::1]:80  left to the kernel (port 80 is none of 25, 465; $CONFIG:2: source)" "--port"
explain --json --port 465 2001:db8:9::1 ::1
is "$?" 0 "--json"
is "$(jq -c '[.destination, .port, .verdict, .source, .errno, .reason, .rule.prefix, .rule.key, .rule.line, .usable, .mode, .section]' <<<"$out")" \
	'["2001:db8:9::1",465,"pinned","2001:db8:2::25",null,"pinned_connect","::/0","source",2,true,"enforce","srcpin-no*.service"]
["::1",465,"exempt",null,null,"exempt_rule","::1/128",null,null,null,"enforce","srcpin-no*.service"]' "--json: an object a line"

# the source, here and now
ip addr del "$A/64" dev vps
explain 2001:db8:9::1
is "$? $out" "0 pinned  [2001:db8:9::1]:25  from $A ($CONFIG:2: source); here and now refused with EADDRNOTAVAIL: the source is not an address of this host" \
	"a source that is missing"
explain --json 2001:db8:9::1
is "$(jq -c '[.verdict, .usable, .why, .missing.verdict, .missing.errno]' <<<"$out")" \
	'["pinned",false,"not an address of this host","denied","EADDRNOTAVAIL"]' "a source that is missing: --json"
ip addr add "$A/64" dev vps nodad preferred_lft 0

# names
explain both.test
is "$? $out" "0 pinned  [2001:db8:9::1]:25 both.test  from $A ($CONFIG:2: source)
pinned  192.0.2.1:25 both.test        from 192.0.2.5 ($CONFIG:3: source4)" "a name: of /etc/hosts"
explain --dns $DNS_SERVER both.test four.test
is "$? $out" "0 pinned  [2001:db8:77::9]:25 both.test  from 2001:db8:2::26 ($CONFIG:4: to 2001:db8:77::/48)
pinned  203.0.113.9:25 both.test       from 192.0.2.5 ($CONFIG:3: source4)
pinned  203.0.113.4:25 four.test       from 192.0.2.5 ($CONFIG:3: source4)" "a name: all its AAAA and A, of the server that --dns names"
echo "nameserver $DNS_SERVER" >"$WORLD_DIR/resolv.conf"
mount --bind "$WORLD_DIR/resolv.conf" "$(realpath /etc/resolv.conf)"
explain four.test
is "$? $out" "0 pinned  203.0.113.4:25 four.test  from 192.0.2.5 ($CONFIG:3: source4)" "a name: of the system's server"
explain --mx mail.test
is "$? $out" "0 pinned  [2001:db8:77::1]:25 mx1.test (MX 10)  from 2001:db8:2::26 ($CONFIG:4: to 2001:db8:77::/48)
pinned  203.0.113.1:25 mx1.test (MX 10)       from 192.0.2.5 ($CONFIG:3: source4)
exempt  [2001:db8:78::2]:25 mx2.test (MX 20)  left to the kernel ($CONFIG:5: exempt 2001:db8:78::/48)" "--mx: in the order of preference"
explain --json --mx mail.test
is "$(jq -c '[.destination, .name, .mx, .preference]' <<<"$out")" '["2001:db8:77::1","mail.test","mx1.test",10]
["203.0.113.1","mail.test","mx1.test",10]
["2001:db8:78::2","mail.test","mx2.test",20]' "--mx --json"
explain --mx both.test
is "$? $(grep -o 'both.test' <<<"$out" | wc -l) $(grep -c '2001:db8:77::9' <<<"$out")" "0 2 1" "--mx: without an MX the name's own addresses, and not those of /etc/hosts"
explain --mx ::1
is "$? $out" "0 exempt  [::1]:25  left to the kernel (built in: ::1/128)" "--mx: an address is what it is"

# what has no address, and what is not known
explain --mx null.test ::1
is "$? $(wc -l <<<"$out") $err" "1 1 srcpin: null.test accepts no mail: its MX is the root (RFC 7505)" "a null MX; the others are answered"
explain none.test
is "$? $out$err" "1 srcpin: none.test has no address: no such name (NXDOMAIN)" "a name that is not there"
explain --mx none.test
is "$? $out$err" "1 srcpin: none.test has no address: no such name (NXDOMAIN)" "a name that is not there, --mx: said once"
explain mail.test
is "$? $out$err" "1 srcpin: mail.test has no address: no such record" "a name without an address"
explain --mx lost.test
is "$? $out$err" "1 srcpin: nowhere.test has no address: no such name (NXDOMAIN)" "an MX host that is not there"
explain --dns $DNS_SERVER:5301 both.test
is "$? $out$err" "2 srcpin: cannot find out the IPv6 addresses of both.test: the DNS server refused to answer (REFUSED)
srcpin: cannot find out the IPv4 addresses of both.test: the DNS server refused to answer (REFUSED)" "a server that refuses: unknown"
explain --dns $DNS_SERVER:5301 --mx both.test
is "$? $out$err" "2 srcpin: cannot find out the MX of both.test: the DNS server refused to answer (REFUSED)" "a server that refuses, --mx: unknown"
explain --dns $DNS_SERVER:5303 ::1 both.test
is "$? $(wc -l <<<"$out") $(grep -c 'the DNS did not answer in time$' <<<"$err")" "2 1 2" "a server that never answers: unknown, and the others are answered"

explain --dns $DNS_SERVER:5302 half.test
is "$? $out $err" "2 pinned  203.0.113.5:25 half.test  from 192.0.2.5 ($CONFIG:3: source4) srcpin: cannot find out the IPv6 addresses of half.test: the DNS server refused to answer (REFUSED)" \
	"half of a name's addresses are known"

# what it takes
for none in 1.2.3 a..b 'x y' '[::1' ''; do
	explain ::1 "$none"
	is "$? $out$err" "1 srcpin: '$none' is neither an address nor a name" "no destination: '$none'"
done
explain
like "$? $err" '^1 srcpin: explain needs a DEST \(usage: srcpin explain ' "no destination"
run "$SRCPIN" explain ::1
like "$? $err" '^1 srcpin: explain needs --cgroup NAME \(usage: srcpin explain ' "no cgroup"
run "$SRCPIN" explain --cgroup other.service -c "$CONFIG" ::1
is "$? $err" "1 srcpin: cannot explain other.service: $CONFIG has no section for it (add [other.service])" "no section"
explain --dns nobody ::1
like "$? $err" "^1 srcpin: 'nobody' is no DNS server" "no server"
for port in 0 65536 x ''; do
	explain --port "$port" ::1
	is "$? $err" "1 srcpin: --port needs a number from 1 to 65535, not '$port'" "no port: '$port'"
done
run "$SRCPIN" explain --cgroup /some/where/srcpin-nowhere.service/ -c "$CONFIG" ::1
is "$?" 0 "a path of a cgroup that is not there: its last component"
put "source = $A"$'\n'"mode = observe"
run inside "$WORLD_CGROUP" "$SRCPIN" explain --cgroup self -c "$CONFIG" 2001:db8:9::1
is "$? $out" "0 pinned  [2001:db8:9::1]:25  from $A ($CONFIG:2: source); only observed" "self; mode = observe"
"$SRCPIN" unload --all >/dev/null
config "sauce = $A"
run "$SRCPIN" explain --cgroup "$WORLD_SECTION" -c "$CONFIG" ::1
is "$? $out" "1 " "a config with errors"

# touches nothing
config "source = $A"
same_state "$nothing" "nothing of ours is in the kernel"
chmod 755 "$WORLD_DIR"
cp "$SRCPIN" "$WORLD_DIR/as-nobody"
nobody() { setpriv --reuid=nobody --regid=nogroup --clear-groups --bounding-set=-all --no-new-privs "$@"; }
run nobody "$WORLD_DIR/as-nobody" explain --cgroup "$WORLD_SECTION" -c "$CONFIG" 2001:db8:9::1
is "$? $out" "0 pinned  [2001:db8:9::1]:25  from $A ($CONFIG:2: source)" "as nobody"
cp "$CONFIG" "$WORLD_DIR/"$'c\xff'
run "$SRCPIN" explain --cgroup "$WORLD_SECTION" -c "$WORLD_DIR/"$'c\xff' --json 2001:db8:9::1
is "$? $(jq -r .config <<<"$out")" "0 $WORLD_DIR/c?" "a file's name that is not for JSON is shown clean"
unset ASAN_OPTIONS UBSAN_OPTIONS # with SANITIZE=1 these make the folders of a report
run strace -f -qq -o "$WORLD_DIR/trace" -e trace=bpf,setns,openat,mkdir,rename,unlink,mount,sendto,sendmsg \
	"$SRCPIN" explain --cgroup "$WORLD_SECTION" -c "$CONFIG" 2001:db8:9::1
is "$?" 0 "under strace"
is "$(grep -v '"/dev/null"' "$WORLD_DIR/trace" | grep -cE 'bpf\(|setns\(|O_WRONLY|O_RDWR|mkdir|rename|unlink|mount\(|/sys/fs/bpf')" 0 "no call that could change anything"
done_testing
