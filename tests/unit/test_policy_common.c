// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The rule that serves for all of 2000::/3 without the trie: never where the trie would say something else. */
#include "parse_text.h"

#define NONE 0U

static const struct row {
	const char *what, *text;
	unsigned int verdict;
} rows[] = {
	{ "a source alone", S, SRCPIN_PIN },
	{ "a source of 2000::/3 itself", "source = 2000::1\n", SRCPIN_PIN },
	{ "a unique-local source", "source = fd00::1\n", SRCPIN_PIN },
	{ "both families", S S4, SRCPIN_PIN },
	{ "IPv4 alone", S4, SRCPIN_DENY },
	{ "IPv4 alone, IPv6 exempt", S4 "exempt = ::/0\n", SRCPIN_EXEMPT },
	{ "exempt within", S "exempt = 2001:db8:9::/48\n", NONE },
	{ "exempt: one address within", S "exempt = 3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\n", NONE },
	{ "exempt beside, below", S "exempt = 1fff::/16\n", SRCPIN_PIN },
	{ "exempt beside, above", S "exempt = 4000::/16\n", SRCPIN_PIN },
	{ "exempt: just that", S "exempt = 2000::/3\n", SRCPIN_EXEMPT },
	{ "exempt: a wider one", S "exempt = ::/1\n", SRCPIN_EXEMPT },
	{ "exempt: just that, but pinned within", S "exempt = 2000::/3\nto = 2001:db8::/32 2001:db8::25\n", NONE },
	{ "exempt: just that, pinned as a whole around", S "exempt = 2000::/3\nto = ::/2 2001:db8::25\n",
	  SRCPIN_EXEMPT },
	{ "to another source within", S "to = 2001:db8:77::/48 2001:db8::26\n", NONE },
	{ "to the same source within", S "to = 2001:db8:77::/48 2001:db8::25\n", NONE },
	{ "to a wider one", S "to = ::/2 2001:db8::26\n", SRCPIN_PIN },
	{ "IPv4 of all kinds", S S4 "to = 203.0.113.0/24 192.0.2.26\nexempt = 198.51.100.0/24\n", SRCPIN_PIN },
};

/* And it is what each address in there would be told. */
static void check(void **state)
{
	static const __u8 in[][16] = {
		{ 0x20 },
		{ 0x20, 0x01, 0x0d, 0xb8, [15] = 0x25 },
		{ 0x20, 0x01, 0x0d, 0xb8, 0, 9, [15] = 1 },
		{ 0x3f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	};
	const struct row *row = *state;
	struct diagnostics d = { 0 };
	struct srcpin_rule global;
	struct policy p;
	struct config c;

	parse(row->text, &c);
	assert_true(policy_build(&c.section[0], &p, &d));
	policy_global(&p, &global);
	assert_int_equal(global.verdict, row->verdict);
	for (size_t i = 0; global.verdict && i < ARRAY_SIZE(in); i++) {
		struct srcpin_rule rule = *policy_match(&p, in[i]);

		rule.flags = global.flags;
		rule.line = global.line;
		assert_memory_equal(&rule, &global, sizeof(rule));
	}
	policy_free(&p);
	config_free(&c);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(rows)];
	size_t n = 0;

	ADD(rows, check);
	return _cmocka_run_group_tests("policy_global", tests, n, NULL, NULL);
}
