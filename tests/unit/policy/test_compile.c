// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A section of a config in; entries out, each written as
 *	PREFIX VERDICT [SOURCE BOUND MISSING] lLINE [own] [local] [PORTS]
 */
#include "base/ip.h"
#include "config/config.h"
#include "policy/compile.h"
#include "policy/policy.h"
#include "srcpin/abi.h"
#include "parse_text.h"

#define D " 2001:db8::25 rewrite deny"
#define OWN "2001:db8::25/128 pin" D " l2 own\n"
#define DEFAULT "::/0 pin" D " l2\n"
#define D4 " 192.0.2.25 rewrite deny"
#define OWN4 "192.0.2.25/32 pin" D4 " l2 own\n"
#define DEFAULT4 "0.0.0.0/0 pin" D4 " l2\n"
#define DENIED "::/0 deny rewrite deny l0\n" /* IPv6 without a source */

/* Entries without those of every policy. */
static const struct row {
	const char *what;
	const char *text; /* behind "[s]\n", unless it has sections of its own */
	const char *expected;
} entry_rows[] = {
	{ "source alone", S, DEFAULT OWN },
	{ "ports = all", S "ports = all\n", DEFAULT OWN },
	{ "defaults said aloud", S "bound = rewrite\nmissing = deny\n", DEFAULT OWN },
	{ "bound = deny, missing = pass", S "bound = deny\nmissing = pass\n",
	  "::/0 pin 2001:db8::25 deny pass l2\n2001:db8::25/128 pin 2001:db8::25 deny pass l2 own\n" },
	{ "bound = leave", "bound = leave\n" S,
	  "::/0 pin 2001:db8::25 leave deny l3\n2001:db8::25/128 pin 2001:db8::25 leave deny l3 own\n" },
	{ "ports, sorted", S "ports = 587, 25,465 65535 1\n",
	  "::/0 pin" D " l2 1 25 465 587 65535\n2001:db8::25/128 pin" D " l2 own 1 25 465 587 65535\n" },
	{ "as many ports as may be", S "ports = 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
	  "::/0 pin" D " l2 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
	  "2001:db8::25/128 pin" D " l2 own 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n" },
	{ "exempt", S "exempt = 2001:db8:9::/48,2001:db8:8::1\n   198.51.100.0/24\n\t192.0.2.1\nexempt = 8000::/1\n",
	  DEFAULT "192.0.2.1/32 exempt l5\n198.51.100.0/24 exempt l4\n" OWN
		  "2001:db8:8::1/128 exempt l3\n2001:db8:9::/48 exempt l3\n8000::/1 exempt l6\n" },
	{ "to, with what the section says",
	  "to = 2001:db8:9::/48 2001:db8::26\nports = 25\n" S "bound = deny\nmissing = pass\n",
	  "::/0 pin 2001:db8::25 deny pass l4 25\n2001:db8::25/128 pin 2001:db8::25 deny pass l4 own 25\n"
	  "2001:db8::26/128 pin 2001:db8::25 deny pass l4 own 25\n"
	  "2001:db8:9::/48 pin 2001:db8::26 deny pass l2 25\n" },
	{ "to: a host, continued", S "to = 2001:db8:9::1 2001:db8::26\n 2001:db8:9::2 2001:db8::26\n",
	  DEFAULT OWN "2001:db8::26/128 pin" D " l2 own\n"
		      "2001:db8:9::1/128 pin 2001:db8::26 rewrite deny l3\n"
		      "2001:db8:9::2/128 pin 2001:db8::26 rewrite deny l4\n" },
	{ "same address, other length", S "exempt = 2001:db8:8::/64, 2001:db8:8::/48, 2001:db8:8::/47\n",
	  DEFAULT OWN "2001:db8:8::/47 exempt l3\n2001:db8:8::/48 exempt l3\n2001:db8:8::/64 exempt l3\n" },
	{ "source in an exempt prefix", S "exempt = 2001:db8::/64 2001:db8::/32\n",
	  DEFAULT "2001:db8::/32 exempt l3\n2001:db8::/64 exempt l3\n2001:db8::25/128 exempt l3 own\n" },
	{ "source exempt itself", S "exempt = 2001:db8::25\n", DEFAULT "2001:db8::25/128 exempt l3 own\n" },
	{ "source as a destination", S "to = 2001:db8::25 2001:db8::26\n",
	  DEFAULT "2001:db8::25/128 pin 2001:db8::26 rewrite deny l3 own\n"
		  "2001:db8::26/128 pin" D " l2 own\n" },
	{ "source in a prefix with another source", S "to = 2001:db8::/64 2001:db8::26\n",
	  DEFAULT "2001:db8::/64 pin 2001:db8::26 rewrite deny l3\n"
		  "2001:db8::25/128 pin 2001:db8::26 rewrite deny l3 own\n"
		  "2001:db8::26/128 pin 2001:db8::26 rewrite deny l3 own\n" },
	{ "source in a built-in exemption", "source = fd00::25\n",
	  "::/0 pin fd00::25 rewrite deny l2\nfd00::25/128 exempt l0 own\n" },
	{ "last byte of a prefix counts bit by bit", S "exempt = 2001:db8::20/125, 2001:db8::24/126\n",
	  DEFAULT "2001:db8::20/125 exempt l3\n2001:db8::24/126 exempt l3\n2001:db8::25/128 exempt l3 own\n" },
	{ "a user's rule instead of a built-in", S "exempt = 10.0.0.0/8\nto = fc00::/7 2001:db8::25\n",
	  DEFAULT "10.0.0.0/8 exempt l3 local\n" OWN "fc00::/7 pin" D " l4 local\n" },
	{ "a user's rule within a built-in", S "to = fd00:1::/32 2001:db8::25\n",
	  DEFAULT OWN "fd00:1::/32 pin" D " l3 local\n" },
	{ "most of IPv6 away", S "exempt = ::/1\n", DEFAULT "::/1 exempt l3\n2001:db8::25/128 exempt l3 own\n" },
	{ "addresses next to those that cannot be sources", "source = fec0::1\nto = ::1:0:0 ::1:0:1:2\n",
	  "::/0 pin fec0::1 rewrite deny l2\n::1:0:0/128 pin ::1:0:1:2 rewrite deny l3\n"
	  "::1:0:1:2/128 pin fec0::1 rewrite deny l2 own\nfec0::1/128 pin fec0::1 rewrite deny l2 own\n" },

	{ "ipv4 = leave", S "ipv4 = leave\n", DEFAULT "0.0.0.0/0 exempt l3\n" OWN },
	{ "ipv4 = deny", S "ipv4 = deny\n", DEFAULT "0.0.0.0/0 deny rewrite deny l3\n" OWN },
	{ "ipv4 = deny, with what the section says", S "ipv4 = deny\nports = 25\nbound = leave\nmissing = pass\n",
	  "::/0 pin 2001:db8::25 leave pass l2 25\n0.0.0.0/0 deny leave pass l3 25\n"
	  "2001:db8::25/128 pin 2001:db8::25 leave pass l2 own 25\n" },
	{ "ipv4 = deny, but for some", S "ipv4 = deny\nexempt = 198.51.100.0/24\nto = 203.0.113.0/24 192.0.2.26\n",
	  DEFAULT "0.0.0.0/0 deny rewrite deny l3\n192.0.2.26/32 deny rewrite deny l3 own\n"
		  "198.51.100.0/24 exempt l4\n203.0.113.0/24 pin 192.0.2.26 rewrite deny l5\n" OWN },
	{ "both families", S "source4 = 192.0.2.25\n",
	  DEFAULT "0.0.0.0/0 pin" D4 " l3\n192.0.2.25/32 pin" D4 " l3 own\n" OWN },
	{ "both families, with what the section says", S4 S "ports = 465 25\nbound = leave\nmissing = pass\n",
	  "::/0 pin 2001:db8::25 leave pass l3 25 465\n0.0.0.0/0 pin 192.0.2.25 leave pass l2 25 465\n"
	  "192.0.2.25/32 pin 192.0.2.25 leave pass l2 own 25 465\n"
	  "2001:db8::25/128 pin 2001:db8::25 leave pass l3 own 25 465\n" },
	{ "IPv4 alone", S4, DENIED DEFAULT4 OWN4 },
	{ "IPv4 alone, with what the section says", S4 "ports = 25\nbound = deny\nmissing = pass\n",
	  "::/0 deny deny pass l0 25\n0.0.0.0/0 pin 192.0.2.25 deny pass l2 25\n"
	  "192.0.2.25/32 pin 192.0.2.25 deny pass l2 own 25\n" },
	{ "IPv4 alone, IPv6 exempt", S4 "exempt = ::/0\n", "::/0 exempt l3\n" DEFAULT4 OWN4 },
	{ "IPv4 alone, half of IPv6 exempt", S4 "exempt = ::/1\n", DENIED "::/1 exempt l3\n" DEFAULT4 OWN4 },
	{ "IPv4 alone, some of IPv6 with a source", S4 "to = 2001:db8:9::/48 2001:db8::26\n",
	  DENIED DEFAULT4 OWN4 "2001:db8::26/128 deny rewrite deny l0 own\n"
			       "2001:db8:9::/48 pin 2001:db8::26 rewrite deny l3\n" },
	{ "IPv4 with a source for some", S "to = 203.0.113.0/24 192.0.2.26\n",
	  DEFAULT "192.0.2.26/32 exempt l0 own\n203.0.113.0/24 pin 192.0.2.26 rewrite deny l3\n" OWN },
	{ "IPv4 left alone, but for some", S "ipv4 = leave\nto = 203.0.113.0/24 192.0.2.26\n",
	  DEFAULT "0.0.0.0/0 exempt l3 except\n192.0.2.26/32 exempt l3 own\n"
		  "203.0.113.0/24 pin 192.0.2.26 rewrite deny l4\n" OWN },
	{ "IPv6 exempt, but for some", S4 "exempt = ::/0\nto = 2001:db8:9::/48 2001:db8::26\n",
	  "::/0 exempt l3 except\n" DEFAULT4 OWN4 "2001:db8::26/128 exempt l3 own\n"
	  "2001:db8:9::/48 pin 2001:db8::26 rewrite deny l4\n" },
	{ "to: an IPv4 host, and one in the mapped spelling",
	  S4 "to = 203.0.113.1 192.0.2.26\n ::ffff:203.0.113.2 192.0.2.26\n ::ffff:203.0.113.4/126 192.0.2.26\n",
	  DENIED DEFAULT4 OWN4 "192.0.2.26/32 pin" D4 " l2 own\n203.0.113.1/32 pin 192.0.2.26 rewrite deny l3\n"
			       "203.0.113.2/32 pin 192.0.2.26 rewrite deny l4\n"
			       "203.0.113.4/30 pin 192.0.2.26 rewrite deny l5\n" },
	{ "IPv4 source in an exempt prefix", S4 "exempt = 192.0.0.0/16\n",
	  DENIED DEFAULT4 "192.0.0.0/16 exempt l3\n192.0.2.25/32 exempt l3 own\n" },
	{ "IPv4 source exempt itself", S4 "exempt = 192.0.2.25\n", DENIED DEFAULT4 "192.0.2.25/32 exempt l3 own\n" },
	{ "IPv4 source in a built-in exemption", "source4 = 10.0.0.25\n",
	  DENIED "0.0.0.0/0 pin 10.0.0.25 rewrite deny l2\n10.0.0.25/32 exempt l0 own\n" },
	{ "IPv4 source in a built-in exemption, exempt itself", "source4 = 10.0.0.25\nexempt = 10.0.0.25\n",
	  DENIED "0.0.0.0/0 pin 10.0.0.25 rewrite deny l2\n10.0.0.25/32 exempt l3 own\n" },
	{ "a user's IPv4 rule instead of a built-in, and within", S4 "to = 10.0.0.0/8 10.0.0.1\nexempt = 127.0.0.1\n",
	  DENIED DEFAULT4 "10.0.0.0/8 pin 10.0.0.1 rewrite deny l3 local\n"
			  "10.0.0.1/32 pin 10.0.0.1 rewrite deny l3 own local\n"
			  "127.0.0.1/32 exempt l4 local\n" OWN4 },
	{ "IPv4 addresses next to those that cannot be sources",
	  "source4 = 1.0.0.0\nto = 126.0.0.0/8 126.255.255.255\n 128.0.0.0/8 128.0.0.0\n 2.0.0.0/8 169.253.255.255\n"
	  " 3.0.0.0/8 169.255.0.0\n 4.0.0.0/8 223.255.255.255\n",
	  DENIED "0.0.0.0/0 pin 1.0.0.0 rewrite deny l2\n1.0.0.0/32 pin 1.0.0.0 rewrite deny l2 own\n"
		 "2.0.0.0/8 pin 169.253.255.255 rewrite deny l5\n3.0.0.0/8 pin 169.255.0.0 rewrite deny l6\n"
		 "4.0.0.0/8 pin 223.255.255.255 rewrite deny l7\n126.0.0.0/8 pin 126.255.255.255 rewrite deny l3\n"
		 "126.255.255.255/32 pin 126.255.255.255 rewrite deny l3 own\n"
		 "128.0.0.0/8 pin 128.0.0.0 rewrite deny l4\n128.0.0.0/32 pin 128.0.0.0 rewrite deny l4 own\n"
		 "169.253.255.255/32 pin 1.0.0.0 rewrite deny l2 own\n169.255.0.0/32 pin 1.0.0.0 rewrite deny l2 own\n"
		 "223.255.255.255/32 pin 1.0.0.0 rewrite deny l2 own\n" },
	{ "an IPv6 prefix around all of IPv4 takes none of it", S "exempt = ::/80\nto = ::fffe:0:0/95 2001:db8::25\n",
	  DEFAULT "::/80 exempt l3\n::fffe:0:0/95 pin" D " l4\n" OWN },
	{ "guard and mode make no rules", S "guard = off\nmode = observe\n", DEFAULT OWN },
	{ "only the first section", "[a]\n" S "[b]\nports = x\n", DEFAULT OWN },
};

