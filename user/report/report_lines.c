// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <inttypes.h>

#include "base/colour.h"
#include "policy/reason.h"
#include "report/report_lines.h"

const char *report_state(const struct report_service *s)
{
	static const char *const state[] = { "in force", "DEGRADED", "STALE", "IDLE" };

	return s->loaded->policy.observe && !s->health->state ? "observing only" : state[s->health->state];
}

const char *report_state_colour(const struct report_service *s)
{
	if (s->health->state)
		return COLOUR_BAD;
	return s->loaded->policy.observe ? COLOUR_WARN : COLOUR_GOOD;
}

void report_label(const char *label, FILE *out)
{
	fprintf(out, "  %-8s ", label);
}

void report_totals(const struct srcpin_counters *c, FILE *out)
{
	struct report_counts counts;
	uint64_t observed = 0;

	report_sum_up(&c->enforced, &counts);
	for (enum srcpin_verdict v = SRCPIN_PIN; v != SRCPIN_N_VERDICTS; v++)
		fprintf(out, "%s%s %" PRIu64, v > SRCPIN_PIN ? ", " : "", verdict_name(v), counts.verdict[v]);
	report_sum_up(&c->observed, &counts);
	for (enum srcpin_verdict v = SRCPIN_PIN; v != SRCPIN_PASS; v++)
		observed += counts.verdict[v];
	if (observed)
		fprintf(out, ", observed %" PRIu64, observed);
	fputc('\n', out);
}

static void print_last(const struct report_refusal *last, FILE *out)
{
	char when[40];
	struct tm tm;

	strftime(when, sizeof(when), "%F %T", localtime_r(&last->when.tv_sec, &tm));
	report_label("refused", out);
	fprintf(out, "last %s: ", when);
	if (last->pid)
		fprintf(out, "%s (pid %" PRIu32 "%s), ", last->process, last->pid,
			last->host_pid ? " of the host" : "");
	fprintf(out, "%s to %s", last->hook, last->dest);
	if (last->port)
		fprintf(out, " port %u", last->port);
	fprintf(out, ": %s (%s)\n", reason_name(last->reason), reason_why(last->reason));
	report_label("remedy", out);
	fprintf(out, "%s%s%s\n", last->program ? last->program : "", last->program ? ": " : "", last->remedy);
}

void report_heading(const struct report_service *s, bool colour, FILE *out)
{
	fprintf(out, "%s: ", s->name);
	colour_print(colour, report_state_colour(s), report_state(s), out);
	fputc('\n', out);
	for (size_t i = 0; i < s->health->n_problems; i++) {
		report_label("problem", out);
		fprintf(out, "%s\n", s->problem[i]);
	}
	if (s->last.when.tv_sec)
		print_last(&s->last, out);
}

bool report_has_older(const struct report_service *s)
{
	return s->health->older.tcp || s->health->older.udp || s->health->older.unknown || s->health->note;
}

void report_older(const struct report_service *s, FILE *out)
{
	const struct health *h = s->health;

	if (h->older_known)
		report_label("older", out);
	if (h->older.tcp || h->older.udp)
		fprintf(out, "%u TCP, %u UDP leave from other addresses (load --close-stale ends them)\n", h->older.tcp,
			h->older.udp);
	else if (h->older_known && !h->older.unknown)
		fprintf(out, "none leave from other addresses\n");
	if (h->older.unknown) {
		if (h->older.tcp || h->older.udp)
			report_label("older", out);
		fprintf(out,
			"%u from other addresses may be older, or be as bound = leave or missing = pass lets them "
			"(a restart of the service ends them)\n",
			h->older.unknown);
	}
	if (h->note) {
		report_label("note", out);
		fprintf(out, "%s\n", h->note);
	}
}

void report_versions(const struct report_service *s, FILE *out)
{
	if (!s->n_versions)
		return;
	report_label("loaded", out);
	for (size_t i = 0; i < s->n_versions; i++)
		fprintf(out, "%s%s", i ? " and " : "by srcpin ", s->version[i]);
	fprintf(out, "%s\n", s->other_version ? "; the next load or reload puts " SRCPIN_VERSION " in its place" : "");
}

void report_nothing(const struct report *r, FILE *out)
{
	if (!r->unheld.n)
		fputs("nothing is loaded\n", out);
	for (size_t i = 0; i < r->unheld.n; i++)
		fprintf(out,
			"programs of srcpin are attached to cgroup %s, and not held in " BPFFS_HOME UNHELD_REMEDY "\n",
			r->unheld.cgroup[i]);
}

void report_not_pinned(const struct report *r, bool colour, FILE *out)
{
	for (size_t i = 0; i < r->not_pinned.n; i++) {
		fprintf(out, "\n%s: ", r->not_pinned.item[i].name);
		colour_print(colour, COLOUR_BAD, "NOT PINNED", out);
		fputc('\n', out);
		report_label("problem", out);
		fprintf(out, "%s\n", r->not_pinned.item[i].problem);
	}
}
