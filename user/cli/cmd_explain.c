// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/command.h"
#include "host/cgroup.h"
#include "policy/compile.h"
#include "policy/explain.h"
#include "policy/reason.h"
#include "policy/sources.h"
#include "report/health.h"
#include "unit/unit_cgroup.h"

/* What all the answers are about. */
struct subject {
	const char *config;
	const struct config_section *section;
	const struct policy *policy;
	const struct health *health; /* the policy's sources, here and now */
	int width;                   /* of the longest destination */
};

/*
 * The state of the sources that the rule names: of several, one that is
 * usable, or else the first. NULL: there is none, or it is not known.
 */
static const struct address_state *source_state_of(const struct subject *s, const struct explanation *e)
{
	const struct address_state *found = NULL;

	for (size_t i = 0; e->decision.action == SRCPIN_SET && i < s->health->n_sources; i++) {
		const struct health_source *source = &s->health->source[i];

		if (source->known && policy_rule_has(s->policy, &e->entry->rule, source->address) &&
		    (!found || (source->state.usable && !found->usable)))
			found = &source->state;
	}
	return found;
}

static void print_line(const struct subject *s, const struct destination *d, const struct explanation *e)
{
	_cleanup_free_ char *outcome = explain_outcome(e, e->decision), *missing = explain_outcome(e, e->missing);
	char to[DESTINATION_STRLEN], rule[EXPLAIN_STRLEN];
	const struct address_state *state = source_state_of(s, e);

	printf("%-6s  %-*s  %s (%s)", verdict_name(reason_verdict(e->decision.reason)), s->width,
	       destination_print(d, e->port, to), outcome, explain_rule(e, s->config, rule));
	if (state && !state->usable)
		printf("; here and now %s: the source is %s", missing, state->why);
	puts(s->policy->observe ? "; only observed" : "");
}

static void print_json(const struct subject *s, const struct destination *d, const struct explanation *e)
{
	const struct address_state *state = source_state_of(s, e);
	_cleanup_free_ char *config = text_clean_copy(s->config), *section = text_clean_copy(s->section->name);
	json_t *all = destination_json(d, e->port), *decision = explain_decision_json(e, e->decision);
	json_t *rest = json_pack("{s:o, s:o, s:o?, s:s?, s:s, s:s, s:s}", "rule", explain_rule_json(e), "missing",
				 explain_decision_json(e, e->missing), "usable",
				 state ? json_boolean(state->usable) : NULL, "why", state ? state->why : NULL, "mode",
				 s->policy->observe ? "observe" : "enforce", "config", config, "section", section);

	if (json_object_update(all, decision) || json_object_update(all, rest))
		abort();
	json_dumpf(all, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(rest);
	json_decref(decision);
	json_decref(all);
}

static int print(const struct subject *s, const struct options *o, const struct destinations *to)
{
	for (size_t i = 0; i < to->n; i++) {
		const struct destination *d = &to->item[i];
		const struct explanation e = explain(s->policy, s->section, d->address, (uint16_t)o->port);

		if (o->json)
			print_json(s, d, &e);
		else
			print_line(s, d, &e);
	}
	return command_end_output();
}

int cmd_explain(const struct options *o)
{
	_cleanup_(destinations_free) struct destinations to = { 0 };
	_cleanup_(health_free) struct health health = { 0 };
	_cleanup_(policies_free) struct policies all = { 0 };
	_cleanup_free_ char *cgroup = NULL;
	struct subject s = { .config = o->config, .health = &health };
	struct failure f = { "" };
	int status, printed;

	status = command_read_config(o->config, &all);
	if (status)
		return status;
	status = unit_cgroup_recorded(o->cgroup, &cgroup, &f);
	if (status) {
		log_error("%s", f.text);
		return command_cgroup_status(status);
	}
	s.section = config_find(&all.config, cgroup_name(cgroup));
	s.policy = policies_find(&all, cgroup_name(cgroup));
	if (!s.section) {
		log_error("cannot explain %s: %s has no section for it (add [%s])", cgroup_name(cgroup), o->config,
			  cgroup_name(cgroup));
		return EXIT_USAGE;
	}
	health_examine_sources_of(s.policy, 0, &health);
	status = command_find_destinations(o, &to);
	s.width = destinations_width(&to, (unsigned int)o->port);
	printed = print(&s, o, &to);
	return printed ? printed : status;
}
