// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What of a name may be shown on a terminal, in a log or in JSON. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

static const struct row {
	const char *raw, *shown;
} rows[] = {
	{ "", "" },
	{ "postfix@-.service", "postfix@-.service" },
	{ "tab\tnew\nline\x7f", "tab?new?line?" },
	{ "\x1b[31mred", "?[31mred" },
	{ "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7", "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7" },
	{ "c1 \xc2\x9b \xc2\xa0", "c1 ?? \xc2\xa0" },
	/* not UTF-8: alone, cut off, too long a form, a surrogate, beyond Unicode */
	{ "\xff \x80 \xc3", "? ? ?" },
	{ "\xe2\x82", "??" },
	{ "\xc0\xaf \xe0\x80\xaf", "?? ???" },
	{ "\xed\xa0\x80 \xf4\x90\x80\x80", "??? ????" },
	/* U+202E, U+2066, U+200F, U+061C and U+2028; beside them, U+2027 and U+2070 are letters like others */
	{ "a\xe2\x80\xaetxt", "a???txt" },
	{ "\xe2\x81\xa6 \xe2\x80\x8f \xd8\x9c \xe2\x80\xa8", "??? ??? ?? ???" },
	{ "\xe2\x80\xa7\xe2\x81\xb0", "\xe2\x80\xa7\xe2\x81\xb0" },
};

static void shows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *clean = text_clean_copy(rows[i].raw);

		assert_string_equal(clean, rows[i].shown);
		free(clean);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(shows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
