// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/quote.h"
#include "base/text.h"
#include "cli/command.h"
#include "host/cgroup.h"
#include "host/probe.h"
#include "policy/explain.h"
#include "policy/sources.h"
#include "report/health.h"
#include "unit/unit_cgroup.h"

/* The policy in force for the cgroup, and what its config file calls its rules */
struct subject {
	const struct options *o;
	struct cgroup cgroup;
	const struct loaded *loaded; /* NULL: nothing is in force */
	struct policies config;
	const struct config_section *section; /* NULL: the file has changed since */
	struct health health;
	bool own_network;
	int width; /* of the longest destination */
};

static void subject_free(struct subject *s)
{
	cgroup_close(&s->cgroup);
	policies_free(&s->config);
	health_free(&s->health);
}

/* A policy in force has only line numbers; the file has the keys, if it is still the same. */
static const struct config_section *find_section(const struct loaded *l, struct policies *ret)
{
	struct diagnostics d = { 0 };
	struct failure ignored = { "" };
	const char *name = cgroup_name(l->cgroup);
	const struct policy *now = policies_read(l->config, ret, &d, &ignored) ? NULL : policies_find(ret, name);
	bool same = now && policy_equal(now, &l->policy);

	diagnostics_free(&d);
	return same ? config_find(&ret->config, name) : NULL;
}

/* One destination: what the policy says about it, and what came of it */
struct attempt {
	const struct destination *to;
	struct probe probe;
	bool has_policy;
	struct explanation said;
	struct srcpin_decision decision; /* with the source in its present state */
	enum probe_result verdict;
};

static void prepare(const struct subject *s, struct attempt *a)
{
	struct probe *p = &a->probe;

	p->port = (uint16_t)s->o->port;
	memcpy(p->address, a->to->address, sizeof(p->address));
	memcpy(p->scope, a->to->scope, sizeof(p->scope));
	a->has_policy = s->loaded;
	if (!s->loaded)
		return;
	a->said = explain(&s->loaded->policy, s->section, p->address, p->port);
	p->has_source = a->said.decision.action == SRCPIN_SET;
	if (p->has_source)
		memcpy(p->source, a->said.entry->rule.source, sizeof(p->source));
}

/* The source that was taken, of several: so it is the one that was to be taken, and is usable. */
static void note_choice(const struct subject *s, struct attempt *a)
{
	struct probe *p = &a->probe;

	if (!p->has_source || p->inside.error ||
	    !policy_rule_has(&s->loaded->policy, &a->said.entry->rule, p->inside.source))
		return;
	memcpy(p->source, p->inside.source, sizeof(p->source));
	p->state_known = false;
}

static void judge(const struct subject *s, struct attempt *a)
{
	bool observed = s->loaded && s->loaded->policy.observe;

	note_choice(s, a);

	a->decision = a->probe.state_known && !a->probe.state.usable ? a->said.missing : a->said.decision;
	a->verdict = probe_judge(&a->probe, a->has_policy && !observed ? &a->decision : NULL, observed);
}

static bool as_policy_says(enum probe_result v)
{
	return v != PROBE_WRONG && v != PROBE_UNPINNED;
}

static bool is_good(enum probe_result v)
{
	return v == PROBE_PINNED || v == PROBE_EXEMPT || v == PROBE_DENIED || v == PROBE_OBSERVED;
}

static const char *print_outcome(const struct probe_outcome *o, char text[EXPLAIN_STRLEN])
{
	char source[INET6_ADDRSTRLEN];

	if (o->error)
		snprintf(text, EXPLAIN_STRLEN, "%s (%s)", strerrorname_np(o->error), strerror(o->error));
	else
		snprintf(text, EXPLAIN_STRLEN, "from %s", address_print(o->source, source));
	return text;
}

static void print_line(const struct subject *s, const struct attempt *a)
{
	_cleanup_free_ char *said = a->has_policy ? explain_outcome(&a->said, a->decision) : NULL;
	char to[DESTINATION_STRLEN], text[EXPLAIN_STRLEN];
	const struct probe *p = &a->probe;

	printf("%-8s  %-*s  %s", probe_result_name(a->verdict), s->width, destination_print(a->to, p->port, to),
	       print_outcome(&p->inside, text));
	printf(", outside the service %s",
	       probe_same_outcome(&p->inside, &p->outside) ? "as well" : print_outcome(&p->outside, text));
	if (a->verdict == PROBE_WRONG)
		printf("; the policy says: %s", said);
	if (a->verdict == PROBE_OBSERVED)
		printf("; enforced: %s", said);
	if (a->has_policy)
		printf(" (%s)", explain_rule(&a->said, s->loaded->config, text));
	if (p->state_known && !p->state.usable)
		printf("; the source is %s", p->state.why);
	putchar('\n');
}

