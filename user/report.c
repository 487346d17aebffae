// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "cleanup.h"
#include "parse.h"
#include "report.h"
#include "text.h"

static const char *const reason_name[] = {
	[SRCPIN_PINNED_CONNECT] = "pinned_connect",     [SRCPIN_PINNED_BIND] = "pinned_bind",
	[SRCPIN_PINNED_DATAGRAM] = "pinned_datagram",   [SRCPIN_PINNED_ALREADY] = "pinned_already",
	[SRCPIN_EXEMPT_RULE] = "exempt_rule",           [SRCPIN_EXEMPT_PORT] = "exempt_port",
	[SRCPIN_EXEMPT_BIND] = "exempt_bind",           [SRCPIN_EXEMPT_BOUND] = "exempt_bound",
	[SRCPIN_EXEMPT_MISSING] = "exempt_missing",     [SRCPIN_DENIED_MISSING] = "denied_missing",
	[SRCPIN_DENIED_BOUND] = "denied_bound",         [SRCPIN_DENIED_OTHER_SOURCE] = "denied_other_source",
	[SRCPIN_DENIED_WILDCARD] = "denied_wildcard",   [SRCPIN_DENIED_FAMILY] = "denied_family",
	[SRCPIN_DENIED_NO_POLICY] = "denied_no_policy", [SRCPIN_DENIED_BIND_FAILED] = "denied_bind_failed",
};

_Static_assert(sizeof(reason_name) / sizeof(*reason_name) == SRCPIN_N_REASONS, "every reason has a name");

static const char *const verdict_name[] = { "pinned", "exempt", "denied" };

#define N_VERDICTS (sizeof(verdict_name) / sizeof(*verdict_name))

const char *report_reason(enum srcpin_reason reason)
{
	return reason_name[reason];
}

static uint64_t count(const struct loaded *l, int reason)
{
	return ((const __u64 *)&l->counters)[reason];
}

static uint64_t count_verdict(const struct loaded *l, const char *verdict)
{
	uint64_t sum = 0;

	for (int r = 0; r < SRCPIN_N_REASONS; r++)
		if (strncmp(reason_name[r], verdict, strlen(verdict)) == 0)
			sum += count(l, r);
	return sum;
}

static const char *address_text(const uint8_t addr[16], char buffer[static INET6_ADDRSTRLEN])
{
	return inet_ntop(AF_INET6, addr, buffer, INET6_ADDRSTRLEN);
}

/* Fit to be shown; to be freed. */
static char *clean(const char *raw)
{
	char *copy = strdup(raw);

	if (!copy)
		abort();
	return text_clean(copy);
}

static void table_service(const struct loaded *l, const struct health *h, FILE *out)
{
	static const char *const state[] = { "in force", "DEGRADED", "STALE" };
	_cleanup_free_ char *cgroup = clean(l->cgroup), *config = clean(l->config);
	char text[INET6_ADDRSTRLEN];
	const char *gap = "";

	fprintf(out, "%s: %s\n", cgroup_name(cgroup), state[h->state]);
	for (size_t i = 0; i < h->n_problems; i++) {
		_cleanup_free_ char *problem = clean(h->problem[i]);

		fprintf(out, "  problem  %s\n", problem);
	}
	for (size_t i = 0; i < h->n_sources; i++) {
		const struct address_state *a = &h->source[i].state;

		fprintf(out, "  source   %s  %s%s\n", address_text(h->source[i].address, text),
			a->usable ? "usable, on " : a->why, a->usable ? a->device : "");
	}
	fprintf(out, "  cgroup   %s (id %" PRIu64 ")\n", cgroup, l->cgroup_id);
	fprintf(out, "  config   %s\n", config);
	fprintf(out, "  hooks  ");
	for (int i = 0; i < N_HOOKS; i++)
		fprintf(out, "  %s %s", l->hook[i].name, l->hook[i].attached ? "attached" : "MISSING");
	fprintf(out, "\n  calls    ");
	for (size_t v = 0; v < N_VERDICTS; v++, gap = ", ")
		fprintf(out, "%s%s %" PRIu64, gap, verdict_name[v], count_verdict(l, verdict_name[v]));
	fputc('\n', out);
	for (int r = 0; r < SRCPIN_N_REASONS; r++)
		if (count(l, r))
			fprintf(out, "           %-20s %" PRIu64 "\n", reason_name[r], count(l, r));
}

static int written(FILE *out)
{
	return fflush(out) || ferror(out) ? -EIO : 0;
}

