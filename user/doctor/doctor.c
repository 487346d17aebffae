// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "doctor/doctor.h"

/* Names of files and what other programs say can be any bytes: they are cleaned before they are shown. */
static char *print(const char *format, va_list args)
{
	return text_clean(xvasprintf(format, args));
}

static void add(struct doctor *d, enum check_id id, enum check_level level, char *seen)
{
	ADD_ELEMENT(d->check, d->n,
		    (struct check){ .id = id,
				    .level = level,
				    .service = d->service ? text_clean_copy(d->service) : NULL,
				    .source = xstrdup(d->source),
				    .seen = seen });
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

void doctor_note_once(struct doctor *d, enum check_id id, const char *seen, ...)
{
	va_list args;

	va_start(args, seen);
	add(d, id, CHECK_NOTE, print(seen, args));
	va_end(args);
	d->check[d->n - 1].once = true;
}

void doctor_advise(struct doctor *d, const char *why, const char *remedy, ...)
{
	struct check *last = &d->check[d->n - 1];
	va_list args;

	va_start(args, remedy);
	last->why = xstrdup(why);
	last->remedy = print(remedy, args);
	va_end(args);
	if (d->process) {
		_cleanup_free_ char *here = last->remedy;

		last->remedy = xasprintf("in a shell of nsenter --net=/proc/%ld/ns/net: %s", d->process, here);
	}
}

static void check_free(struct check *c)
{
	free(c->service);
	free(c->source);
	free(c->seen);
	free(c->why);
	free(c->remedy);
}

static bool has_said(const struct doctor *d, const struct check *c)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->check[i].id == c->id && !strcmp(d->check[i].seen, c->seen))
			return true;
	return false;
}

void doctor_move(struct doctor *to, struct doctor *from)
{
	for (size_t i = 0; i < from->n; i++)
		if (from->check[i].once && has_said(to, &from->check[i]))
			check_free(&from->check[i]);
		else
			ADD_ELEMENT(to->check, to->n, from->check[i]);
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
	for (size_t i = 0; i < d->n; i++)
		check_free(&d->check[i]);
	free(d->check);
	*d = (struct doctor){ 0 };
}