#define IPV4_LEFT "0.0.0.0/0 exempt l0\n"
#define BUILTIN(ipv4)                                                   \
	"::/128 exempt l0 local\n"                                      \
	"::1/128 exempt l0 local\n" ipv4 "0.0.0.0/32 exempt l0 local\n" \
	"10.0.0.0/8 exempt l0 local\n"                                  \
	"100.64.0.0/10 exempt l0 local\n"                               \
	"127.0.0.0/8 exempt l0 local\n"                                 \
	"169.254.0.0/16 exempt l0 local\n"                              \
	"172.16.0.0/12 exempt l0 local\n"                               \
	"192.168.0.0/16 exempt l0 local\n"                              \
	"224.0.0.0/4 exempt l0 local\n"                                 \
	"255.255.255.255/32 exempt l0 local\n"                          \
	"fc00::/7 exempt l0 local\n"                                    \
	"fe80::/10 exempt l0 local\n"                                   \
	"ff00::/8 exempt l0 local\n"

static const struct row builtin_rows[] = {
	{ "built in: IPv4 is left alone", S, BUILTIN(IPV4_LEFT) },
	{ "built in: ipv4 = leave", S "ipv4 = leave\n", BUILTIN("") },
	{ "built in: ipv4 = deny", S "ipv4 = deny\n", BUILTIN("") },
	{ "built in: both families", S "source4 = 192.0.2.25\n", BUILTIN("") },
	{ "built in: IPv4 alone", S4, BUILTIN("") },
	{ "built in: a private source has neighbours", "source4 = 172.31.255.255\n",
	  "::/128 exempt l0 local\n"
	  "::1/128 exempt l0 local\n"
	  "0.0.0.0/32 exempt l0 local\n"
	  "10.0.0.0/8 exempt l0 local\n"
	  "100.64.0.0/10 exempt l0 local\n"
	  "127.0.0.0/8 exempt l0 local\n"
	  "169.254.0.0/16 exempt l0 local\n"
	  "172.16.0.0/12 exempt l0\n"
	  "192.168.0.0/16 exempt l0 local\n"
	  "224.0.0.0/4 exempt l0 local\n"
	  "255.255.255.255/32 exempt l0 local\n"
	  "fc00::/7 exempt l0 local\n"
	  "fe80::/10 exempt l0 local\n"
	  "ff00::/8 exempt l0 local\n" },
	{ "built in: IPv4 alone, IPv6 exempt", S4 "exempt = ::/0\n", BUILTIN("") },
};

