// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "doctor/doctor.h"

static char *copy(const char *text)
{
	char *new = text ? strdup(text) : NULL;

	if (text && !new)
		abort();
	return new;
}

/* Fit to be shown: names of files and what others' programs say are any bytes. */
static char *print(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		abort();
	return text_clean(text);
}

static void add(struct doctor *d, enum check_id id, enum check_level level, char *seen)
{
	d->check = reallocarray(d->check, d->n + 1, sizeof(*d->check));
	if (!d->check)
		abort();
	d->check[d->n++] = (struct check){
		.id = id,
		.level = level,
		.service = d->service ? text_clean_copy(d->service) : NULL,
		.source = copy(d->source),
		.seen = seen,
	};
}

#define DEFINE_LEVEL(name, level)                                            \
	void name(struct doctor *d, enum check_id id, const char *seen, ...) \
	{                                                                    \
		va_list args;                                                \
                                                                             \
		va_start(args, seen);                                        \
		add(d, id, level, print(seen, args));                        \
		va_end(args);                                                \
	}

DEFINE_LEVEL(doctor_ok, CHECK_OK)
DEFINE_LEVEL(doctor_note, CHECK_NOTE)
DEFINE_LEVEL(doctor_unknown, CHECK_UNKNOWN)
DEFINE_LEVEL(doctor_finding, CHECK_FINDING)

void doctor_advise(struct doctor *d, const char *why, const char *remedy, ...)
{
	struct check *last = &d->check[d->n - 1];
	va_list args;

	va_start(args, remedy);
	last->why = copy(why);
	last->remedy = print(remedy, args);
	va_end(args);
}

void doctor_move(struct doctor *to, struct doctor *from)
{
	if (!from->n)
		return;
	to->check = reallocarray(to->check, to->n + from->n, sizeof(*to->check));
	if (!to->check)
		abort();
	memcpy(to->check + to->n, from->check, from->n * sizeof(*from->check));
	to->n += from->n;
	free(from->check);
	*from = (struct doctor){ 0 };
}

size_t doctor_count(const struct doctor *d, enum check_level level)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->check[i].level == level;
	return n;
}

void doctor_free(struct doctor *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->check[i].service);
		free(d->check[i].source);
		free(d->check[i].seen);
		free(d->check[i].why);
		free(d->check[i].remedy);
	}
	free(d->check);
	*d = (struct doctor){ 0 };
}
