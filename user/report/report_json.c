// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Without memory, jansson's constructors give NULL, and its setters pass it on. So one check at the end is enough. */
#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>

#include "policy/reason.h"
#include "policy/sources.h"
#include "report/report.h"

static json_t *json_reasons(const struct report_counts *counts)
{
	json_t *all = json_object();
	int err = 0;

	for (enum srcpin_reason i = 0; i < SRCPIN_N_REASONS; i++)
		err |= json_object_set_new(all, reason_name(i), json_integer((json_int_t)counts->reason[i]));
	if (!err)
		return all;
	json_decref(all);
	return NULL;
}

static json_t *json_counters(const struct report_service *s)
{
	json_t *counters = json_object();
	int err = 0;

	for (enum srcpin_verdict v = SRCPIN_PIN; v != SRCPIN_N_VERDICTS; v++)
		err |= json_object_set_new(counters, verdict_name(v), json_integer((json_int_t)s->enforced.verdict[v]));
	err |= json_object_set_new(counters, "observed", json_integer((json_int_t)s->observed_calls));
	err |= json_object_set_new(counters, "reasons", json_reasons(&s->enforced));
	err |= json_object_set_new(counters, "observed_reasons", json_reasons(&s->observed));
	if (!err)
		return counters;
	json_decref(counters);
	return NULL;
}

static json_t *json_older(const struct health *h)
{
	if (!h->older_known)
		return json_null();
	return json_pack("{s:I, s:I, s:I}", "tcp", (json_int_t)h->older.tcp, "udp", (json_int_t)h->older.udp, "unknown",
			 (json_int_t)h->older.unknown);
}

/* RFC 3339, in UTC */
static json_t *json_last(const struct report_refusal *last)
{
	char when[40];
	struct tm tm;
	json_t *all;
	size_t n;

	if (!last->when.tv_sec)
		return json_null();
	n = strftime(when, sizeof(when), "%FT%T", gmtime_r(&last->when.tv_sec, &tm));
	snprintf(when + n, sizeof(when) - n, ".%03ldZ", last->when.tv_nsec / 1000000);
	all = json_pack("{s:s, s:s, s:I, s:s, s:s, s:i, s:s}", "when", when, "process", last->process, "pid",
			(json_int_t)last->pid, "hook", last->hook, "destination", last->dest, "port", last->port,
			"reason", reason_name(last->reason));
	json_object_set_new(all, "program", last->program ? json_string(last->program) : json_null());
	json_object_set_new(all, "remedy", json_string(last->remedy));
	if (last->pid && last->host_pid) {
		json_object_set_new(all, "pid", json_null());
		json_object_set_new(all, "host_pid", json_integer(last->pid));
	}
	return all;
}

static json_t *json_left(const struct health *h)
{
	json_t *all = json_array();

	for (size_t i = 0; i < h->n_left; i++)
		json_array_append_new(all,
				      json_pack("{s:s, s:s?, s:b}", "family", h->left[i].family, "from",
						*h->left[i].from ? h->left[i].from : NULL, "meant", h->left[i].meant));
	return all;
}

static json_t *json_networks(const struct health *h)
{
	return json_pack("{s:I, s:b, s:I, s:I}", "namespaces", (json_int_t)h->n_networks, "other",
			 h->network_process != 0, "process", (json_int_t)h->network_process, "left_out",
			 (json_int_t)h->users_process);
}

/* All lists of a policy have the same. NULL: it has none. */
static const char *json_spread(const struct policy *p)
{
	return p->n_lists ? spread_name(p->list[0].spread) : NULL;
}

static json_t *json_service(const struct report_service *s)
{
	json_t *problems = json_array(), *sources = json_array(), *programs = json_array(), *versions = json_array();
	const struct loaded *l = s->loaded;
	const struct health *h = s->health;
	int err = 0;

	for (size_t i = 0; i < h->n_problems; i++)
		err |= json_array_append_new(problems, json_string(s->problem[i]));
	for (size_t i = 0; i < h->n_sources; i++)
		err |= json_array_append_new(sources,
					     json_pack("{s:s, s:b, s:b, s:s}", "address", h->source[i].text, "prefix",
						       h->source[i].prefix.prefixlen < 128, "usable",
						       h->source[i].state.usable, "why", h->source[i].state.why));
	for (int i = 0; i < N_HOOKS; i++)
		if (l->hook[i].wanted)
			err |= json_array_append_new(
				programs, json_pack("{s:s, s:I, s:I, s:b, s:s?}", "name", l->hook[i].name, "id",
						    (json_int_t)l->hook[i].program, "link", (json_int_t)l->hook[i].link,
						    "attached", l->hook[i].attached, "version",
						    *l->hook[i].version ? l->hook[i].version : NULL));
	for (size_t i = 0; i < s->n_versions; i++)
		err |= json_array_append_new(versions, json_string(s->version[i]));
	/* "o" takes over its argument, even if json_pack fails */
	return err ? NULL
		   : json_pack("{s:s, s:{s:s, s:I}, s:s, s:o, s:s, s:s, s:s?, s:o, s:o, s:o, s:o, s:s?, s:o, s:o, s:o, "
			       "s:o}",
			       "name", s->name, "cgroup", "path", s->cgroup, "id", (json_int_t)l->cgroup_id, "state",
			       report_state_name(h->state), "problems", problems, "config", s->config, "mode",
			       l->policy.observe ? "observe" : "enforce", "spread", json_spread(&l->policy), "sources",
			       sources, "programs", programs, "counters", json_counters(s), "older_connections",
			       json_older(h), "note", h->note, "loaded_by", versions, "last_refusal",
			       json_last(&s->last), "unpinned", json_left(h), "network", json_networks(h));
}

int report_json(const struct report *r, FILE *out)
{
	json_t *services = json_array(), *unheld = json_array(), *not_pinned = json_array(), *all;
	int err = 0;

	for (size_t i = 0; i < r->n; i++)
		err |= json_array_append_new(services, json_service(&r->service[i]));
	for (size_t i = 0; i < r->unheld.n; i++)
		err |= json_array_append_new(unheld, json_string(r->unheld.cgroup[i]));
	for (size_t i = 0; i < r->not_pinned.n; i++) {
		const struct not_pinned *n = &r->not_pinned.item[i];

		err |= json_array_append_new(not_pinned, json_pack("{s:s, s:s, s:I, s:s, s:s}", "name", n->name,
								   "cgroup", n->cgroup, "process", (json_int_t)n->pid,
								   "program", n->program, "problem", n->problem));
	}
	all = err ? NULL
		  : json_pack("{s:s, s:i, s:o, s:o, s:o}", "srcpin", SRCPIN_VERSION, "abi", SRCPIN_ABI, "services",
			      services, "unheld", unheld, "not_pinned", not_pinned);
	if (!all || json_dumpf(all, out, JSON_INDENT(2)))
		err = -EIO;
	fputc('\n', out);
	json_decref(all);
	return err || fflush(out) || ferror(out) ? -EIO : 0;
}
