// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Configs that mean nothing in; diagnostics out, as LINE:COL: MESSAGE. */
#include "config/config.h"
#include "parse_text.h"

#define LABEL63 "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-123456789"
#define LABEL61 "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-1234567"
#define LONG LABEL63 "." LABEL63 "." LABEL61 /* 189 bytes, to which an IPv6 address adds 64 */

#define SIXTEEN                                                                                            \
	"2001:db8::1 2001:db8::2 2001:db8::3 2001:db8::4 2001:db8::5 2001:db8::6 2001:db8::7 2001:db8::8 " \
	"2001:db8::9 2001:db8::a 2001:db8::b 2001:db8::c 2001:db8::d 2001:db8::e 2001:db8::f 2001:db8::10"

static const struct row {
	const char *what;
	const char *text; /* behind "[s]\n", unless it has sections of its own */
	const char *expected;
} rows[] = {
	{ "no source", "", "1:1: section [s] has neither 'source' nor 'source4'\n" },
	{ "no source, indented section", "[a]\n" S "  [b]\nports = 25\n",
	  "3:3: section [b] has neither 'source' nor 'source4'\n" },
	{ "source without a value", "source =\n", "2:9: 'source' has no value\n" },
	{ "value of separators only", S "exempt = , ,\n", "3:10: 'exempt' has no value\n" },
	{ "doctor: without a key", "[doctor]\n[s]\n" S, "" },
	{ "doctor: a list",
	  "[doctor]\ndnsbl = bl.example, x-y_z.example\n  other.example\ndnsbl = fourth.example\n[s]\n" S, "" },
	{ "doctor: none", "[doctor]\ndnsbl = none\n[s]\n" S, "" },
	{ "doctor: keys of services", "[doctor]\nsource = 2001:db8::25\n",
	  "2:1: [doctor] has no key 'source': it is for srcpin doctor (for a cgroup named doctor write [docto[r]])\n" },
	{ "doctor: its key elsewhere", S "dnsbl = bl.example\n", "3:1: unknown key 'dnsbl'\n" },
	{ "doctor: a glob is a service", "[docto[r]]\n",
	  "1:1: section [docto[r]] has neither 'source' nor 'source4'\n" },
	{ "doctor: twice", "[doctor]\n[doctor]\n", "2:1: there is a section [doctor] already, on line 1\n" },
	{ "doctor: no list", "[doctor]\ndnsbl =\ndnsbl = , ,\n",
	  "2:8: 'dnsbl' has no value\n3:9: 'dnsbl' has no value\n" },
	{ "doctor: no names", "[doctor]\ndnsbl = a..b .a a. ? -/- http://bl.example\n",
	  "2:9: 'a..b' is not the name of a blocklist\n2:14: '.a' is not the name of a blocklist\n"
	  "2:17: 'a.' is not the name of a blocklist\n2:20: '?' is not the name of a blocklist\n"
	  "2:22: '-/-' is not the name of a blocklist\n2:26: 'http://bl.example' is not the name of a blocklist\n" },
	{ "doctor: a name twice", "[doctor]\ndnsbl = bl.example\n  BL.example\n",
	  "3:3: 'BL.example' is already in the list\n" },
	{ "doctor: a label that is too long", "[doctor]\ndnsbl = " LABEL63 ".example " LABEL63 "b.example\n",
	  "2:81: '" LABEL63 "b.example' is not the name of a blocklist\n" },
	{ "doctor: a name that is too long", "[doctor]\ndnsbl = " LONG " x" LONG "\n",
	  "2:199: 'x" LONG "' is not the name of a blocklist\n" },
	{ "source: a word", "source = foo\n", "2:10: 'foo' is not an IPv6 address\n" },
	{ "source: a prefix of one address", "source = 2001:db8::1/128\n", "" },
	{ "source: a prefix, and nothing about spread", "source = 2001:db8:2::1 2001:db8:2:1::/80\n",
	  "2:24: a prefix as a source needs 'spread = hash', 'random' or 'round-robin'\n" },
	{ "source: a prefix, spread = first", "spread = first\nsource = 2001:db8:2:1::/80\n",
	  "3:10: a prefix as a source needs 'spread = hash', 'random' or 'round-robin'\n" },
	{ "source: a prefix, spread = hash", "source = 2001:db8:2:1::/80\nspread = hash\n", "" },
	{ "source: a prefix with host bits", "source = 2001:db8:2:1::1/80\nspread = hash\n",
	  "2:10: 2001:db8:2:1::1/80 has host bits set; did you mean 2001:db8:2:1::/80?\n" },
	{ "source: a prefix that is too wide", "source = ::/0 fe00::/7 2000::/3\nspread = random\n",
	  "2:10: '::/0' cannot be a source: not each address of it can be one (the unspecified address)\n"
	  "2:15: 'fe00::/7' cannot be a source: not each address of it can be one (link-local, which needs a "
	  "scope)\n" },
	{ "source: an IPv4 prefix", "source = 192.0.2.0/24\nspread = hash\n",
	  "2:10: '192.0.2.0/24' cannot be a source here: it is IPv4, and the key for it is 'source4'\n" },
	{ "source: one twice", "source = 2001:db8::1, 2001:db8::2 2001:DB8::1\n",
	  "2:35: 2001:DB8::1 is already in the list\n" },
	{ "source: sixteen", "source = " SIXTEEN "\n", "" },
	{ "source: seventeen", "source = " SIXTEEN " 2001:db8::17 x\n",
	  "2:203: too many sources; at most 16 are possible\n" },
	{ "spread: another word", S "spread = sticky\n",
	  "3:10: 'sticky' is none of first, hash, random, round-robin\n" },
	{ "spread: with one source", S "spread = round-robin\n", "" },
	{ "source: a scope", "source = fe80::1%lo\n", "2:10: 'fe80::1%lo' is not an IPv6 address\n" },
	{ "source: longer than any address", "source = 2001:db8:0:0:0:0:0:1111111111111111111111111111111111111\n",
	  "2:10: '2001:db8:0:0:0:0:0:1111111111111111111111111111111111111' is not an IPv6 address\n" },
	{ "source: IPv4", "source = 192.0.2.25\n",
	  "2:10: '192.0.2.25' cannot be a source here: it is IPv4, and the key for it is 'source4'\n" },
	{ "source: ::", "source = ::\n", "2:10: '::' cannot be a source: it is the unspecified address\n" },
	{ "source: ::1", "source = ::1\n", "2:10: '::1' cannot be a source: it is the loopback address\n" },
	{ "source: multicast", "source = ff0e::1\n", "2:10: 'ff0e::1' cannot be a source: it is multicast\n" },
	{ "source: link-local, first", "source = fe80::1\n",
	  "2:10: 'fe80::1' cannot be a source: it is link-local, which needs a scope\n" },
	{ "source: link-local, last", "source = febf::1\n",
	  "2:10: 'febf::1' cannot be a source: it is link-local, which needs a scope\n" },
	{ "source: v4-mapped", "source = ::ffff:192.0.2.25\n",
	  "2:10: '::ffff:192.0.2.25' cannot be a source: it is IPv4-mapped; write 192.0.2.25\n" },
	{ "source: v4-compatible", "source = ::192.0.2.25\n",
	  "2:10: '::192.0.2.25' cannot be a source: it is IPv4-compatible\n" },
	{ "source4: a word", "source4 = foo\n", "2:11: 'foo' is not an IPv4 address\n" },
	{ "source4: a prefix of one address", "source4 = 192.0.2.25/32\n", "" },
	{ "source4: a prefix", "source4 = 203.0.113.0/28\nspread = random\n", "" },
	{ "source4: too few numbers", "source4 = 192.0.2\n", "2:11: '192.0.2' is not an IPv4 address\n" },
	{ "source4: octal", "source4 = 192.0.2.025\n", "2:11: '192.0.2.025' is not an IPv4 address\n" },
	{ "source4: too large", "source4 = 192.0.2.256\n", "2:11: '192.0.2.256' is not an IPv4 address\n" },
	{ "source4: IPv6", "source4 = 2001:db8::25\n",
	  "2:11: '2001:db8::25' cannot be a source here: it is IPv6, and the key for it is 'source'\n" },
	{ "source4: v4-mapped", "source4 = ::ffff:192.0.2.25\n",
	  "2:11: '::ffff:192.0.2.25' cannot be a source: it is IPv4-mapped; write 192.0.2.25\n" },
	{ "source4: several", S4 " 192.0.2.26\n[t]\nsource4 = 192.0.2.25, 192.0.2.26\n",
	  "3:2: 'source4' already has a value, on line 2\n" },
	{ "source4: 0.0.0.0", "source4 = 0.0.0.0\n",
	  "2:11: '0.0.0.0' cannot be a source: it is not an address of a host (RFC 1122, 3.2.1.3)\n" },
	{ "source4: the last of 0/8", "source4 = 0.255.255.255\n",
	  "2:11: '0.255.255.255' cannot be a source: it is not an address of a host (RFC 1122, 3.2.1.3)\n" },
	{ "source4: loopback", "source4 = 127.0.0.1\n",
	  "2:11: '127.0.0.1' cannot be a source: it is a loopback address\n" },
	{ "source4: the last of loopback", "source4 = 127.255.255.255\n",
	  "2:11: '127.255.255.255' cannot be a source: it is a loopback address\n" },
	{ "source4: link-local", "source4 = 169.254.0.0\n",
	  "2:11: '169.254.0.0' cannot be a source: it is link-local\n" },
	{ "source4: the last of link-local", "source4 = 169.254.255.255\n",
	  "2:11: '169.254.255.255' cannot be a source: it is link-local\n" },
	{ "source4: multicast", "source4 = 224.0.0.0\n", "2:11: '224.0.0.0' cannot be a source: it is multicast\n" },
	{ "source4: the last of multicast", "source4 = 239.255.255.255\n",
	  "2:11: '239.255.255.255' cannot be a source: it is multicast\n" },
	{ "source4: reserved", "source4 = 240.0.0.0\n",
	  "2:11: '240.0.0.0' cannot be a source: it is reserved, or the broadcast address\n" },
	{ "source4: broadcast", "source4 = 255.255.255.255\n",
	  "2:11: '255.255.255.255' cannot be a source: it is reserved, or the broadcast address\n" },
	{ "several sources", "source = 2001:db8::1, 2001:db8::2 2001:db8::3\n", "" },
	{ "several sources, both bad", "source = x y\n",
	  "2:10: 'x' is not an IPv6 address\n2:12: 'y' is not an IPv6 address\n" },

	{ "unknown keys, also those of later versions", "pool = hash\n" S "source6=::\n Source = ::\n",
	  "2:1: unknown key 'pool'\n4:1: unknown key 'source6'\n5:2: unknown key 'Source'\n" },
	{ "duplicate keys",
	  S S "ports = 25\nports = 25\nmissing = deny\n missing = x\nbound = deny\nbound = deny\nbound = leave\n",
	  "3:1: 'source' already has a value, on line 2\n5:1: 'ports' already has a value, on line 4\n"
	  "7:2: 'missing' already has a value, on line 6\n9:1: 'bound' already has a value, on line 8\n"
	  "10:1: 'bound' already has a value, on line 8\n" },
	{ "duplicate keys of IPv4 and the service as a whole",
	  S4 S4 "guard = on\nguard = on\nmode = enforce\nmode = observe\n[t]\n" S "ipv4 = deny\nipv4 = leave\n",
	  "3:1: 'source4' already has a value, on line 2\n5:1: 'guard' already has a value, on line 4\n"
	  "7:1: 'mode' already has a value, on line 6\n11:1: 'ipv4' already has a value, on line 10\n" },
	{ "keys without a value", S "source4 =\nipv4 =\nguard =\nmode =\n",
	  "3:10: 'source4' has no value\n4:7: 'ipv4' has no value\n5:8: 'guard' has no value\n6:7: 'mode' has no "
	  "value\n" },
	{ "continued source", "source = 2001:db8::1\n  2001:db8::2\n",
	  "3:3: 'source' already has a value, on line 2\n" },

	{ "exempt: bad words", S "exempt = foo, /64 2001:db8:9::/48 1.2.3 ::1::/48\n",
	  "3:10: 'foo' is neither an address nor a prefix\n3:15: '/64' is neither an address nor a prefix\n"
	  "3:35: '1.2.3' is neither an address nor a prefix\n3:41: '::1::/48' is neither an address nor a prefix\n" },
	{ "exempt: bad IPv6 lengths", S "exempt = 2::/129,2::/ 2::/-1 2::/048 2::/6x 2::/64/64 2::/4294967360\n",
	  "3:14: prefix length '129' is not a number from 0 to 128\n"
	  "3:22: prefix length '' is not a number from 0 to 128\n"
	  "3:27: prefix length '-1' is not a number from 0 to 128\n"
	  "3:34: prefix length '048' is not a number from 0 to 128\n"
	  "3:42: prefix length '6x' is not a number from 0 to 128\n"
	  "3:49: prefix length '64/64' is not a number from 0 to 128\n"
	  "3:59: prefix length '4294967360' is not a number from 0 to 128\n" },
	{ "exempt: bad IPv4 length", S "exempt = 192.0.2.0/33\n",
	  "3:20: prefix length '33' is not a number from 0 to 32\n" },
	{ "exempt: host bits", S "exempt = 2001:db8::1/32 2001:db8::/28\n exempt = 10.0.0.1/8 10.0.0.3/31 8000::/0\n",
	  "3:10: 2001:db8::1/32 has host bits set; did you mean 2001:db8::/32?\n"
	  "3:25: 2001:db8::/28 has host bits set; did you mean 2001:db0::/28?\n"
	  "4:11: 10.0.0.1/8 has host bits set; did you mean 10.0.0.0/8?\n"
	  "4:22: 10.0.0.3/31 has host bits set; did you mean 10.0.0.2/31?\n"
	  "4:34: 8000::/0 has host bits set; did you mean ::/0?\n" },
	{ "exempt: everything", S "exempt = ::/0\n",
	  "3:10: ::/0 would exempt every destination that 'source' is for\n" },
	{ "exempt: everything, source below it, and bad", "exempt = ::/0\nsource = x\n",
	  "2:10: ::/0 would exempt every destination that 'source' is for\n3:10: 'x' is not an IPv6 address\n" },
	{ "exempt: all of IPv4", S "exempt = 0.0.0.0/0 ::ffff:0:0/96\n",
	  "3:10: 0.0.0.0/0 has its rule from the keys 'source4' and 'ipv4'\n"
	  "3:20: 0.0.0.0/0 has its rule from the keys 'source4' and 'ipv4'\n" },
	{ "exempt: all of IPv4, which has a source", S4 "exempt = 0.0.0.0/0, ::/0, ::/0\n",
	  "3:10: 0.0.0.0/0 has its rule from the keys 'source4' and 'ipv4'\n3:27: ::/0 already has a rule, on line "
	  "3\n" },

	{ "to: no value", S "to =\n", "3:5: 'to' has no value\n" },
	{ "to: no source", S "to = 2001:db8:9::/48\n", "3:21: expected 'PREFIX SOURCE': the source is missing\n" },
	{ "to: no source, bad prefix", S "to = x\n",
	  "3:6: 'x' is neither an address nor a prefix\n"
	  "3:7: expected 'PREFIX SOURCE': the source is missing\n" },
	{ "to: both bad", S "to = x  y\n",
	  "3:6: 'x' is neither an address nor a prefix\n3:9: 'y' is not an IP address\n" },
	{ "to: no list", S "to = 2001:db8:9::/48, 2001:db8::26\n",
	  "3:19: prefix length '48,' is not a number from 0 to 128\n" },
	{ "to: a prefix among the sources", S "to = 2001:db8:9::/48 2001:db8::26 2001:db8:a::/48 2001:db8::27\n",
	  "3:35: a prefix as a source needs 'spread = hash', 'random' or 'round-robin'\n" },
	{ "to: several sources", S "to = 2001:db8:9::/48 2001:db8::26, 2001:db8::27 2001:db8::28\n", "" },
	{ "to: several sources, one of the other family", S "to = 2001:db8:9::/48 2001:db8::26 192.0.2.1\n",
	  "3:35: '192.0.2.1' cannot be a source here: it is IPv4, and the prefix is not\n" },
	{ "to: IPv4 prefix, IPv6 source", S "to = 192.0.2.0/24 2001:db8::26\n",
	  "3:19: '2001:db8::26' cannot be a source here: it is IPv6, and the prefix is not\n" },
	{ "to: v4-mapped prefix, IPv6 source", S "to = ::ffff:192.0.2.0/120 2001:db8::26\n",
	  "3:27: '2001:db8::26' cannot be a source here: it is IPv6, and the prefix is not\n" },
	{ "to: IPv4 prefix, source of a word", S "to = 192.0.2.0/24 x\n", "3:19: 'x' is not an IPv4 address\n" },
	{ "to: IPv4 prefix, v4-mapped source", S "to = 192.0.2.0/24 ::ffff:192.0.2.25\n",
	  "3:19: '::ffff:192.0.2.25' cannot be a source: it is IPv4-mapped; write 192.0.2.25\n" },
	{ "to: IPv6 prefix, v4-mapped source", S "to = 2001:db8:9::/48 ::ffff:192.0.2.25\n",
	  "3:22: '::ffff:192.0.2.25' cannot be a source: it is IPv4-mapped; write 192.0.2.25\n" },
	{ "to: IPv4 source that cannot be", S "to = 192.0.2.0/24 127.0.0.1\n",
	  "3:19: '127.0.0.1' cannot be a source: it is a loopback address\n" },
	{ "to: bad IPv4 prefix, source that cannot be", S "to = 192.0.2.1/24 224.0.0.1\n",
	  "3:6: 192.0.2.1/24 has host bits set; did you mean 192.0.2.0/24?\n"
	  "3:19: '224.0.0.1' cannot be a source: it is multicast\n" },
	{ "to: a prefix around all of IPv4, IPv4 source", S "to = ::/80 192.0.2.25\n",
	  "3:12: '192.0.2.25' cannot be a source here: it is IPv4, and the prefix is not\n" },
	{ "to: IPv4 source", S "to = 2001:db8:9::/48 192.0.2.1\n",
	  "3:22: '192.0.2.1' cannot be a source here: it is IPv4, and the prefix is not\n" },
	{ "to: everything", S "to = ::/0 2001:db8::26\n", "3:6: ::/0 has its source from the key 'source'\n" },
	{ "to: all of IPv4", S "to = 0.0.0.0/0 192.0.2.25\nto = ::ffff:0:0/96 192.0.2.25\n",
	  "3:6: 0.0.0.0/0 has its source from the key 'source4'\n4:6: 0.0.0.0/0 has its source from the key "
	  "'source4'\n" },

	{ "prefix twice in a list", S "exempt = 2001:db8:9::/48,\n  2001:db8:9::/48\n",
	  "4:3: 2001:db8:9::/48 already has a rule, on line 3\n" },
	{ "prefix twice: to, exempt", S "to = 2001:db8:9::/48 2001:db8::26\nexempt = 2001:db8:9:0::/48\n",
	  "4:10: 2001:db8:9::/48 already has a rule, on line 3\n" },
	{ "prefix twice: exempt, to", S "exempt = ::1\n\nto = ::1/128 2001:db8::26\n",
	  "5:6: ::1/128 already has a rule, on line 3\n" },
	{ "prefix twice: to, to", S "to = 2001:db8:9::/48 2001:db8::26\nto = 2001:db8:9::/48 2001:db8::26\n",
	  "4:6: 2001:db8:9::/48 already has a rule, on line 3\n" },
	{ "prefix twice: IPv4 in both spellings", S "exempt = 10.0.0.0/8 ::ffff:10.0.0.0/104\n",
	  "3:21: 10.0.0.0/8 already has a rule, on line 3\n" },

	{ "prefix twice: IPv4, to and exempt", S4 "to = 198.51.100.0/24 192.0.2.26\nexempt = ::ffff:198.51.100.0/120\n",
	  "4:10: 198.51.100.0/24 already has a rule, on line 3\n" },

	{ "ports: not numbers", S "ports = 0, 25, smtp 65536 -1 025 +5 2x 100000\n",
	  "3:9: '0' is not a port (1 to 65535)\n3:16: 'smtp' is not a port (1 to 65535)\n"
	  "3:21: '65536' is not a port (1 to 65535)\n3:27: '-1' is not a port (1 to 65535)\n"
	  "3:30: '025' is not a port (1 to 65535)\n3:34: '+5' is not a port (1 to 65535)\n"
	  "3:37: '2x' is not a port (1 to 65535)\n3:40: '100000' is not a port (1 to 65535)\n" },
	{ "ports: all and more", S "ports = all, 25\n", "3:9: 'all' is not a port (1 to 65535)\n" },
	{ "ports: twice", S "ports = 25, 465,25\n", "3:17: port 25 is already in the list\n" },
	{ "ports: too many", S "ports = 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18\n",
	  "3:48: too many ports; at most 16 are possible\n" },

	{ "missing", S "missing = no\n", "3:11: 'no' is none of deny, pass\n" },
	{ "bound", S "bound =  deny leave\n", "3:10: 'deny leave' is none of rewrite, deny, leave\n" },
	{ "ipv4", S "ipv4 = no\n", "3:8: 'no' is none of leave, deny\n" },
	{ "ipv4 beside source4", S4 "ipv4 = deny\n", "3:1: 'ipv4' is for a section without 'source4'\n" },
	{ "ipv4 beside source4, above it", S "ipv4 = leave\n" S4, "3:1: 'ipv4' is for a section without 'source4'\n" },
	{ "ipv4 alone", "ipv4 = deny\n", "1:1: section [s] has neither 'source' nor 'source4'\n" },
	{ "guard", S "guard = yes\n", "3:9: 'yes' is none of on, off\n" },
	{ "late", S "late = wait\nlate = fail\n",
	  "3:8: 'wait' is none of start, fail\n4:1: 'late' already has a value, on line 3\n" },
	{ "mode", S "mode = observed\n", "3:8: 'observed' is none of enforce, observe\n" },
	{ "keywords as they are", S "bound = Deny\n", "3:9: 'Deny' is none of rewrite, deny, leave\n" },

	{ "section without a name", "[]\n" S "[]\n" S, "1:1: the section has no name\n3:1: the section has no name\n" },
	{ "sections twice", "[a]\n" S "[b]\n" S " [a]\n" S "[a]\n" S,
	  "5:2: there is a section [a] already, on line 1\n7:1: there is a section [a] already, on line 1\n" },
	{ "errors of all sections", "[a]\n[b]\n" S "x = y\n[a]\n",
	  "1:1: section [a] has neither 'source' nor 'source4'\n4:1: unknown key 'x'\n5:1: section [a] has neither "
	  "'source' nor 'source4'\n"
	  "5:1: there is a section [a] already, on line 1\n" },
};

static void has_errors(void **state)
{
	const struct row *row = *state;
	struct diagnostics d = { 0 };
	struct config c;
	size_t size = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	parse(row->text, &c);
	assert_int_equal(policy_check(&c, &d), !*row->expected);
	diagnostics_sort(&d);
	for (size_t i = 0; i < d.n; i++)
		fprintf(out, "%u:%u: %s\n", d.item[i].line, d.item[i].col, d.item[i].message);
	fclose(out);
	assert_string_equal(text, row->expected);
	free(text);
	config_free(&c);
	diagnostics_free(&d);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(rows)] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		tests[i] = (struct CMUnitTest){ rows[i].what, has_errors, NULL, NULL, (void *)&rows[i] };
	return cmocka_run_group_tests_name("policy errors", tests, NULL, NULL);
}