static const char *bound_name(enum srcpin_bound bound)
{
	return bound == SRCPIN_BOUND_REWRITE ? "rewrite" : bound == SRCPIN_BOUND_DENY ? "deny" : "leave";
}

static void print_entry(FILE *out, const struct policy_entry *e)
{
	static const __u8 zero[16];
	const struct srcpin_rule *r = &e->rule;
	char prefix[PREFIX_STRLEN], source[INET6_ADDRSTRLEN];

	fprintf(out, "%s", prefix_print(&e->prefix, prefix));
	if (r->verdict == SRCPIN_PIN) {
		fprintf(out, " pin %s %s %s", address_print(r->source, source), bound_name(r->bound),
			r->missing == SRCPIN_MISSING_DENY ? "deny" : "pass");
	} else if (r->verdict == SRCPIN_DENY) {
		assert_memory_equal(r->source, zero, sizeof(zero));
		fprintf(out, " deny %s %s", bound_name(r->bound), r->missing == SRCPIN_MISSING_DENY ? "deny" : "pass");
	} else {
		assert_int_equal(r->verdict, SRCPIN_EXEMPT);
		assert_memory_equal(r->source, zero, sizeof(zero));
		assert_int_not_equal(r->bound, 0);
		assert_int_equal(r->missing, 0);
		fprintf(out, " exempt");
	}
	fprintf(out, " l%u%s%s", r->line, r->flags & SRCPIN_RULE_OWN ? " own" : "",
		r->flags & SRCPIN_RULE_LOCAL ? " local" : "");
	fprintf(out, "%s", r->flags & SRCPIN_RULE_EXCEPT ? " except" : "");
	for (size_t i = 0; i < SRCPIN_MAX_PORTS; i++)
		if (i < r->n_ports)
			fprintf(out, " %u", r->ports[i]);
		else
			assert_int_equal(r->ports[i], 0);
	fprintf(out, "\n");
}

