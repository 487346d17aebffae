// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is said of a destination: verdict, outcome and rule, to the letter; and what a probe makes of what it met. */
#include "dns/destination.h"
#include "host/probe.h"
#include "policy/compile.h"
#include "policy/explain.h"
#include "policy/reason.h"
#include "parse_text.h"

#include <errno.h>

/* What explain prints for DEST, by a config that is called "f". */
static void answer(const char *config, const char *dest, unsigned int port, char *ret, size_t size)
{
	char *outcome, *missing, rule[EXPLAIN_STRLEN];
	struct diagnostics d = { 0 };
	struct explanation e;
	struct policy p;
	struct config c;
	uint8_t to[16];

	parse(config, &c);
	assert_true(policy_compile(&c.section[0], &p, &d));
	assert_int_not_equal(address_parse(dest, (int)strlen(dest), to), AF_UNSPEC);
	e = explain(&p, &c.section[0], to, (uint16_t)port);
	outcome = explain_outcome(&e, e.decision);
	missing = explain_outcome(&e, e.missing);
	snprintf(ret, size, "%s: %s, missing: %s (%s)", verdict_name(reason_verdict(e.decision.reason)), outcome,
		 missing, explain_rule(&e, "f", rule));
	free(outcome);
	free(missing);
	policy_free(&p);
	config_free(&c);
}

#define DENIED_MISSING ", missing: refused with EADDRNOTAVAIL "
#define LEFT "exempt: left to the kernel, missing: left to the kernel "

static const struct row {
	const char *what, *config, *dest;
	unsigned int port;
	const char *expected;
} rows[] = {
	{ "source", S, "2001:db8:9::1", 25, "pinned: from 2001:db8::25" DENIED_MISSING "(f:2: source)" },
	{ "source4", S S4, "198.51.100.1", 25, "pinned: from 192.0.2.25" DENIED_MISSING "(f:3: source4)" },
	{ "mapped", S S4, "::ffff:198.51.100.1", 25, "pinned: from 192.0.2.25" DENIED_MISSING "(f:3: source4)" },
	{ "missing = pass", S "missing = pass\n", "2001:db8:9::1", 25,
	  "pinned: from 2001:db8::25, missing: left to the kernel (f:2: source)" },
	{ "ipv4 by default", S, "198.51.100.1", 25, LEFT "(built in: ipv4 = leave)" },
	{ "ipv4 = leave", S "ipv4 = leave\n", "198.51.100.1", 25, LEFT "(f:3: ipv4 = leave)" },
	{ "ipv4 = deny", S "ipv4 = deny\n", "198.51.100.1", 25,
	  "denied: refused with EPERM, missing: refused with EPERM (f:3: ipv4 = deny)" },
	{ "no source", S4, "2001:db8:9::1", 25,
	  "denied: refused with EPERM, missing: refused with EPERM (no source for IPv6)" },
	{ "::/0 exempt", S4 "exempt = ::/0\n", "2001:db8:9::1", 25, LEFT "(f:3: exempt ::/0)" },
	{ "built in", S, "::1", 25, LEFT "(built in: ::1/128)" },
	{ "built in, IPv4", S S4, "10.1.2.3", 25, LEFT "(built in: 10.0.0.0/8)" },
	{ "exempt", S "exempt = 2001:db8:8::/48, 2001:db8:9::/48\n", "2001:db8:9::1", 25,
	  LEFT "(f:3: exempt 2001:db8:9::/48)" },
	{ "exempt, a line further", S "exempt = 2001:db8:8::/48\n  2001:db8:9::/48\n", "2001:db8:9::1", 25,
	  LEFT "(f:4: exempt 2001:db8:9::/48)" },
	{ "to", S "to = 2001:db8:9::/48 2001:db8::26\n", "2001:db8:9::1", 25,
	  "pinned: from 2001:db8::26" DENIED_MISSING "(f:3: to 2001:db8:9::/48)" },
	{ "to, beside it", S "to = 2001:db8:9::/48 2001:db8::26\n", "2001:db8:a::1", 25,
	  "pinned: from 2001:db8::25" DENIED_MISSING "(f:2: source)" },
	{ "to, in place of a built-in one", S "to = fd00::/8 2001:db8::26\n", "fd00::1", 25,
	  "pinned: from 2001:db8::26" DENIED_MISSING "(f:3: to fd00::/8)" },
	{ "exempt within to", S "to = 2001:db8:9::/48 2001:db8::26\nexempt = 2001:db8:9::1\n", "2001:db8:9::1", 25,
	  LEFT "(f:4: exempt 2001:db8:9::1/128)" },
	{ "a source itself is no rule", S, "2001:db8::25", 25,
	  "pinned: from 2001:db8::25" DENIED_MISSING "(f:2: source)" },
	{ "a source within another prefix", S "to = 2001:db8::/64 2001:db8::26\n", "2001:db8::25", 25,
	  "pinned: from 2001:db8::26" DENIED_MISSING "(f:3: to 2001:db8::/64)" },
	{ "a source that has a rule", S "exempt = 2001:db8::25\n", "2001:db8::25", 25,
	  LEFT "(f:3: exempt 2001:db8::25/128)" },
	{ "a source in a built-in exemption", "source = fd00::25\n", "fd00::25", 25, LEFT "(built in: fc00::/7)" },
	{ "one of the ports", S "ports = 465, 25\n", "2001:db8:9::1", 25,
	  "pinned: from 2001:db8::25" DENIED_MISSING "(f:2: source)" },
	{ "another port", S "ports = 465, 25\n", "2001:db8:9::1", 80,
	  LEFT "(port 80 is none of 25, 465; f:2: source)" },
	{ "another port, denied", S "ports = 25\nipv4 = deny\n", "192.0.2.1", 80,
	  LEFT "(port 80 is none of 25; f:4: ipv4 = deny)" },
	{ "another port, exempt anyway", S "ports = 25\n", "::1", 80, LEFT "(built in: ::1/128)" },
	{ "bound and guard are all the same to a new socket", S "bound = leave\nguard = off\n", "2001:db8:9::1", 25,
	  "pinned: from 2001:db8::25" DENIED_MISSING "(f:2: source)" },
};

