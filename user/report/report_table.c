// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/colour.h"
#include "base/memory.h"
#include "host/leaf.h"
#include "report/report.h"
#include "report/report_lines.h"

enum column {
	STATE,
	SERVICE,
	SOURCE,
	PINNED, /* numbers from here on */
	EXEMPT,
	DENIED,
	DROPPED,
	OLDER,
	PROBLEMS,
	N_COLUMNS,
};

static const char *const head[N_COLUMNS] = { "STATE",  "SERVICE", "SOURCE", "PINNED",  "EXEMPT",
					     "DENIED", "DROPPED", "OLDER",  "PROBLEMS" };

struct row {
	const struct report_service *service;
	char *cell[N_COLUMNS];
};

static void set(struct row *row, enum column c, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void set(struct row *row, enum column c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	row->cell[c] = xvasprintf(format, args);
	va_end(args);
}

/* The name is enough, unless another cgroup has it too, or it is only a number of srcpin run's. */
static const char *unique_name(const struct report *r, const struct report_service *s)
{
	if (leaf_is(s->cgroup))
		return s->cgroup;
	for (size_t i = 0; i < r->n; i++)
		if (!strcmp(r->service[i].name, s->name) && strcmp(r->service[i].cgroup, s->cgroup) != 0)
			return s->cgroup;
	return s->name;
}

/* The first source of the keys `source` and `source4`, and how many more there are, also in `to` lines */
static void set_sources(struct row *row, const struct health *h)
{
	const char *first[2] = { NULL, NULL };
	size_t more = 0;

	for (size_t i = 0; i < h->n_sources; i++) {
		const struct health_source *s = &h->source[i];
		const char **mine = &first[!strcmp(s->key, "source4")];

		if (!strcmp(s->key, "to") || *mine)
			more++;
		else
			*mine = s->text;
	}
	if (!first[0] && !first[1] && !more)
		set(row, SOURCE, "-");
	else if (more)
		set(row, SOURCE, "%s%s%s%s+%zu", first[0] ? first[0] : "", first[0] && first[1] ? " " : "",
		    first[1] ? first[1] : "", first[0] || first[1] ? " " : "", more);
	else
		set(row, SOURCE, "%s%s%s", first[0] ? first[0] : "", first[0] && first[1] ? " " : "",
		    first[1] ? first[1] : "");
}

static void set_row(struct row *row, const struct report *r, const struct report_service *s)
{
	static const enum column column[SRCPIN_N_VERDICTS] = {
		[SRCPIN_PIN] = PINNED,
		[SRCPIN_EXEMPT] = EXEMPT,
		[SRCPIN_DENY] = DENIED,
		[SRCPIN_DROP] = DROPPED,
	};
	const struct report_counts *counts = s->loaded->policy.observe ? &s->observed : &s->enforced;
	const struct health *h = s->health;

	row->service = s;
	set(row, STATE, "%s", report_state(s));
	set(row, SERVICE, "%s", unique_name(r, s));
	set_sources(row, h);
	for (enum srcpin_verdict v = SRCPIN_PIN; v != SRCPIN_N_VERDICTS; v++)
		if (column[v])
			set(row, column[v], "%" PRIu64, counts->verdict[v]);
	if (h->older_known)
		set(row, OLDER, "%u", h->older.tcp + h->older.udp);
	else
		set(row, OLDER, "-");
	set(row, PROBLEMS, "%zu", h->n_problems);
}

/* Counts the characters of UTF-8; each is as wide as any other. */
static int width_of(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

static void pad(int n, FILE *out)
{
	fprintf(out, "%*s", n, "");
}

static void print_cell(enum column c, const char *text, int width, const char *colour, FILE *out)
{
	int room = width - width_of(text);

	if (c >= PINNED)
		pad(room, out);
	colour_print(colour, colour, text, out);
	if (c < PINNED)
		pad(room, out);
	fputs(c + 1 < N_COLUMNS ? "  " : "\n", out);
}

static const char *cell_colour(const struct row *row, enum column c)
{
	static const bool is_bad[N_COLUMNS] = { [DENIED] = true, [DROPPED] = true, [OLDER] = true };

	if (c == STATE)
		return report_state_colour(row->service);
	if (c == PROBLEMS && row->service->health->n_problems)
		return COLOUR_BAD;
	return is_bad[c] && strcmp(row->cell[c], "0") != 0 && strcmp(row->cell[c], "-") != 0 ? COLOUR_WARN : NULL;
}

static void print_rows(const struct row *row, size_t n, bool colour, FILE *out)
{
	int width[N_COLUMNS];

	for (enum column c = 0; c < N_COLUMNS; c++) {
		width[c] = width_of(head[c]);
		for (size_t i = 0; i < n; i++)
			width[c] = width_of(row[i].cell[c]) > width[c] ? width_of(row[i].cell[c]) : width[c];
	}
	for (enum column c = 0; c < N_COLUMNS; c++)
		print_cell(c, head[c], width[c], colour ? COLOUR_HEAD : NULL, out);
	for (size_t i = 0; i < n; i++)
		for (enum column c = 0; c < N_COLUMNS; c++)
			print_cell(c, row[i].cell[c], width[c], colour ? cell_colour(&row[i], c) : NULL, out);
}

static bool needs_attention(const struct report_service *s)
{
	return s->health->n_problems || s->last.when.tv_sec || report_has_older(s) || s->other_version;
}

static void print_attention(const struct report_service *s, bool colour, FILE *out)
{
	fputc('\n', out);
	report_heading(s, colour, out);
	if (report_has_older(s))
		report_older(s, out);
	if (s->other_version)
		report_versions(s, out);
}

/* Sorts what is wrong to the top. */
static int by_state(const void *a, const void *b)
{
	const struct report_service *x = ((const struct row *)a)->service, *y = ((const struct row *)b)->service;

	if (x->health->state != y->health->state)
		return x->health->state > y->health->state ? -1 : 1;
	return (x > y) - (x < y);
}

static void free_rows(struct row *row, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (enum column c = 0; c < N_COLUMNS; c++)
			free(row[i].cell[c]);
	free(row);
}

int report_table(const struct report *r, bool colour, FILE *out)
{
	struct row *row = xcalloc(r->n + 1, sizeof(*row));
	bool observing = false;

	for (size_t i = 0; i < r->n; i++) {
		set_row(&row[i], r, &r->service[i]);
		observing |= r->service[i].loaded->policy.observe;
	}
	if (r->n) {
		qsort(row, r->n, sizeof(*row), by_state);
		print_rows(row, r->n, colour, out);
	} else {
		report_nothing(r, out);
	}
	if (observing)
		fputs("(with mode = observe: what would have been)\n", out);
	for (size_t i = 0; i < r->n; i++)
		if (needs_attention(row[i].service))
			print_attention(row[i].service, colour, out);
	report_not_pinned(r, colour, out);
	free_rows(row, r->n);
	return fflush(out) || ferror(out) ? -EIO : 0;
}
