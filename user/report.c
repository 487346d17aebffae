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
	[SRCPIN_PINNED_CONNECT] = "pinned_connect",
	[SRCPIN_PINNED_BIND] = "pinned_bind",
	[SRCPIN_PINNED_DATAGRAM] = "pinned_datagram",
	[SRCPIN_PINNED_ALREADY] = "pinned_already",
	[SRCPIN_EXEMPT_RULE] = "exempt_rule",
	[SRCPIN_EXEMPT_PORT] = "exempt_port",
	[SRCPIN_EXEMPT_BIND] = "exempt_bind",
	[SRCPIN_EXEMPT_BOUND] = "exempt_bound",
	[SRCPIN_EXEMPT_MISSING] = "exempt_missing",
	[SRCPIN_EXEMPT_NESTED] = "exempt_nested",
	[SRCPIN_DENIED_RULE] = "denied_rule",
	[SRCPIN_DENIED_MISSING] = "denied_missing",
	[SRCPIN_DENIED_BOUND] = "denied_bound",
	[SRCPIN_DENIED_OTHER_SOURCE] = "denied_other_source",
	[SRCPIN_DENIED_WILDCARD] = "denied_wildcard",
	[SRCPIN_DENIED_FAMILY] = "denied_family",
	[SRCPIN_DENIED_NO_POLICY] = "denied_no_policy",
	[SRCPIN_DENIED_BIND_FAILED] = "denied_bind_failed",
	[SRCPIN_PASSED_TCP] = "passed_tcp",
	[SRCPIN_PASSED_EXEMPT] = "passed_exempt",
	[SRCPIN_PASSED_SOURCE] = "passed_source",
	[SRCPIN_PASSED_BOUND] = "passed_bound",
	[SRCPIN_PASSED_MISSING] = "passed_missing",
	[SRCPIN_PASSED_PREVIOUS] = "passed_previous",
	[SRCPIN_PASSED_NESTED] = "passed_nested",
	[SRCPIN_DROPPED_SOURCE] = "dropped_source",
	[SRCPIN_DROPPED_MISSING] = "dropped_missing",
	[SRCPIN_DROPPED_STRANGE] = "dropped_strange",
	[SRCPIN_DROPPED_NO_POLICY] = "dropped_no_policy",
};

_Static_assert(sizeof(reason_name) / sizeof(*reason_name) == SRCPIN_N_REASONS, "every reason has a name");

/* What is before the '_' of a reason's name: of calls, and of packets that came to the guard. */
static const char *const verdict_name[] = { "pinned", "exempt", "denied", "passed", "dropped" };

enum {
	N_VERDICTS = sizeof(verdict_name) / sizeof(*verdict_name),
	FIRST_OF_PACKETS = 3,
};

const char *report_reason(enum srcpin_reason reason)
{
	return reason_name[reason];
}

static uint64_t count(const struct srcpin_reasons *reasons, int reason)
{
	return ((const __u64 *)reasons)[reason];
}

static uint64_t count_verdict(const struct srcpin_reasons *reasons, const char *verdict)
{
	uint64_t sum = 0;

	for (int r = 0; r < SRCPIN_N_REASONS; r++)
		if (strncmp(reason_name[r], verdict, strlen(verdict)) == 0)
			sum += count(reasons, r);
	return sum;
}

/* "pinned 3, exempt 0, denied 1": one line for verdicts FROM up to but not including TO */
static void table_verdicts(const char *what, const struct srcpin_reasons *reasons, int from, int to, FILE *out)
{
	fprintf(out, "  %-8s ", what);
	for (int v = from; v < to; v++)
		fprintf(out, "%s%s %" PRIu64, v > from ? ", " : "", verdict_name[v],
			count_verdict(reasons, verdict_name[v]));
	fputc('\n', out);
}

/* Those above zero. */
static void table_reasons(const struct srcpin_reasons *reasons, FILE *out)
{
	for (int r = 0; r < SRCPIN_N_REASONS; r++)
		if (count(reasons, r))
			fprintf(out, "           %-20s %" PRIu64 "\n", reason_name[r], count(reasons, r));
}

/* Fit to be shown; to be freed. */
static char *clean(const char *raw)
{
	char *copy = strdup(raw);

	if (!copy)
		abort();
	return text_clean(copy);
}

