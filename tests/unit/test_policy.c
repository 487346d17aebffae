// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A section of a config in; entries out, each written as
 *	PREFIX VERDICT [SOURCE BOUND MISSING] lLINE [own] [builtin] [PORTS]
 */
#include "parse_text.h"

#define D " 2001:db8::25 rewrite deny"
#define OWN "2001:db8::25/128 pin" D " l2 own\n"
#define DEFAULT "::/0 pin" D " l2\n"

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
	  DEFAULT "192.0.2.1/32 exempt l5 local\n198.51.100.0/24 exempt l4 local\n" OWN
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
	  "::/0 pin fd00::25 rewrite deny l2\nfd00::25/128 exempt l0 own local\n" },
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
	{ "only the first section", "[a]\n" S "[b]\nports = x\n", DEFAULT OWN },
};

static const char builtin_entries[] = "::/128 exempt l0 local\n"
				      "::1/128 exempt l0 local\n"
				      "0.0.0.0/0 exempt l0 local\n"
				      "0.0.0.0/32 exempt l0 local\n"
				      "10.0.0.0/8 exempt l0 local\n"
				      "127.0.0.0/8 exempt l0 local\n"
				      "169.254.0.0/16 exempt l0 local\n"
				      "172.16.0.0/12 exempt l0 local\n"
				      "192.168.0.0/16 exempt l0 local\n"
				      "224.0.0.0/4 exempt l0 local\n"
				      "255.255.255.255/32 exempt l0 local\n"
				      "fc00::/7 exempt l0 local\n"
				      "fe80::/10 exempt l0 local\n"
				      "ff00::/8 exempt l0 local\n";

static const struct equal_row {
	const char *what;
	const char *a, *b;
	bool equal;
} equal_rows[] = {
	{ "equal: itself", S, S, true },
	{ "equal: other lines", S "exempt = 2::\n", "# c\nexempt = 2::/128\n" S, true },
	{ "equal: other order", S "exempt = 2::\nexempt = 3::\nports = 25 465\n",
	  "exempt = 3::, 2::\nports = 465, 25\n" S, true },
	{ "equal: another source", S, "source = 2001:db8::26\n", false },
	{ "equal: one more", S, S "exempt = 2::\n", false },
	{ "equal: one more, at the end", S, S "exempt = ffff::1\n", false },
	{ "equal: one less", S "exempt = 2::\n", S, false },
	{ "equal: another prefix", S "exempt = 2::\n", S "exempt = 3::\n", false },
	{ "equal: another length", S "exempt = 2::\n", S "exempt = 2::/127\n", false },
	{ "equal: another verdict", S "exempt = 2::\n", S "to = 2:: 2001:db8::25\n", false },
	{ "equal: another port", S "ports = 25\n", S "ports = 26\n", false },
	{ "equal: another bound", S, S "bound = deny\n", false },
	{ "equal: another missing", S, S "missing = pass\n", false },
	{ "equal: a built-in said aloud", S, S "exempt = fc00::/7\n", true },
};

static void build(const char *text, struct policy *p)
{
	struct diagnostics d = { 0 };
	struct config c;

	parse(text, &c);
	assert_true(policy_build(&c.section[0], p, &d));
	assert_int_equal(d.n, 0);
	config_free(&c);
}

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
		inet_ntop(AF_INET6, r->source, source, sizeof(source));
		fprintf(out, " pin %s %s %s", source, bound_name(r->bound),
			r->missing == SRCPIN_MISSING_DENY ? "deny" : "pass");
	} else {
		assert_int_equal(r->verdict, SRCPIN_EXEMPT);
		assert_memory_equal(r->source, zero, sizeof(zero));
		assert_int_not_equal(r->bound, 0);
		assert_int_equal(r->missing, 0);
		fprintf(out, " exempt");
	}
	fprintf(out, " l%u%s%s", r->line, r->flags & SRCPIN_RULE_OWN ? " own" : "",
		r->flags & SRCPIN_RULE_LOCAL ? " local" : "");
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
		if ((!e->rule.line && !(e->rule.flags & SRCPIN_RULE_OWN)) == builtin)
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
	struct policy p;

	(void)state;
	build(S, &p);
	assert_entries(&p, true, builtin_entries);
	policy_free(&p);
}

static void compares(void **state)
{
	const struct equal_row *row = *state;
	struct policy a, b;

	build(row->a, &a);
	build(row->b, &b);
	assert_int_equal(policy_equal(&a, &b), row->equal);
	policy_free(&a);
	policy_free(&b);
}

static void sorts(void **state)
{
	struct policy a, b, none = { 0 };

	(void)state;
	build(S "exempt = 2001:db8::/32 2001:db8::/48 2001:db8::/64\n", &a);
	build(S "exempt = 2001:db8::/32 2001:db8::/48 2001:db8::/64\n", &b);
	for (size_t i = 0; i < a.n_entries; i++)
		b.entry[i] = a.entry[a.n_entries - 1 - i];
	assert_false(policy_equal(&a, &b));
	policy_sort(&b);
	assert_true(policy_equal(&a, &b));
	policy_sort(&none);
	policy_free(&a);
	policy_free(&b);
}

/* An error in one section leaves no policy, and says nothing of the others. */
static void builds_one_section(void **state)
{
	struct diagnostics d = { 0 };
	struct policy p;
	struct config c;

	(void)state;
	parse("[a]\n" S "x = y\n[b]\n" S, &c);
	assert_false(policy_build(&c.section[0], &p, &d));
	assert_int_equal(d.n, 1);
	assert_int_equal(p.n_entries, 0);
	assert_null(p.entry);
	assert_true(policy_build(&c.section[1], &p, &d));
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

/* ::/0, the source as an own address, and the built-in ones come to the user's. */
#define IMPLIED (2 + 14)

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
	assert_int_equal(policy_build(&c.section[0], &p, &d), !*row->expected);
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

#define ADD(rows, function)                                                  \
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)                        \
		tests[n++] = (struct CMUnitTest)                             \
		{                                                            \
			rows[i].what, function, NULL, NULL, (void *)&rows[i] \
		}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(entry_rows) + ARRAY_SIZE(equal_rows) + ARRAY_SIZE(limit_rows) + 3] = { 0 };
	size_t n = 0;

	ADD(entry_rows, has_entries);
	ADD(equal_rows, compares);
	ADD(limit_rows, has_limits);
	tests[n++] = (struct CMUnitTest){ "built-in entries", has_builtin_entries, NULL, NULL, NULL };
	tests[n++] = (struct CMUnitTest){ "sort", sorts, NULL, NULL, NULL };
	tests[n++] = (struct CMUnitTest){ "one section", builds_one_section, NULL, NULL, NULL };
	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