static void says(void **state)
{
	const struct row *row = *state;
	char got[3 * EXPLAIN_STRLEN];

	answer(row->config, row->dest, row->port, got, sizeof(got));
	assert_string_equal(got, row->expected);
}

/* Without the section that the policy was built from, as where the file has changed. */
static void without_the_file_there_is_the_prefix(void **state)
{
	const uint8_t to[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 9 };
	char rule[EXPLAIN_STRLEN];
	struct explanation e;
	struct policy p;

	(void)state;
	build(S "to = 2001:db8:9::/48 2001:db8::26\n", &p);
	e = explain(&p, NULL, to, 25);
	assert_null(e.key);
	assert_string_equal(explain_rule(&e, "f", rule), "f:3: 2001:db8:9::/48");
	policy_free(&p);
}

static void without_a_policy_all_is_denied(void **state)
{
	const struct policy none = { 0 };
	const uint8_t to[16] = { 0x20 };
	char rule[EXPLAIN_STRLEN];
	struct explanation e = explain(&none, NULL, to, 25);
	json_t *json = explain_rule_json(&e);

	(void)state;
	assert_int_equal(e.decision.reason, SRCPIN_DENIED_NO_POLICY);
	assert_string_equal(explain_rule(&e, "f", rule), "there is no policy");
	assert_true(json_is_null(json));
	json_decref(json);
}

static void json_has_all_of_it(void **state)
{
	const uint8_t to[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 9 };
	struct diagnostics d = { 0 };
	json_t *rule, *decision;
	struct explanation e;
	char *text;
	struct policy p;
	struct config c;

	(void)state;
	parse(S "to = 2001:db8:9::/48 2001:db8::26\nports = 25\n", &c);
	assert_true(policy_compile(&c.section[0], &p, &d));
	e = explain(&p, &c.section[0], to, 25);
	rule = explain_rule_json(&e);
	decision = explain_decision_json(&e, e.decision);
	text = json_dumps(rule, JSON_COMPACT);
	assert_string_equal(text, "{\"prefix\":\"2001:db8:9::/48\",\"key\":\"to\",\"line\":3,\"ports\":[25]}");
	free(text);
	text = json_dumps(decision, JSON_COMPACT);
	assert_string_equal(text, "{\"verdict\":\"pinned\",\"source\":\"2001:db8::26\",\"errno\":null,"
				  "\"reason\":\"pinned_connect\"}");
	free(text);
	json_decref(rule);
	json_decref(decision);
	policy_free(&p);
	config_free(&c);
}

