// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Configs that mean nothing in; diagnostics out, as LINE:COL: MESSAGE. */
#include "parse_text.h"

static const struct row {
	const char *what;
	const char *text; /* behind "[s]\n", unless it has sections of its own */
	const char *expected;
} rows[] = {
	{ "no source", "", "1:1: section [s] has no 'source'\n" },
	{ "no source, indented section", "[a]\n" S "  [b]\nports = 25\n", "3:3: section [b] has no 'source'\n" },
	{ "source without a value", "source =\n", "2:9: 'source' has no value\n" },
	{ "value of separators only", S "exempt = , ,\n", "3:10: 'exempt' has no value\n" },
	{ "source: a word", "source = foo\n", "2:10: 'foo' is not an IPv6 address\n" },
	{ "source: a prefix", "source = 2001:db8::1/128\n", "2:10: '2001:db8::1/128' is not an IPv6 address\n" },
	{ "source: a scope", "source = fe80::1%lo\n", "2:10: 'fe80::1%lo' is not an IPv6 address\n" },
	{ "source: longer than any address", "source = 2001:db8:0:0:0:0:0:1111111111111111111111111111111111111\n",
	  "2:10: '2001:db8:0:0:0:0:0:1111111111111111111111111111111111111' is not an IPv6 address\n" },
	{ "source: IPv4", "source = 192.0.2.25\n",
	  "2:10: '192.0.2.25' cannot be a source: it is IPv4, and a source must be IPv6\n" },
	{ "source: ::", "source = ::\n", "2:10: '::' cannot be a source: it is the unspecified address\n" },
	{ "source: ::1", "source = ::1\n", "2:10: '::1' cannot be a source: it is the loopback address\n" },
	{ "source: multicast", "source = ff0e::1\n", "2:10: 'ff0e::1' cannot be a source: it is multicast\n" },
	{ "source: link-local, first", "source = fe80::1\n",
	  "2:10: 'fe80::1' cannot be a source: it is link-local, which needs a scope\n" },
	{ "source: link-local, last", "source = febf::1\n",
	  "2:10: 'febf::1' cannot be a source: it is link-local, which needs a scope\n" },
	{ "source: v4-mapped", "source = ::ffff:192.0.2.25\n",
	  "2:10: '::ffff:192.0.2.25' cannot be a source: it is IPv4-mapped\n" },
	{ "source: v4-compatible", "source = ::192.0.2.25\n",
	  "2:10: '::192.0.2.25' cannot be a source: it is IPv4-compatible\n" },
	{ "several sources", "source = 2001:db8::1, 2001:db8::2 2001:db8::3\n",
	  "2:23: unexpected '2001:db8::2': there can be only one source\n" },
	{ "several sources, first bad", "source = x y\n",
	  "2:10: 'x' is not an IPv6 address\n2:12: unexpected 'y': there can be only one source\n" },

	{ "unknown keys, also those of later versions", "mode = observe\n" S "guard=on\n Source = ::\n",
	  "2:1: unknown key 'mode'\n4:1: unknown key 'guard'\n5:2: unknown key 'Source'\n" },
	{ "duplicate keys",
	  S S "ports = 25\nports = 25\nmissing = deny\n missing = x\nbound = deny\nbound = deny\nbound = leave\n",
	  "3:1: 'source' already has a value, on line 2\n5:1: 'ports' already has a value, on line 4\n"
	  "7:2: 'missing' already has a value, on line 6\n9:1: 'bound' already has a value, on line 8\n"
	  "10:1: 'bound' already has a value, on line 8\n" },
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
	  "3:10: ::/0 would exempt every destination; nothing would be pinned\n" },

	{ "to: no value", S "to =\n", "3:5: 'to' has no value\n" },
	{ "to: no source", S "to = 2001:db8:9::/48\n", "3:21: expected 'PREFIX SOURCE': the source is missing\n" },
	{ "to: no source, bad prefix", S "to = x\n",
	  "3:6: 'x' is neither an address nor a prefix\n"
	  "3:7: expected 'PREFIX SOURCE': the source is missing\n" },
	{ "to: both bad", S "to = x  y\n",
	  "3:6: 'x' is neither an address nor a prefix\n3:9: 'y' is not an IPv6 address\n" },
	{ "to: no list", S "to = 2001:db8:9::/48, 2001:db8::26\n",
	  "3:19: prefix length '48,' is not a number from 0 to 128\n" },
	{ "to: too many words", S "to = 2001:db8:9::/48 2001:db8::26 2001:db8:a::/48 2001:db8::26\n",
	  "3:35: unexpected '2001:db8:a::/48' after the source\n" },
	{ "to: IPv4 prefix", S "to = 192.0.2.0/24 2001:db8::26\n",
	  "3:6: '192.0.2.0/24' is IPv4, and a source can only be IPv6\n" },
	{ "to: v4-mapped prefix", S "to = ::ffff:192.0.2.0/120 2001:db8::26\n",
	  "3:6: '::ffff:192.0.2.0/120' is IPv4, and a source can only be IPv6\n" },
	{ "to: IPv4 source", S "to = 2001:db8:9::/48 192.0.2.1\n",
	  "3:22: '192.0.2.1' cannot be a source: it is IPv4, and a source must be IPv6\n" },
	{ "to: everything", S "to = ::/0 2001:db8::26\n", "3:6: ::/0 has its source from the key 'source'\n" },

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
	{ "keywords as they are", S "bound = Deny\n", "3:9: 'Deny' is none of rewrite, deny, leave\n" },

	{ "section without a name", "[]\n" S "[]\n" S, "1:1: the section has no name\n3:1: the section has no name\n" },
	{ "sections twice", "[a]\n" S "[b]\n" S " [a]\n" S "[a]\n" S,
	  "5:2: there is a section [a] already, on line 1\n7:1: there is a section [a] already, on line 1\n" },
	{ "errors of all sections", "[a]\n[b]\n" S "x = y\n[a]\n",
	  "1:1: section [a] has no 'source'\n4:1: unknown key 'x'\n5:1: section [a] has no 'source'\n"
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
	assert_false(policy_check(&c, &d));
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
