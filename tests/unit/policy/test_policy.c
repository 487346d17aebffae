// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What of a policy is not a rule, and when two policies are the same one. */
#include "policy/policy.h"
#include "parse_text.h"

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
	{ "equal: an IPv4 source more", S, S "source4 = 192.0.2.25\n", false },
	{ "equal: another IPv4 source", S4, "source4 = 192.0.2.26\n", false },
	{ "equal: IPv4 denied", S, S "ipv4 = deny\n", false },
	{ "equal: IPv6 denied or exempt", S4, S4 "exempt = ::/0\n", false },
	{ "equal: the defaults said aloud", S, S "ipv4 = leave\nguard = on\nmode = enforce\nlate = start\n", true },
	{ "equal: another late, which the kernel does not hold", S, S "late = fail\n", true },
	{ "equal: no guard", S, S "guard = off\n", false },
	{ "equal: neither has the guard", S "guard = off\n", "guard = off\n" S, true },
	{ "equal: observing only", S "mode = observe\n", S, false },
	{ "equal: both observe", "mode = observe\n" S, S "mode = observe\n", true },
};

static const struct option_row {
	const char *what;
	const char *text;
	bool touches_ipv4, guard, observe, late_fails;
} option_rows[] = {
	{ "options: the defaults", S, false, true, false, false },
	{ "options: guard = on, mode = enforce", S "guard = on\nmode = enforce\n", false, true, false, false },
	{ "options: guard = off", S "guard = off\n", false, false, false, false },
	{ "options: mode = observe", S "mode = observe\n", false, true, true, false },
	{ "options: late = start", S "late = start\n", false, true, false, false },
	{ "options: late = fail", S "late = fail\n", false, true, false, true },
	{ "touches IPv4: source4", S4, true, true, false, false },
	{ "touches IPv4: source4, all of its destinations exempt", S4 "exempt = 0.0.0.0/1 128.0.0.0/1\n", true, true,
	  false, false },
	{ "touches IPv4: ipv4 = deny", S "ipv4 = deny\n", true, true, false, false },
	{ "touches IPv4: a to line", S "to = 203.0.113.1 192.0.2.26\n", true, true, false, false },
	{ "touches IPv4: not what is exempt", S "exempt = 203.0.113.1\n", false, true, false, false },
	{ "touches IPv4: not an IPv6 prefix around it", S "to = ::/80 2001:db8::26\n", false, true, false, false },
	{ "touches IPv4: not what looks alike", S "to = ::fffe:203.0.113.1 2001:db8::26\n", false, true, false, false },
	{ "touches IPv4: not NAT64", S "to = 64:ff9b::/96 2001:db8::26\n", false, true, false, false },
};

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

static void has_options(void **state)
{
	const struct option_row *row = *state;
	struct policy p;

	build(row->text, &p);
	assert_int_equal(policy_touches_ipv4(&p), row->touches_ipv4);
	assert_int_equal(p.guard, row->guard);
	assert_int_equal(p.observe, row->observe);
	assert_int_equal(p.late_fails, row->late_fails);
	policy_free(&p);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(equal_rows) + ARRAY_SIZE(option_rows) + 1] = { 0 };
	size_t n = 0;

	ADD(equal_rows, compares);
	ADD(option_rows, has_options);
	tests[n++] = (struct CMUnitTest){ "sort", sorts, NULL, NULL, NULL };
	return cmocka_run_group_tests_name("policies compared", tests, NULL, NULL);
}