static void destinations_read_as_they_are_typed(void **state)
{
	const struct destination plain = { .address = { [15] = 1 } },
				 scoped = { .address = { 0xfe, 0x80, [15] = 1 }, .scope = "eth0" };
	const struct destination ipv4 = { .address = { [10] = 0xff, 0xff, 192, 0, 2, 1 }, .name = (char *)"a.test" };
	const struct destination mx = { .address = { [10] = 0xff, 0xff, 192, 0, 2, 1 },
					.name = (char *)"a.test",
					.exchanger = (char *)"mx.a.test",
					.preference = 10 };
	char text[DESTINATION_STRLEN];

	(void)state;
	assert_string_equal(destination_print(&plain, 25, text), "[::1]:25");
	assert_string_equal(destination_print(&scoped, 465, text), "[fe80::1%eth0]:465");
	assert_string_equal(destination_print(&ipv4, 25, text), "192.0.2.1:25 a.test");
	assert_string_equal(destination_print(&mx, 25, text), "192.0.2.1:25 mx.a.test (MX 10)");
}

static void what_is_neither_address_nor_name_is_refused(void **state)
{
	static const char *const none[] = {
		"",
		".",
		"a b",
		"1.2.3",
		"192.0.2.256",
		"192.0.2.1/32",
		"[192.0.2.1",
		"a.test:25",
		"fe80::1%",
		"192.0.2.1%lo",
		"fe80::1%a-name-of-no-device",
		"[::1]:25",
		"a\nb.test",
	};
	struct destinations d;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		char *text = (char *)none[i];
		struct failure f;

		if (destinations_find(&text, 1, false, NULL, &d, &f) != -EINVAL)
			fail_msg("taken: '%s'", text);
		destinations_free(&d);
	}
}

static void addresses_are_taken_as_they_are(void **state)
{
	char *text[] = { (char *)"::ffff:192.0.2.1", (char *)"[2001:db8::1]", (char *)"192.0.2.1",
			 (char *)"fe80::1%lo" };
	struct destinations d;
	struct failure f;
	char printed[DESTINATION_STRLEN];

	(void)state;
	assert_int_equal(destinations_find(text, ARRAY_SIZE(text), true, NULL, &d, &f), 0);
	assert_int_equal(d.n, 4);
	assert_string_equal(destination_print(&d.item[0], 25, printed), "192.0.2.1:25");
	assert_string_equal(destination_print(&d.item[1], 25, printed), "[2001:db8::1]:25");
	assert_string_equal(destination_print(&d.item[2], 25, printed), "192.0.2.1:25");
	assert_string_equal(destination_print(&d.item[3], 25, printed), "[fe80::1%lo]:25");
	destinations_free(&d);
}

#define AT(n)                          \
	{                              \
		.source = { [15] = n } \
	}
#define ERROR(e)           \
	{                  \
		.error = e \
	}
#define SOURCE 9

static const struct srcpin_decision pin = { SRCPIN_SET, SRCPIN_PINNED_CONNECT };
static const struct srcpin_decision exempt = { SRCPIN_LEAVE, SRCPIN_EXEMPT_RULE };
static const struct srcpin_decision pass = { SRCPIN_LEAVE, SRCPIN_EXEMPT_MISSING };
static const struct srcpin_decision denied = { SRCPIN_REFUSE, SRCPIN_DENIED_RULE };
static const struct srcpin_decision missing = { SRCPIN_REFUSE, SRCPIN_DENIED_MISSING };

