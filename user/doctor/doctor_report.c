// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the doctor says, for people and for programs. */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "doctor/doctor.h"
#include "srcpin/abi.h"

#define CHECK_NAME(id, name) [CHECK_##id] = #name
static const char *const check_name[] = { PIN_CHECKS(CHECK_NAME), MAIL_CHECKS(CHECK_NAME) };

/* In the table, and in JSON. */
static const char *const level_shown[N_CHECK_LEVELS] = { "ok", "note", "unknown", "FINDING" };
static const char *const level_name[N_CHECK_LEVELS] = { "ok", "note", "unknown", "finding" };

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void table_heading(const struct check *c, FILE *out)
{
	fprintf(out, "\n%s%s%s\n", c->service ? c->service : "this host", c->source ? ", source " : "",
		c->source ? c->source : "");
}

static void table_verdict(const struct doctor *d, FILE *out)
{
	size_t findings = doctor_count(d, CHECK_FINDING), unknown = doctor_count(d, CHECK_UNKNOWN);

	if (findings)
		fprintf(out, "%zu finding%s", findings, findings == 1 ? "" : "s");
	else
		fputs("no findings", out);
	if (unknown)
		fprintf(out, ", %zu unknown", unknown);
	fprintf(out, ", %zu ok\n", doctor_count(d, CHECK_OK) + doctor_count(d, CHECK_NOTE));
}

int doctor_table(const struct doctor *d, FILE *out)
{
	table_verdict(d, out);
	for (size_t i = 0; i < d->n; i++) {
		const struct check *c = &d->check[i];

		if (!i || !same(c->service, c[-1].service) || !same(c->source, c[-1].source))
			table_heading(c, out);
		fprintf(out, "  %-7s  %-10s  %s\n", level_shown[c->level], check_name[c->id], c->seen);
		if (c->why)
			fprintf(out, "           %-10s  %s\n           %-10s  %s\n", "why", c->why, "remedy",
				c->remedy);
	}
	return fflush(out) || ferror(out) ? -EIO : 0;
}

static json_t *json_check(const struct check *c)
{
	return json_pack("{s:s, s:s, s:s?, s:s?, s:s, s:s?, s:s?}", "id", check_name[c->id], "level",
			 level_name[c->level], "service", c->service, "source", c->source, "seen", c->seen, "why",
			 c->why, "remedy", c->remedy);
}

int doctor_json(const struct doctor *d, FILE *out)
{
	json_t *checks = json_array(), *all;
	int err = 0;

	for (size_t i = 0; i < d->n; i++)
		err |= json_array_append_new(checks, json_check(&d->check[i]));
	all = err ? NULL
		  : json_pack("{s:s, s:i, s:I, s:I, s:o}", "srcpin", SRCPIN_VERSION, "abi", SRCPIN_ABI, "findings",
			      (json_int_t)doctor_count(d, CHECK_FINDING), "unknown",
			      (json_int_t)doctor_count(d, CHECK_UNKNOWN), "checks", checks);
	if (!all || json_dumpf(all, out, JSON_INDENT(2)))
		err = -EIO;
	fputc('\n', out);
	json_decref(all);
	return err || fflush(out) || ferror(out) ? -EIO : 0;
}