int report_table(const struct loaded_list *l, const struct health *health, FILE *out)
{
	if (!l->n)
		fprintf(out, "nothing is loaded\n");
	for (size_t i = 0; i < l->n; i++) {
		if (i)
			fputc('\n', out);
		table_service(&l->item[i], &health[i], out);
	}
	return written(out);
}

/* jansson's constructors give NULL without memory, and its setters pass that on: one check at the end. */
static json_t *json_counters(const struct loaded *l)
{
	json_t *counters = json_object(), *reasons = json_object();
	int err = 0;

	for (size_t v = 0; v < N_VERDICTS; v++)
		err |= json_object_set_new(counters, verdict_name[v],
					   json_integer((json_int_t)count_verdict(l, verdict_name[v])));
	err |= json_object_set_new(counters, "observed", json_integer(0));
	for (int r = 0; r < SRCPIN_N_REASONS; r++)
		err |= json_object_set_new(reasons, reason_name[r], json_integer((json_int_t)count(l, r)));
	err |= json_object_set_new(counters, "reasons", reasons);
	if (!err)
		return counters;
	json_decref(counters);
	return NULL;
}

static json_t *json_service(const struct loaded *l, const struct health *h)
{
	static const char *const state[] = { "in-force", "degraded", "stale" };
	json_t *problems = json_array(), *sources = json_array(), *programs = json_array();
	_cleanup_free_ char *cgroup = clean(l->cgroup), *config = clean(l->config);
	char text[INET6_ADDRSTRLEN];
	int err = 0;

	for (size_t i = 0; i < h->n_problems; i++) {
		_cleanup_free_ char *problem = clean(h->problem[i]);

		err |= json_array_append_new(problems, json_string(problem));
	}
	for (size_t i = 0; i < h->n_sources; i++)
		err |= json_array_append_new(
			sources, json_pack("{s:s, s:b, s:s}", "address", address_text(h->source[i].address, text),
					   "usable", h->source[i].state.usable, "why", h->source[i].state.why));
	for (int i = 0; i < N_HOOKS; i++)
		err |= json_array_append_new(programs,
					     json_pack("{s:s, s:I, s:I, s:b}", "name", l->hook[i].name, "id",
						       (json_int_t)l->hook[i].program, "link",
						       (json_int_t)l->hook[i].link, "attached", l->hook[i].attached));
	/* "o" takes what it is given, also when json_pack fails */
	return err ? NULL
		   : json_pack("{s:s, s:{s:s, s:I}, s:s, s:o, s:s, s:s, s:o, s:o, s:o}", "name", cgroup_name(cgroup),
			       "cgroup", "path", cgroup, "id", (json_int_t)l->cgroup_id, "state", state[h->state],
			       "problems", problems, "config", config, "mode", "enforce", "sources", sources,
			       "programs", programs, "counters", json_counters(l));
}

int report_json(const struct loaded_list *l, const struct health *health, FILE *out)
{
	json_t *services = json_array(), *all;
	int err = 0;

	for (size_t i = 0; i < l->n; i++)
		err |= json_array_append_new(services, json_service(&l->item[i], &health[i]));
	all = err ? NULL
		  : json_pack("{s:s, s:i, s:o}", "srcpin", SRCPIN_VERSION, "abi", SRCPIN_ABI, "services", services);
	if (!all || json_dumpf(all, out, JSON_INDENT(2)))
		err = -EIO;
	fputc('\n', out);
	json_decref(all);
	return err ? err : written(out);
}

static void policy_pin(const struct srcpin_rule *rule, FILE *out)
{
	char source[INET6_ADDRSTRLEN];

	fprintf(out, "from %s", address_text(rule->source, source));
	for (unsigned int i = 0; i < rule->n_ports; i++)
		fprintf(out, "%s%u", i ? "," : " ports ", rule->ports[i]);
	if (rule->missing == SRCPIN_MISSING_PASS)
		fputs(" missing pass", out);
	if (rule->bound != SRCPIN_BOUND_REWRITE)
		fputs(rule->bound == SRCPIN_BOUND_DENY ? " bound deny" : " bound leave", out);
}

int report_policy(const struct policy *p, FILE *out)
{
	for (size_t i = 0; i < p->n_entries; i++) {
		const struct srcpin_rule *rule = &p->entry[i].rule;
		char to[PREFIX_STRLEN];

		fprintf(out, "%-44s ", prefix_print(&p->entry[i].prefix, to));
		if (rule->verdict == SRCPIN_PIN)
			policy_pin(rule, out);
		else
			fputs("exempt", out);
		if (rule->line)
			fprintf(out, "  (line %u)\n", rule->line);
		else
			fputs("  (built in)\n", out);
	}
	return written(out);
}
