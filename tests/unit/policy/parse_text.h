/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A config out of a test's text, for the tests of what it means. */
#ifndef SRCPIN_TESTS_PARSE_TEXT_H
#define SRCPIN_TESTS_PARSE_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/parse.h"
#include "policy/compile.h"
#include "policy/policies.h"
#include "policy/policy.h" /* both before cmocka.h, which has a macro fail() */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define ADD(rows, function)                                                  \
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)                        \
		tests[n++] = (struct CMUnitTest)                             \
		{                                                            \
			rows[i].what, function, NULL, NULL, (void *)&rows[i] \
		}

#define S "source = 2001:db8::25\n" /* line 2 of most texts */
#define S4 "source4 = 192.0.2.25\n"

/* TEXT stands below "[s]", unless it has sections of its own. */
static inline void parse(const char *text, struct config *c)
{
	struct diagnostics d = { 0 };
	char *whole;
	FILE *in;

	assert_true(asprintf(&whole, "%s%s", *text == '[' ? "" : "[s]\n", text) > 0);
	in = fmemopen(whole, strlen(whole), "r");
	assert_non_null(in);
	assert_int_equal(config_parse(in, c, &d), 0);
	assert_int_equal(d.n, 0);
	fclose(in);
	free(whole);
}

/* The policy of the first section, which has no errors. */
static inline void build(const char *text, struct policy *p)
{
	struct diagnostics d = { 0 };
	struct config c;

	parse(text, &c);
	assert_true(policy_compile(&c.section[0], p, &d));
	assert_int_equal(d.n, 0);
	config_free(&c);
}

/* Is the whole config right? */
static inline bool policy_check(const struct config *c, struct diagnostics *d)
{
	struct policies p = { .config = *c };
	bool is_right = policies_compile(&p, d);

	for (size_t i = 0; i < c->n_sections; i++)
		policy_free(&p.of[i]);
	free(p.of);
	return is_right;
}

#endif