/* Calls that were only observed. */
static uint64_t observed(const struct loaded *l)
{
	uint64_t sum = 0;

	for (int v = 0; v < FIRST_OF_PACKETS; v++)
		sum += count_verdict(&l->counters.observed, verdict_name[v]);
	return sum;
}

static void table_older(const struct health *h, FILE *out)
{
	if (h->older.tcp || h->older.udp)
		fprintf(out, "  older    %u TCP, %u UDP leave from other addresses (load --close-stale ends them)\n",
			h->older.tcp, h->older.udp);
	else if (h->older_known)
		fprintf(out, "  older    none leave from other addresses\n");
	if (h->note)
		fprintf(out, "  note     %s\n", h->note);
}

/* The next version of a program of L after hook I, each once; N_HOOKS: no more. */
static int next_version(const struct loaded *l, int i)
{
	while (++i < N_HOOKS) {
		int k = 0;

		while (k < i && strcmp(l->hook[k].version, l->hook[i].version) != 0)
			k++;
		if (k == i && *l->hook[i].version)
			break;
	}
	return i;
}

/* One, unless a load of another version was killed. */
static void table_versions(const struct loaded *l, FILE *out)
{
	int first = next_version(l, -1);
	bool other = false;

	if (first == N_HOOKS)
		return;
	for (int i = first; i < N_HOOKS; i = next_version(l, i)) {
		fprintf(out, "%s%s", i == first ? "  loaded   by srcpin " : " and ", l->hook[i].version);
		other |= strcmp(l->hook[i].version, SRCPIN_VERSION) != 0;
	}
	fprintf(out, "%s\n", other ? "; the next load or reload puts " SRCPIN_VERSION " in its place" : "");
}

