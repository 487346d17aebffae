// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "policy/reason.h"
#include "report/report.h"
#include "report/report_lines.h"

static void print_sources(const struct health *h, FILE *out)
{
	int width = 0;

	for (size_t i = 0; i < h->n_sources; i++) {
		int n = (int)strlen(h->source[i].text);

		width = n > width ? n : width;
	}
	for (size_t i = 0; i < h->n_sources; i++) {
		const struct address_state *a = &h->source[i].state;

		report_label("source", out);
		fprintf(out, "%-*s  %s%s", width, h->source[i].text, a->usable ? "usable, on " : a->why,
			a->usable ? a->device : "");
		if (a->usable && h->source[i].usable_in < h->n_networks)
			fprintf(out, ", in %zu of %zu network namespaces", h->source[i].usable_in, h->n_networks);
		fputc('\n', out);
	}
}

/* Where its sources were looked for, if that is not as everybody expects. */
static void print_networks(const struct health *h, FILE *out)
{
	if (h->users_process) {
		report_label("network", out);
		fprintf(out, "left out: that of process %ld, which a user has made\n", h->users_process);
	}
	if (!h->network_process)
		return;
	report_label("network", out);
	if (h->n_networks == 1)
		fprintf(out, "not this one: that of process %ld, where its sources are looked for\n",
			h->network_process);
	else
		fprintf(out, "its processes are in %zu network namespaces (process %ld is not in this one)\n",
			h->n_networks, h->network_process);
}

static void print_left(const struct health *h, FILE *out)
{
	for (size_t i = 0; i < h->n_left; i++) {
		const struct health_left *l = &h->left[i];

		report_label(l->family, out);
		if (l->unknown)
			fputs("not pinned: from where it leaves is not known in a network namespace of a user\n", out);
		else
			fprintf(out, "not pinned: %s%s\n",
				*l->from ? "leaves from "
					 : "no default route today; by another route from where the kernel chooses",
				l->from);
	}
}

static void print_hooks(const struct loaded *l, FILE *out)
{
	fputs("  hooks   ", out);
	for (int i = 0; i < N_HOOKS; i++)
		if (l->hook[i].wanted)
			fprintf(out, " %s%s",
				l->hook[i].attached ? "" : "MISSING:", l->hook[i].name + strlen("srcpin_"));
	fputc('\n', out);
}

static int digits(uint64_t n)
{
	return snprintf(NULL, 0, "%" PRIu64, n);
}

/* The width of all counts that are printed for S, so that they line up */
static int count_width(const struct report_service *s)
{
	int width = 0;

	for (enum srcpin_verdict v = SRCPIN_PIN; v != SRCPIN_N_VERDICTS; v++) {
		int n = digits(s->enforced.verdict[v]), m = digits(s->observed.verdict[v]);

		n = n > m ? n : m;
		width = n > width ? n : width;
	}
	return width;
}

/* Prints a line for each verdict from FROM up to but not including TO: how often, and for which reasons. */
static void print_counts(const char *label, const struct report_counts *counts, enum srcpin_verdict from,
			 enum srcpin_verdict to, int width, FILE *out)
{
	for (enum srcpin_verdict v = from; v != to; v++) {
		const char *before = "  ";

		report_label(v == from ? label : "", out);
		fprintf(out, "%-7s %*" PRIu64, verdict_name(v), width, counts->verdict[v]);
		for (enum srcpin_reason i = 0; i < SRCPIN_N_REASONS; i++) {
			if (reason_verdict(i) != v || !counts->reason[i])
				continue;
			fprintf(out, "%s%s %" PRIu64, before, reason_name(i), counts->reason[i]);
			before = ", ";
		}
		fputc('\n', out);
	}
}

static bool has_counted(const struct report_counts *counts)
{
	uint64_t sum = 0;

	for (enum srcpin_verdict v = SRCPIN_PIN; v != SRCPIN_N_VERDICTS; v++)
		sum += counts->verdict[v];
	return sum;
}

static void print_enforced(const struct report_service *s, int width, FILE *out)
{
	print_counts("calls", &s->enforced, SRCPIN_PIN, SRCPIN_PASS, width, out);
	if (s->loaded->policy.guard)
		print_counts("packets", &s->enforced, SRCPIN_PASS, SRCPIN_N_VERDICTS, width, out);
}

static void print_service(const struct report_service *s, bool colour, FILE *out)
{
	const struct loaded *l = s->loaded;
	int width = count_width(s);

	report_heading(s, colour, out);
	print_networks(s->health, out);
	print_sources(s->health, out);
	print_left(s->health, out);
	report_older(s, out);
	if (!l->policy.observe || has_counted(&s->enforced))
		print_enforced(s, width, out);
	if (l->policy.observe || has_counted(&s->observed))
		print_counts("observed", &s->observed, SRCPIN_PIN, SRCPIN_N_VERDICTS, width, out);
	if (!has_counted(&s->enforced) && !has_counted(&s->observed)) {
		report_label("note", out);
		fputs("no call was counted so far, nor a packet: if it has sent something, then from another cgroup\n",
		      out);
	}
	report_label("cgroup", out);
	fprintf(out, "%s (id %" PRIu64 ")\n", s->cgroup, l->cgroup_id);
	report_label("config", out);
	fprintf(out, "%s\n", s->config);
	report_versions(s, out);
	print_hooks(l, out);
}

int report_details(const struct report *r, bool colour, FILE *out)
{
	if (!r->n)
		report_nothing(r, out);
	for (size_t i = 0; i < r->n; i++) {
		if (i)
			fputc('\n', out);
		print_service(&r->service[i], colour, out);
	}
	return fflush(out) || ferror(out) ? -EIO : 0;
}