static void assert_entries(const struct policy *p, bool builtin, const char *expected)
{
	size_t size = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (size_t i = 0; i < p->n_entries; i++) {
		const struct policy_entry *e = &p->entry[i];

		if (i)
			assert_memory_not_equal(&e[-1].prefix, &e->prefix, sizeof(e->prefix)); /* no prefix twice */
		if ((e->rule.verdict == SRCPIN_EXEMPT && !e->rule.line && !(e->rule.flags & SRCPIN_RULE_OWN)) ==
		    builtin)
			print_entry(out, e);
	}
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void has_entries(void **state)
{
	const struct row *row = *state;
	struct policy p;

	build(row->text, &p);
	assert_entries(&p, false, row->expected);
	policy_free(&p);
	assert_null(p.entry);
}

static void has_builtin_entries(void **state)
{
	const struct row *row = *state;
	struct policy p;

	build(row->text, &p);
	assert_entries(&p, true, row->expected);
	policy_free(&p);
}

/* An error in one section leaves no policy, and says nothing of the others. */
static void builds_one_section(void **state)
{
	struct diagnostics d = { 0 };
	struct policy p;
	struct config c;

	(void)state;
	parse("[a]\n" S "x = y\n[b]\n" S, &c);
	assert_false(policy_compile(&c.section[0], &p, &d));
	assert_int_equal(d.n, 1);
	assert_int_equal(p.n_entries, 0);
	assert_null(p.entry);
	assert_true(policy_compile(&c.section[1], &p, &d));
	assert_int_equal(d.n, 1);
	policy_free(&p);
	assert_false(policy_check(&c, &d));
	assert_int_equal(d.n, 2);
	config_free(&c);
	parse("[a]\n" S "[b]\n" S, &c);
	assert_true(policy_check(&c, &d));
	config_free(&c);
	diagnostics_free(&d);
}

/* The families as a whole, the source as an own address, and the built-in ones come to the user's. */
#define IMPLIED (2 + 1 + 14)

static const struct limit_row {
	const char *what;
	unsigned int n; /* of the user's rules, one a line from line 3 on */
	const char *expected;
} limit_rows[] = {
	{ "limit: as many rules as may be", SRCPIN_MAX_RULES - IMPLIED, "" },
	{ "limit: no room for an own address", SRCPIN_MAX_RULES - IMPLIED + 1,
	  "1:1: too many rules in this section; at most 4096 are possible, built-in ones and sources included" },
	{ "limit: no room for anything implied", SRCPIN_MAX_RULES,
	  "1:1: too many rules in this section; at most 4096 are possible, built-in ones and sources included" },
	{ "limit: too many", SRCPIN_MAX_RULES + 10,
	  "4099:11: too many rules in this section; at most 4096 are possible" },
};

static void has_limits(void **state)
{
	const struct limit_row *row = *state;
	struct diagnostics d = { 0 };
	size_t size = 0;
	char *text = NULL, found[200] = "";
	FILE *out = open_memstream(&text, &size);
	struct policy p;
	struct config c;

	assert_non_null(out);
	fprintf(out, "[s]\n" S);
	for (unsigned int i = 0; i < row->n; i++)
		fprintf(out, "%s2001:db8:9::%x\n", i ? "          " : "exempt  = ", i + 1);
	fclose(out);
	parse(text, &c);
	assert_int_equal(policy_compile(&c.section[0], &p, &d), !*row->expected);
	assert_int_equal(d.n, *row->expected ? 1 : 0);
	assert_int_equal(p.n_entries, d.n ? 0 : SRCPIN_MAX_RULES);
	if (d.n)
		snprintf(found, sizeof(found), "%u:%u: %s", d.item[0].line, d.item[0].col, d.item[0].message);
	assert_string_equal(found, row->expected);
	free(text);
	policy_free(&p);
	config_free(&c);
	diagnostics_free(&d);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(entry_rows) + ARRAY_SIZE(builtin_rows) + ARRAY_SIZE(limit_rows) + 1] = { 0 };
	size_t n = 0;

	ADD(entry_rows, has_entries);
	ADD(builtin_rows, has_builtin_entries);
	ADD(limit_rows, has_limits);
	tests[n++] = (struct CMUnitTest){ "one section", builds_one_section, NULL, NULL, NULL };
	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
