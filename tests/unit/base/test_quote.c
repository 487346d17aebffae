// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names as words of a shell: how they look, and what sh(1) and bash(1) make of them. */
#include "base/quote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof(*(a)))

static const struct row {
	const char *name, *word;
} rows[] = {
	{ "/system.slice/system-postfix.slice/postfix@-.service",
	  "/system.slice/system-postfix.slice/postfix@-.service" },
	{ "/etc/srcpin.conf", "/etc/srcpin.conf" },
	{ "-x", "-x" },
	{ "a%b+c,d:e_f", "a%b+c,d:e_f" },
	{ "", "''" },
	{ " ", "' '" },
	{ "two  words", "'two  words'" },
	{ "it's", "'it'\\''s'" },
	{ "'", "''\\'''" },
	{ "postfix@in\\x2dner.service", "'postfix@in\\x2dner.service'" },
	{ "$(touch bad)", "'$(touch bad)'" },
	{ "`touch bad`;&|<>", "'`touch bad`;&|<>'" },
	{ "\"$HOME\"", "'\"$HOME\"'" },
	{ "~", "'~'" },
	{ "=x", "'=x'" },
	{ "*?[a]", "'*?[a]'" },
	{ "#!{a,b}", "'#!{a,b}'" },
	{ "gr\xc3\xbc\xc3\x9f", "'gr\xc3\xbc\xc3\x9f'" },
	{ "new\nline", "\"$(printf 'new\\012line')\"" },
	{ "-\x1b[31m'100%'\\", "\"$(printf '\\055\\033\\13331m\\047100\\045\\047\\134')\"" },
	{ "\xff\xc3", "\"$(printf '\\377\\303')\"" },
	{ "c1 \xc2\x9b", "\"$(printf 'c1\\040\\302\\233')\"" },
	{ "bidi \xe2\x80\xae", "\"$(printf 'bidi\\040\\342\\200\\256')\"" },
	{ "ends\n", "$'ends\\012'" },
	{ "it's\n", "$'it\\047s\\012'" },
};

static void looks_so(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *word = quote_word(rows[i].name);

		assert_string_equal(word, rows[i].word);
		free(word);
	}
}

/* What SHELL takes WORD for */
static void ask(const char *shell, const char *word, char ret[static 1024])
{
	char *command;
	FILE *in;
	size_t n;

	assert_true(asprintf(&command, "exec %s -c 'IFS= read -r line; eval \"printf %%s $line\"' <<'END'\n%s\nEND",
			     shell, word) > 0);
	in = popen(command, "r");
	assert_non_null(in);
	n = fread(ret, 1, 1023, in);
	ret[n] = '\0';
	assert_int_equal(pclose(in), 0);
	free(command);
}

static void means_that_name(const char *name)
{
	char *word = quote_word(name), got[1024];
	size_t n = strlen(name);

	for (const char *p = word; *p; p++)
		assert_true((unsigned char)*p >= ' ' && *p != 0x7f);
	ask("bash", word, got);
	assert_string_equal(got, name);
	ask("sh", word, got);
	/* dash does not know $'...', newer ones do: then the word names nothing */
	if (!n || name[n - 1] != '\n' || *got != '$')
		assert_string_equal(got, name);
	free(word);
}

static void means_the_name_to_a_shell(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		means_that_name(rows[i].name);
}

/* Each byte, between two others and at either end, and many of them together */
static void means_any_name(void **state)
{
	unsigned int random = 1;
	char name[64];

	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		snprintf(name, sizeof(name), "%cx%cy%c", byte, byte, byte == '\n' ? 'z' : byte);
		means_that_name(name);
	}
	for (int i = 0; i < 50; i++) {
		size_t n = 1 + (random >> 8) % (sizeof(name) - 2);

		for (size_t k = 0; k < n; k++) {
			random = random * 1103515245 + 12345;
			name[k] = (char)(1 + (random >> 16) % 255);
		}
		name[n - 1] = name[n - 1] == '\n' ? 'z' : name[n - 1];
		name[n] = '\0';
		means_that_name(name);
	}
}

static void is_an_operand(void **state)
{
	static const struct row operands[] = { { "a.service", "a.service" },
					       { "-.mount", "-- -.mount" },
					       { "- ", "-- '- '" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(operands); i++) {
		char *operand = quote_operand(operands[i].name);

		assert_string_equal(operand, operands[i].word);
		free(operand);
	}
}

static void makes_a_list(void **state)
{
	char *list = NULL;

	(void)state;
	quote_append(&list, "a");
	quote_append(&list, "b c");
	quote_append(&list, "d");
	assert_string_equal(list, "a, 'b c', d");
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(looks_so),       cmocka_unit_test(means_the_name_to_a_shell),
		cmocka_unit_test(means_any_name), cmocka_unit_test(is_an_operand),
		cmocka_unit_test(makes_a_list),
	};

	return cmocka_run_group_tests_name("quote", tests, NULL, NULL);
}