static void table_service(const struct loaded *l, const struct health *h, FILE *out)
{
	static const char *const state[] = { "in force", "DEGRADED", "STALE" };
	_cleanup_free_ char *cgroup = clean(l->cgroup), *config = clean(l->config);
	char text[INET6_ADDRSTRLEN];

	fprintf(out, "%s: %s\n", cgroup_name(cgroup),
		l->policy.observe && !h->state ? "observing only" : state[h->state]);
	for (size_t i = 0; i < h->n_problems; i++) {
		_cleanup_free_ char *problem = clean(h->problem[i]);

		fprintf(out, "  problem  %s\n", problem);
	}
	for (size_t i = 0; i < h->n_sources; i++) {
		const struct address_state *a = &h->source[i].state;
		_cleanup_free_ char *device = clean(a->device);

		fprintf(out, "  source   %s  %s%s\n", address_print(h->source[i].address, text),
			a->usable ? "usable, on " : a->why, a->usable ? device : "");
	}
	fprintf(out, "  cgroup   %s (id %" PRIu64 ")\n", cgroup, l->cgroup_id);
	fprintf(out, "  config   %s\n", config);
	table_versions(l, out);
	fprintf(out, "  hooks   ");
	for (int i = 0; i < N_HOOKS; i++)
		if (l->hook[i].wanted)
			fprintf(out, " %s%s",
				l->hook[i].attached ? "" : "MISSING:", l->hook[i].name + strlen("srcpin_"));
	fputc('\n', out);
	table_older(h, out);
	table_verdicts("calls", &l->counters.enforced, 0, FIRST_OF_PACKETS, out);
	if (l->policy.guard)
		table_verdicts("packets", &l->counters.enforced, FIRST_OF_PACKETS, N_VERDICTS, out);
	table_reasons(&l->counters.enforced, out);
	if (l->policy.observe || observed(l)) {
		table_verdicts("observed", &l->counters.observed, 0, N_VERDICTS, out);
		table_reasons(&l->counters.observed, out);
	}
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
static json_t *json_reasons(const struct srcpin_reasons *reasons)
{
	json_t *all = json_object();
	int err = 0;

	for (int r = 0; r < SRCPIN_N_REASONS; r++)
		err |= json_object_set_new(all, reason_name[r], json_integer((json_int_t)count(reasons, r)));
	if (!err)
		return all;
	json_decref(all);
	return NULL;
}

static json_t *json_counters(const struct loaded *l)
{
	json_t *counters = json_object();
	int err = 0;

	for (size_t v = 0; v < N_VERDICTS; v++)
		err |= json_object_set_new(
			counters, verdict_name[v],
			json_integer((json_int_t)count_verdict(&l->counters.enforced, verdict_name[v])));
	err |= json_object_set_new(counters, "observed", json_integer((json_int_t)observed(l)));
	err |= json_object_set_new(counters, "reasons", json_reasons(&l->counters.enforced));
	err |= json_object_set_new(counters, "observed_reasons", json_reasons(&l->counters.observed));
	if (!err)
		return counters;
	json_decref(counters);
	return NULL;
}

static json_t *json_older(const struct health *h)
{
	if (!h->older_known)
		return json_null();
	return json_pack("{s:I, s:I}", "tcp", (json_int_t)h->older.tcp, "udp", (json_int_t)h->older.udp);
}

static json_t *json_service(const struct loaded *l, const struct health *h)
{
	static const char *const state[] = { "in-force", "degraded", "stale" };
	json_t *problems = json_array(), *sources = json_array(), *programs = json_array(), *versions = json_array();
	_cleanup_free_ char *cgroup = clean(l->cgroup), *config = clean(l->config);
	char text[INET6_ADDRSTRLEN];
	int err = 0;

	for (size_t i = 0; i < h->n_problems; i++) {
		_cleanup_free_ char *problem = clean(h->problem[i]);

		err |= json_array_append_new(problems, json_string(problem));
	}
	for (size_t i = 0; i < h->n_sources; i++)
		err |= json_array_append_new(
			sources, json_pack("{s:s, s:b, s:s}", "address", address_print(h->source[i].address, text),
					   "usable", h->source[i].state.usable, "why", h->source[i].state.why));
	for (int i = 0; i < N_HOOKS; i++)
		if (l->hook[i].wanted)
			err |= json_array_append_new(
				programs, json_pack("{s:s, s:I, s:I, s:b, s:s?}", "name", l->hook[i].name, "id",
						    (json_int_t)l->hook[i].program, "link", (json_int_t)l->hook[i].link,
						    "attached", l->hook[i].attached, "version",
						    *l->hook[i].version ? l->hook[i].version : NULL));
	for (int i = next_version(l, -1); i < N_HOOKS; i = next_version(l, i))
		err |= json_array_append_new(versions, json_string(l->hook[i].version));
	/* "o" takes what it is given, also when json_pack fails */
	return err ? NULL
		   : json_pack("{s:s, s:{s:s, s:I}, s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:s?, s:o}", "name",
			       cgroup_name(cgroup), "cgroup", "path", cgroup, "id", (json_int_t)l->cgroup_id, "state",
			       state[h->state], "problems", problems, "config", config, "mode",
			       l->policy.observe ? "observe" : "enforce", "sources", sources, "programs", programs,
			       "counters", json_counters(l), "older_connections", json_older(h), "note", h->note,
			       "loaded_by", versions);
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

static void policy_ports(const struct srcpin_rule *rule, FILE *out)
{
	for (unsigned int i = 0; i < rule->n_ports; i++)
		fprintf(out, "%s%u", i ? "," : " ports ", rule->ports[i]);
}

static void policy_pin(const struct srcpin_rule *rule, FILE *out)
{
	char source[INET6_ADDRSTRLEN];

	fprintf(out, "from %s", address_print(rule->source, source));
	policy_ports(rule, out);
	if (rule->missing == SRCPIN_MISSING_PASS)
		fputs(" missing pass", out);
	if (rule->bound != SRCPIN_BOUND_REWRITE)
		fputs(rule->bound == SRCPIN_BOUND_DENY ? " bound deny" : " bound leave", out);
}

int report_policy(const struct policy *p, FILE *out)
{
	fprintf(out, "mode %s, guard %s, late %s\n", p->observe ? "observe" : "enforce", p->guard ? "on" : "off",
		p->late_fails ? "fail" : "start");
	for (size_t i = 0; i < p->n_entries; i++) {
		const struct srcpin_rule *rule = &p->entry[i].rule;
		char to[PREFIX_STRLEN];

		fprintf(out, "%-44s ", prefix_print(&p->entry[i].prefix, to));
		if (rule->verdict == SRCPIN_PIN) {
			policy_pin(rule, out);
		} else {
			fputs(rule->verdict == SRCPIN_DENY ? "refused" : "exempt", out);
			policy_ports(rule, out);
		}
		if (rule->line)
			fprintf(out, "  (line %u)\n", rule->line);
		else
			fputs("  (built in)\n", out);
	}
	return written(out);
}