static const struct judged_row {
	const char *what;
	const struct srcpin_decision *d;
	bool observed;
	struct probe_outcome inside, outside;
	enum probe_result expected;
} judged_rows[] = {
	{ "pinned", &pin, false, AT(SOURCE), AT(1), PROBE_PINNED },
	{ "pinned, as outside", &pin, false, AT(SOURCE), AT(SOURCE), PROBE_PINNED },
	{ "pinned, where there is no way for others", &pin, false, AT(SOURCE), ERROR(ENETUNREACH), PROBE_PINNED },
	{ "not pinned", &pin, false, AT(1), AT(1), PROBE_WRONG },
	{ "pinned elsewhere", &pin, false, AT(2), AT(1), PROBE_WRONG },
	{ "to be pinned, refused", &pin, false, ERROR(EPERM), AT(1), PROBE_WRONG },
	{ "to be pinned, no way at all", &pin, false, ERROR(ENETUNREACH), ERROR(ENETUNREACH), PROBE_NO_ROUTE },
	{ "to be pinned, no way from there", &pin, false, ERROR(EHOSTUNREACH), AT(1), PROBE_NO_ROUTE },
	{ "to be pinned, fails outside too", &pin, false, ERROR(EACCES), ERROR(EACCES), PROBE_FAILED },
	{ "exempt", &exempt, false, AT(1), AT(1), PROBE_EXEMPT },
	{ "exempt, no way", &exempt, false, ERROR(ENETUNREACH), ERROR(ENETUNREACH), PROBE_NO_ROUTE },
	{ "exempt, fails outside too", &exempt, false, ERROR(EINVAL), ERROR(EINVAL), PROBE_FAILED },
	{ "exempt, but pinned", &exempt, false, AT(SOURCE), AT(1), PROBE_WRONG },
	{ "exempt, but refused", &exempt, false, ERROR(EPERM), AT(1), PROBE_WRONG },
	{ "exempt, but only outside there is no way", &exempt, false, AT(1), ERROR(ENETUNREACH), PROBE_WRONG },
	{ "missing = pass", &pass, false, AT(1), AT(1), PROBE_EXEMPT },
	{ "denied", &denied, false, ERROR(EPERM), AT(1), PROBE_DENIED },
	{ "denied, no way for others", &denied, false, ERROR(EPERM), ERROR(ENETUNREACH), PROBE_DENIED },
	{ "to be denied, let go", &denied, false, AT(1), AT(1), PROBE_WRONG },
	{ "to be denied, fails otherwise", &denied, false, ERROR(ENETUNREACH), AT(1), PROBE_WRONG },
	{ "missing", &missing, false, ERROR(EADDRNOTAVAIL), AT(1), PROBE_DENIED },
	{ "missing, before Linux 5.18", &missing, false, ERROR(EPERM), AT(1), PROBE_DENIED },
	{ "missing, but from there", &missing, false, AT(SOURCE), AT(1), PROBE_WRONG },
	{ "observed", NULL, true, AT(1), AT(1), PROBE_OBSERVED },
	{ "observed, no way", NULL, true, ERROR(ENETUNREACH), ERROR(ENETUNREACH), PROBE_NO_ROUTE },
	{ "observed, but pinned", NULL, true, AT(SOURCE), AT(1), PROBE_WRONG },
	{ "nothing in force", NULL, false, AT(1), AT(1), PROBE_UNPINNED },
	{ "nothing of ours in force", NULL, false, ERROR(EPERM), AT(1), PROBE_UNPINNED },
};

static void judges(void **state)
{
	const struct judged_row *row = *state;
	const struct probe p = { .source = { [15] = SOURCE }, .inside = row->inside, .outside = row->outside };

	assert_string_equal(probe_result_name(probe_judge(&p, row->d, row->observed)),
			    probe_result_name(row->expected));
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(rows) + ARRAY_SIZE(judged_rows) + 6] = {
		cmocka_unit_test(without_the_file_there_is_the_prefix),
		cmocka_unit_test(without_a_policy_all_is_denied),
		cmocka_unit_test(json_has_all_of_it),
		cmocka_unit_test(destinations_read_as_they_are_typed),
		cmocka_unit_test(what_is_neither_address_nor_name_is_refused),
		cmocka_unit_test(addresses_are_taken_as_they_are),
	};
	size_t n = 6;

	ADD(rows, says);
	ADD(judged_rows, judges);
	return cmocka_run_group_tests_name("explain and probe", tests, NULL, NULL);
}
