// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The rule that serves for all common addresses of a family without the trie: never where the trie would say something
 * else. */
#include "parse_text.h"
#include "srcpin/decide.h"
#include "policy/common.h"
#include "policy/compile.h"

#define NONE 0U
#define SEVERAL 16U /* sources that are common addresses: SRCPIN_RULE_ONE is not set */

static const struct row {
	const char *what, *text;
	unsigned int ipv6, ipv4; /* verdicts, and SEVERAL */
} rows[] = {
	{ "a source alone", S, SRCPIN_PIN, SRCPIN_EXEMPT },
	{ "a source of 2000::/3 itself", "source = 2000::1\n", SRCPIN_PIN, SRCPIN_EXEMPT },
	{ "a unique-local source", "source = fd00::1\n", SRCPIN_PIN, SRCPIN_EXEMPT },
	{ "both families", S S4, SRCPIN_PIN, SRCPIN_PIN },
	{ "private sources", "source = fd00::1\nsource4 = 10.0.0.1\n", SRCPIN_PIN, SRCPIN_PIN },
	{ "IPv4 alone", S4, SRCPIN_DENY, SRCPIN_PIN },
	{ "IPv4 denied", S "ipv4 = deny\n", SRCPIN_PIN, SRCPIN_DENY },
	{ "IPv4 alone, IPv6 exempt", S4 "exempt = ::/0\n", SRCPIN_EXEMPT, SRCPIN_PIN },
	{ "exempt within", S "exempt = 2001:db8:9::/48\n", NONE, SRCPIN_EXEMPT },
	{ "exempt: one address within", S "exempt = 3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\n", NONE, SRCPIN_EXEMPT },
	{ "exempt beside, below", S "exempt = 1fff::/16\n", SRCPIN_PIN, SRCPIN_EXEMPT },
	{ "exempt beside, above", S "exempt = 4000::/16\n", SRCPIN_PIN, SRCPIN_EXEMPT },
	{ "exempt: just that", S "exempt = 2000::/3\n", NONE, SRCPIN_EXEMPT },
	{ "exempt: a wider one", S "exempt = ::/1\n", NONE, SRCPIN_EXEMPT },
	{ "exempt: what IPv4 is mapped to, and more", S S4 "exempt = ::/80\n", SRCPIN_PIN, SRCPIN_PIN },
	{ "exempt: just that, but pinned within", S "exempt = 2000::/3\nto = 2001:db8::/32 2001:db8::25\n", NONE,
	  SRCPIN_EXEMPT },
	{ "to another source within", S "to = 2001:db8:77::/48 2001:db8::26\n", NONE, SRCPIN_EXEMPT },
	{ "to the same source within", S "to = 2001:db8:77::/48 2001:db8::25\n", NONE, SRCPIN_EXEMPT },
	{ "to a wider one", S "to = ::/2 2001:db8::26\n", NONE, SRCPIN_EXEMPT },
	{ "IPv4 of all kinds", S S4 "to = 203.0.113.0/24 192.0.2.26\nexempt = 198.51.100.0/24\n", SRCPIN_PIN, NONE },
	{ "to IPv4, which is left alone", S "to = 203.0.113.0/24 192.0.2.26\n", SRCPIN_PIN, NONE },
	{ "IPv4: one address", S S4 "exempt = 1.0.0.0\n", SRCPIN_PIN, NONE },
	{ "IPv4: exempt, in a private range", S S4 "exempt = 10.1.0.0/16\n", SRCPIN_PIN, SRCPIN_PIN },
	{ "IPv4: pinned, a private range", S S4 "to = 10.0.0.0/8 192.0.2.26\n", SRCPIN_PIN, SRCPIN_PIN | SEVERAL },
	{ "IPv4: exempt, more than a private range", S S4 "exempt = 172.0.0.0/8\n", SRCPIN_PIN, NONE },
	{ "IPv4: exempt, half of it", S S4 "exempt = 0.0.0.0/1\n", SRCPIN_PIN, NONE },
	{ "another source, to a private range", S "to = fd00::/8 2001:db8::26\n", SRCPIN_PIN | SEVERAL, SRCPIN_EXEMPT },
	{ "another source, to a private range, and a private one", S "to = fd00::/8 fd00::1\n", SRCPIN_PIN,
	  SRCPIN_EXEMPT },
	{ "IPv4: another source, to a private range", S S4 "to = 192.168.0.0/16 192.0.2.27\n", SRCPIN_PIN,
	  SRCPIN_PIN | SEVERAL },
	{ "IPv4: exempt, multicast and above", S S4 "exempt = 224.0.0.0/3\n", SRCPIN_PIN, SRCPIN_PIN },
};

