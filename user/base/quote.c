// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/quote.h"
#include "base/text.h"

/* Without '=', which begins a word of its own in zsh, and without '~'. */
#define PLAIN "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_@%+:,./-"

static bool is_printable(const char *name)
{
	while (*name) {
		size_t n = text_printable(name);

		if (!n)
			return false;
		name += n;
	}
	return true;
}

static void put_single(FILE *out, const char *name)
{
	fputc('\'', out);
	for (; *name; name++) {
		if (*name == '\'')
			fputs("'\\''", out);
		else
			fputc(*name, out);
	}
	fputc('\'', out);
}

/*
 * Escapes all that is not plain, so the same escapes serve printf(1) and
 * $'...'. The shell cuts newlines off the end of what printf(1) prints. A name
 * that ends with one can only be written as $'...'. bash knows that; dash does
 * not, and takes it for a word that names nothing.
 */
static void put_escaped(FILE *out, const char *name)
{
	bool newline_ends = name[strlen(name) - 1] == '\n';

	fputs(newline_ends ? "$'" : "\"$(printf '", out);
	for (const char *p = name; *p; p++) {
		if (strchr(PLAIN, *p) && *p != '%' && (*p != '-' || p != name))
			fputc(*p, out);
		else
			fprintf(out, "\\%03o", (unsigned char)*p);
	}
	fputs(newline_ends ? "'" : "')\"", out);
}

char *quote_word(const char *name)
{
	char *word = NULL;
	size_t size;
	FILE *out = open_memstream(&word, &size);

	if (!out)
		abort();
	if (*name && !name[strspn(name, PLAIN)])
		fputs(name, out);
	else if (is_printable(name))
		put_single(out, name);
	else
		put_escaped(out, name);
	if (fclose(out))
		abort();
	return word;
}

char *quote_operand(const char *name)
{
	_cleanup_free_ char *word = quote_word(name);
	char *operand;

	operand = xasprintf("%s%s", *name == '-' ? "-- " : "", word);
	return operand;
}

void quote_append(char **list, const char *name)
{
	_cleanup_free_ char *word = quote_word(name), *old = *list;

	if (asprintf(list, "%s%s%s", old ? old : "", old && *old ? ", " : "", word) < 0)
		abort();
}