static json_t *outcome_json(const struct probe_outcome *o)
{
	char source[INET6_ADDRSTRLEN];

	return json_pack("{s:s?, s:s?}", "source", o->error ? NULL : address_print(o->source, source), "errno",
			 o->error ? strerrorname_np(o->error) : NULL);
}

static json_t *policy_json(const struct subject *s, const struct attempt *a)
{
	_cleanup_free_ char *config = text_clean_copy(s->loaded->config), *cgroup = text_clean_copy(s->loaded->cgroup);
	json_t *policy = explain_decision_json(&a->said, a->decision), *rest;

	rest = json_pack("{s:o, s:s, s:s, s:s}", "rule", explain_rule_json(&a->said), "mode",
			 s->loaded->policy.observe ? "observe" : "enforce", "config", config, "cgroup", cgroup);
	if (json_object_update(policy, rest))
		abort();
	json_decref(rest);
	return policy;
}

static void print_json(const struct subject *s, const struct attempt *a)
{
	json_t *all = destination_json(a->to, a->probe.port), *inside = outcome_json(&a->probe.inside), *rest;
	_cleanup_free_ char *cgroup = text_clean_copy(s->cgroup.path);
	json_t *problems = json_array();

	for (size_t i = 0; i < s->health.n_problems; i++) {
		_cleanup_free_ char *problem = text_clean_copy(s->health.problem[i]);

		json_array_append_new(problems, json_string(problem));
	}
	rest = json_pack("{s:s, s:b, s:o, s:o?, s:{s:s, s:I}, s:s, s:o}", "verdict", probe_result_name(a->verdict),
			 "as_policy", as_policy_says(a->verdict), "outside", outcome_json(&a->probe.outside), "policy",
			 a->has_policy ? policy_json(s, a) : NULL, "cgroup", "path", cgroup, "id",
			 (json_int_t)s->cgroup.id, "network", s->own_network ? "service" : "caller", "problems",
			 problems);
	if (json_object_update(all, inside) || json_object_update(all, rest))
		abort();
	json_dumpf(all, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(rest);
	json_decref(inside);
	json_decref(all);
}

static int try(struct subject *s, struct attempt *a, size_t n)
{
	struct probe *p = xcalloc(n, sizeof(*p));
	struct failure f = { "" };
	int err;

	for (size_t i = 0; i < n; i++) {
		prepare(s, &a[i]);
		p[i] = a[i].probe;
	}
	err = probe_run(&s->cgroup, p, n, &s->own_network, &f);
	for (size_t i = 0; i < n && !err; i++) {
		a[i].probe = p[i];
		judge(s, &a[i]);
	}
	free(p);
	if (err)
		log_error("%s", f.text);
	return err ? EXIT_SYSTEM : EXIT_OK;
}

static int print(const struct subject *s, const struct attempt *a, size_t n)
{
	int status = EXIT_OK;

	if (s->own_network)
		log_info("tried in the service's own network namespace");
	for (size_t i = 0; i < s->health.n_problems; i++)
		log_warning("%s", s->health.problem[i]);
	for (size_t i = 0; i < n; i++) {
		if (s->o->json)
			print_json(s, &a[i]);
		else
			print_line(s, &a[i]);
		if (!is_good(a[i].verdict))
			status = EXIT_SYSTEM;
	}
	if (!s->loaded) {
		_cleanup_free_ char *word = quote_word(s->cgroup.path);

		log_error("nothing is in force for cgroup %s (srcpin load --cgroup %s)", s->cgroup.path, word);
	}
	return command_end_output() ? EXIT_SYSTEM : status;
}

static int probe_all(struct subject *s, const struct destinations *to)
{
	struct attempt *a = xcalloc(to->n + 1, sizeof(*a));
	int status;

	for (size_t i = 0; i < to->n; i++)
		a[i].to = &to->item[i];
	s->width = destinations_width(to, (unsigned int)s->o->port);
	status = try(s, a, to->n);
	if (!status)
		status = print(s, a, to->n);
	free(a);
	return status;
}

int cmd_probe(const struct options *o)
{
	_cleanup_(destinations_free) struct destinations to = { 0 };
	_cleanup_(loaded_list_free) struct loaded_list l = { 0 };
	_cleanup_(subject_free) struct subject s = { .o = o, .cgroup = CGROUP_NONE };
	struct failure f = { "" };
	int status, probed, err;

	err = unit_cgroup_resolve(o->cgroup, &s.cgroup, &f);
	if (err) {
		log_error("%s", f.text);
		return command_cgroup_status(err);
	}
	if (loaded_read(NULL, &l, &f)) {
		log_error("%s", f.text);
		return EXIT_SYSTEM;
	}
	s.loaded = loaded_deciding(&l, s.cgroup.path);
	if (s.loaded) {
		s.section = find_section(s.loaded, &s.config);
		health_examine_force(s.loaded, &s.health);
	}
	status = command_find_destinations(o, &to);
	if (!to.n)
		return status;
	probed = probe_all(&s, &to);
	return probed ? probed : status;
}
