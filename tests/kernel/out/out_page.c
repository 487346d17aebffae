// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The table in Markdown: a line for all rows of one way with the same outcome. */
#include <stdio.h>
#include <string.h>

#include "out/out.h"

static const struct out_row *row_at(size_t n)
{
	size_t i;

	for (i = 0; i < out_groups.n; i++) {
		const struct out_part *part = out_groups.group[i].part;

		if (n < part->n)
			return &part->row[n];
		n -= part->n;
	}
	return NULL;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_line(const struct out_row *a, const struct out_row *b)
{
	return !strcmp(a->way, b->way) && a->outcome == b->outcome && a->error == b->error && same_text(a->why, b->why);
}

/* By a row before the Nth; WITH_WHAT: not only its line */
static bool said_before(size_t n, bool with_what)
{
	const struct out_row *r = row_at(n), *other;
	size_t i;

	for (i = 0; i < n; i++) {
		other = row_at(i);
		if (!other->unsaid && same_line(other, r) && (!with_what || !strcmp(other->what, r->what)))
			return true;
	}
	return false;
}

static void print_line(size_t n)
{
	const struct out_row *r = row_at(n), *other;
	const char *separator = ": ";
	size_t i;

	printf("| %s", r->way);
	for (i = n; (other = row_at(i)); i++) {
		if (other->unsaid || !same_line(r, other) || said_before(i, true))
			continue;
		printf("%s%s", separator, other->what);
		separator = "; ";
	}
	printf(" | %s%s%s |\n", row_outcome(r), r->why ? ": " : "", r->why ? r->why : "");
}

static void print_lines(enum outcome outcome)
{
	const struct out_row *r;
	size_t i;

	for (i = 0; (r = row_at(i)); i++)
		if (r->outcome == outcome && !r->unsaid && !said_before(i, false))
			print_line(i);
}

void print_page(void)
{
	enum outcome outcome;

	puts("| a pinned service's way out | outcome |");
	puts("|---|---|");
	for (outcome = PINNED; outcome <= OUTSIDE; outcome++)
		print_lines(outcome);
}