#define IPV4(a, b, c, d)                      \
	{                                     \
		[10] = 0xff, 0xff, a, b, c, d \
	}

/* The first ones of each kind are at its borders. */
static const __u8 common[][16] = {
	{ 0x20 },
	{ 0x3f, [1 ... 15] = 0xff },
	IPV4(1, 0, 0, 0),
	IPV4(9, 255, 255, 255),
	IPV4(11, 0, 0, 0),
	IPV4(100, 63, 255, 255),
	IPV4(100, 128, 0, 0),
	IPV4(126, 255, 255, 255),
	IPV4(128, 0, 0, 0),
	IPV4(169, 253, 255, 255),
	IPV4(169, 255, 0, 0),
	IPV4(172, 15, 255, 255),
	IPV4(172, 32, 0, 0),
	IPV4(192, 167, 255, 255),
	IPV4(192, 169, 0, 0),
	IPV4(223, 255, 255, 255),
	{ 0x20, 0x01, 0x0d, 0xb8, [15] = 0x25 },
	{ 0x20, 0x01, 0x0d, 0xb8, 0, 9, [15] = 1 },
	IPV4(192, 0, 2, 25),
	IPV4(198, 51, 100, 1),
	IPV4(203, 0, 113, 7),
};

static const __u8 apart[][16] = {
	{ 0x1f, [1 ... 15] = 0xff },
	{ 0x40 },
	IPV4(0, 0, 0, 0),
	IPV4(0, 255, 255, 255),
	IPV4(10, 0, 0, 0),
	IPV4(10, 255, 255, 255),
	IPV4(100, 64, 0, 0),
	IPV4(100, 127, 255, 255),
	IPV4(127, 0, 0, 0),
	IPV4(127, 255, 255, 255),
	IPV4(169, 254, 0, 0),
	IPV4(169, 254, 255, 255),
	IPV4(172, 16, 0, 0),
	IPV4(172, 31, 255, 255),
	IPV4(192, 168, 0, 0),
	IPV4(192, 168, 255, 255),
	IPV4(224, 0, 0, 0),
	IPV4(255, 255, 255, 255),
	{ 0 },
	{ [15] = 1 },
	{ 0xfd, [15] = 1 },
	{ 0xfe, 0x80, [15] = 1 },
	{ 0xff, 0x02, [15] = 1 },
};

static bool is_common(const __u8 address[16])
{
	__u32 a[4];

	memcpy(a, address, sizeof(a));
	return srcpin_is_common(a);
}

/* And it is what the trie would tell each address that it is not asked for. */
static void check(void **state)
{
	const struct row *row = *state;
	struct srcpin_rule rules[2];
	struct diagnostics d = { 0 };
	struct policy p;
	struct config c;

	parse(row->text, &c);
	assert_true(policy_compile(&c.section[0], &p, &d));
	policy_common(&p, &policy_ipv6, &rules[0]);
	policy_common(&p, &policy_ipv4, &rules[1]);
	assert_int_equal(rules[0].verdict, row->ipv6 & ~SEVERAL);
	assert_int_equal(rules[1].verdict, row->ipv4 & ~SEVERAL);
	for (int i = 0; i < 2; i++)
		assert_int_equal(!(rules[i].flags & SRCPIN_RULE_ONE),
				 !rules[i].verdict || ((i ? row->ipv4 : row->ipv6) & SEVERAL));
	for (size_t i = 0; i < ARRAY_SIZE(common); i++) {
		struct srcpin_rule rule = *policy_match(&p, common[i]);
		const struct srcpin_rule *shared = &rules[prefix_covers(&policy_ipv4, common[i])];

		if (!shared->verdict)
			continue;
		if (shared->flags & SRCPIN_RULE_ONE) {
			bool own = memcmp(common[i], shared->source, sizeof(shared->source)) == 0;

			assert_int_equal(rule.flags, own ? SRCPIN_RULE_OWN : 0);
		}
		rule.flags = shared->flags;
		assert_memory_equal(&rule, shared, sizeof(rule));
	}
	policy_free(&p);
	config_free(&c);
}

static void borders(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(common); i++)
		assert_true(is_common(common[i]));
	for (size_t i = 0; i < ARRAY_SIZE(apart); i++)
		assert_false(is_common(apart[i]));
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(rows) + 1] = { cmocka_unit_test(borders) };
	size_t n = 1;

	ADD(rows, check);
	return _cmocka_run_group_tests("policy_common", tests, n, NULL, NULL);
}
