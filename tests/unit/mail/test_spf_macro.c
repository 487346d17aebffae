// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Macros of SPF. Most of the rows are those of RFC 7208, 7.4, but that we send as postmaster, and that the record may
 * be another domain's than the sender's.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "mail/spf.h"

#include <cmocka.h> /* has a macro fail(): after ours */

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))
#define IPV4 "192.0.2.3"
#define IPV6 "2001:db8::cb01"
#define NIBBLES "2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.b.0.1"
#define NIBBLES_BACK "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"

static const struct row {
	const char *spec, *address, *expected; /* NULL: it is wrong */
} rows[] = {
	{ "", IPV4, "" },
	{ "a.test", IPV4, "a.test" },
	{ "%{s}", IPV4, "postmaster@email.example.com" },
	{ "%{l}", IPV4, "postmaster" },
	{ "%{o}", IPV4, "email.example.com" },
	{ "%{d}", IPV4, "record.example.com" },
	{ "%{d4}", IPV4, "record.example.com" },
	{ "%{d3}", IPV4, "record.example.com" },
	{ "%{d2}", IPV4, "example.com" },
	{ "%{d1}", IPV4, "com" },
	{ "%{d999999999999}", IPV4, "record.example.com" },
	{ "%{dr}", IPV4, "com.example.record" },
	{ "%{d2r}", IPV4, "example.record" },
	{ "%{d2R}", IPV4, "example.record" },
	{ "%{i}", IPV4, "192.0.2.3" },
	{ "%{ir}", IPV4, "3.2.0.192" },
	{ "%{v}", IPV4, "in-addr" },
	{ "%{i}", IPV6, NIBBLES },
	{ "%{ir}", IPV6, NIBBLES_BACK },
	{ "%{v}", IPV6, "ip6" },
	{ "%{p}", IPV4, "unknown" },
	{ "%{h}", IPV4, "strong-bad+x.example.net" },
	{ "%{ir}.%{v}._spf.%{d2}", IPV4, "3.2.0.192.in-addr._spf.example.com" },
	{ "%{ir}.%{v}._spf.%{d2}", IPV6, NIBBLES_BACK ".ip6._spf.example.com" },
	{ "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", IPV4, "postmaster.lp.3.2.0.192.in-addr._spf.example.com" },
	{ "%{d2}.trusted-domains.example.net", IPV4, "example.com.trusted-domains.example.net" },

	/* other delimiters, and several; parts are joined by dots */
	{ "%{h-}", IPV4, "strong.bad+x.example.net" },
	{ "%{hr-}", IPV4, "bad+x.example.net.strong" },
	{ "%{h1r-}", IPV4, "strong" },
	{ "%{h+-}", IPV4, "strong.bad.x.example.net" },
	{ "%{h2+-.}", IPV4, "example.net" },
	{ "%{o2,/_=}", IPV4, "email.example.com" },

	/* upper case: as in a URL; names of macros are known in both */
	{ "%{S}", IPV4, "postmaster%40email.example.com" },
	{ "%{H}", IPV4, "strong-bad%2Bx.example.net" },
	{ "%{IR}", IPV4, "3.2.0.192" },

	{ "%%.a%_b%-c", IPV4, "%.a b%20c" },
	{ "%%{d}", IPV4, "%{d}" },
	{ "{d}", IPV4, "{d}" },

	{ "%", IPV4, NULL },
	{ "a.test%", IPV4, NULL },
	{ "%a", IPV4, NULL },
	{ "%{", IPV4, NULL },
	{ "%{}", IPV4, NULL },
	{ "%{d", IPV4, NULL },
	{ "%{d}.%{d", IPV4, NULL },
	{ "%{x}", IPV4, NULL },
	{ "%{c}%{r}%{t}", IPV4, NULL }, /* for explanations */
	{ "%{t}", IPV4, NULL },
	{ "%{d0}", IPV4, NULL },
	{ "%{dx}", IPV4, NULL },
	{ "%{d-2}", IPV4, NULL },
	{ "%{dr2}", IPV4, NULL },
	{ "%{d.-+,/_=.-+,/_=.-+}", IPV4, NULL }, /* more delimiters than there are */
};

static struct spf host(const char *address)
{
	struct spf s = { .domain = "email.example.com", .helo = "strong-bad+x.example.net" };

	assert_int_not_equal(address_parse(address, (int)strlen(address), s.address), AF_UNSPEC);
	return s;
}

static void expands(void **state)
{
	const struct row *row = *state;
	struct spf s = host(row->address);
	char name[SPF_MAX_NAME + 1] = "untouched";

	assert_int_equal(spf_expand(&s, "record.example.com", row->spec, strlen(row->spec), name),
			 row->expected ? 0 : -EINVAL);
	assert_string_equal(name, row->expected ? row->expected : "untouched");
}

/* What is behind its end is not its own, be it what would make it whole. */
static void reads_no_further(void **state)
{
	struct spf s = host(IPV4);
	char name[SPF_MAX_NAME + 1];

	(void)state;
	assert_int_equal(spf_expand(&s, "a.test", "%{d}.b.test", 4, name), 0);
	assert_string_equal(name, "a.test");
	assert_int_equal(spf_expand(&s, "a.test", "%{d}.b.test", 3, name), -EINVAL);
	assert_int_equal(spf_expand(&s, "a.test", "%%", 1, name), -EINVAL);
}

/* 7.3: labels go, from the left, until what is left is a name. */
static void cuts_what_is_too_long(void **state)
{
	struct spf s = host(IPV4);
	char name[SPF_MAX_NAME + 1], spec[1024];

	(void)state;
	memset(spec, 'x', sizeof(spec));
	spec[100] = spec[200] = '.';
	assert_int_equal(spf_expand(&s, "a.test", spec, SPF_MAX_NAME, name), 0);
	assert_int_equal(strlen(name), SPF_MAX_NAME);
	assert_memory_equal(name, spec, SPF_MAX_NAME);

	assert_int_equal(spf_expand(&s, "a.test", spec, SPF_MAX_NAME + 1, name), 0);
	assert_int_equal(strlen(name), SPF_MAX_NAME + 1 - 101);
	assert_memory_equal(name, spec + 101, SPF_MAX_NAME + 1 - 101);

	/* two have to go, and what is left is more than a name all the same */
	assert_int_equal(spf_expand(&s, "a.test", spec, sizeof(spec), name), 0);
	assert_string_equal(name, "");
}

/* %{s} may be long, and stand there often. */
static void refuses_what_is_far_too_long(void **state)
{
	struct spf s = host(IPV4);
	char name[SPF_MAX_NAME + 1], spec[3001];

	(void)state;
	for (size_t i = 0; i < sizeof(spec) - 1; i += 4)
		memcpy(spec + i, "%{h}", 4);
	assert_int_equal(spf_expand(&s, "a.test", spec, sizeof(spec) - 1, name), -EINVAL);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(rows) + 3] = { cmocka_unit_test(reads_no_further),
							  cmocka_unit_test(cuts_what_is_too_long),
							  cmocka_unit_test(refuses_what_is_far_too_long) };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		tests[i + 3] = (struct CMUnitTest){ rows[i].spec, expands, NULL, NULL, (void *)&rows[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
