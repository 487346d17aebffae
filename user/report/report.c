// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "host/cgroup.h"
#include "host/pids.h"
#include "policy/reason.h"
#include "policy/sources.h"
#include "report/remedy.h"
#include "report/report.h"
#include "report/source_remedy.h"

#define SECOND INT64_C(1000000000)

const char *report_state_name(enum health_state state)
{
	static const char *const name[] = { "in-force", "degraded", "stale", "idle" };

	return name[state];
}

void report_sum_up(const struct srcpin_reasons *reasons, struct report_counts *ret)
{
	*ret = (struct report_counts){ 0 };
	for (enum srcpin_reason i = 0; i < SRCPIN_N_REASONS; i++) {
		ret->reason[i] = ((const __u64 *)reasons)[i];
		ret->verdict[reason_verdict(i)] += ret->reason[i];
	}
}

/* The kernel counts from the boot; people read the clock on the wall. */
static struct timespec wall_clock(uint64_t monotonic)
{
	struct timespec now, wall;
	int64_t ago, then;

	clock_gettime(CLOCK_MONOTONIC, &now);
	clock_gettime(CLOCK_REALTIME, &wall);
	ago = now.tv_sec * SECOND + now.tv_nsec - (int64_t)monotonic;
	then = wall.tv_sec * SECOND + wall.tv_nsec - ago;
	return (struct timespec){ then / SECOND, then % SECOND };
}

/* What was asked for has no source in the policy as it is now. */
static char *remedy_of_left(const struct srcpin_refusal *last)
{
	char text[INET6_ADDRSTRLEN];

	if (last->hook == SRCPIN_BIND)
		return xasprintf("nothing to do: %s is not pinned any more",
				 address_is_ipv4(last->dest) ? "IPv4" : "IPv6");
	return xasprintf("nothing to do: %s is not pinned any more", address_print(last->dest, text));
}

/* By the state that its sources are in now: of several, one that is usable counts, or else the first. */
static char *remedy_of_missing(const struct loaded *l, const struct health *h)
{
	const struct srcpin_refusal *last = &l->counters.last;
	const struct policy *p = &l->policy;
	const struct srcpin_rule *rule = health_wanted_rule(p, last);
	const struct health_source *found = NULL;

	for (size_t i = 0; rule && i < h->n_sources; i++) {
		const struct health_source *s = &h->source[i];

		if (s->known && policy_rule_has(p, rule, s->address) &&
		    (!found || (s->state.usable && !found->state.usable)))
			found = s;
	}
	if (!found)
		return p->n_entries && !rule ? remedy_of_left(last) : xstrdup(reason_remedy(last->reason));
	if (!found->state.usable)
		return source_remedy(&found->prefix, &found->state);
	if (h->users_process && health_refused_elsewhere(l, found))
		return xasprintf("give the address to the network namespace of process %ld, which a user has made",
				 h->users_process);
	if (found->usable_in == h->n_networks)
		return xstrdup("nothing to do: the source is usable now");
	return xstrdup("give the address to each of the network namespaces");
}

static char *remedy_of(const struct loaded *l, const struct health *h, const struct remedy *known)
{
	const struct srcpin_refusal *last = &l->counters.last;

	if (known)
		return xstrdup(known->setting);
	if (last->reason == SRCPIN_DENIED_MISSING || last->reason == SRCPIN_DROPPED_MISSING)
		return remedy_of_missing(l, h);
	return xstrdup(reason_remedy(last->reason));
}

static void describe_last(const struct loaded *l, const struct health *h, struct report_refusal *ret)
{
	const struct srcpin_refusal *last = &l->counters.last;
	static const char *const hook[] = {
		[SRCPIN_CONNECT] = "connect",
		[SRCPIN_BIND] = "bind",
		[SRCPIN_SENDMSG] = "sendmsg",
		[SRCPIN_PACKET] = "packet",
	};
	const struct remedy *known;

	if (!last->when || last->hook > SRCPIN_PACKET || last->reason >= SRCPIN_N_REASONS)
		return;
	known = remedy_find(last->comm, last->reason);
	*ret = (struct report_refusal){
		.when = wall_clock(last->when),
		.process = last->comm,
		.pid = last->pid,
		.host_pid = !pids_are_ours(),
		.hook = hook[last->hook],
		.port = last->port,
		.reason = last->reason,
		.program = known ? known->program : NULL,
		.remedy = remedy_of(l, h, known),
	};
	address_print(last->dest, ret->dest);
}

static void add_version(struct report_service *s, const char *version)
{
	size_t i = 0;

	while (i < s->n_versions && strcmp(s->version[i], version) != 0)
		i++;
	if (i < s->n_versions || !*version)
		return;
	s->version[s->n_versions++] = version;
	s->other_version |= strcmp(version, SRCPIN_VERSION) != 0;
}

static void describe(const struct loaded *l, const struct health *h, struct report_service *ret)
{
	*ret = (struct report_service){ .loaded = l, .health = h };
	ret->cgroup = text_clean_copy(l->cgroup);
	ret->name = cgroup_name(ret->cgroup);
	ret->config = text_clean_copy(l->config);
	ret->problem = xcalloc(h->n_problems, sizeof(*ret->problem));
	for (size_t i = 0; i < h->n_problems; i++)
		ret->problem[i] = text_clean_copy(h->problem[i]);
	report_sum_up(&l->counters.enforced, &ret->enforced);
	report_sum_up(&l->counters.observed, &ret->observed);
	for (enum srcpin_verdict v = SRCPIN_PIN; v != SRCPIN_PASS; v++)
		ret->observed_calls += ret->observed.verdict[v];
	describe_last(l, h, &ret->last);
	for (int i = 0; i < N_HOOKS; i++)
		add_version(ret, l->hook[i].version);
}

void report_make(const struct loaded_list *l, const struct health *health, struct report *ret)
{
	*ret = (struct report){ .service = xcalloc(l->n, sizeof(*ret->service)), .n = l->n };
	for (size_t i = 0; i < l->n; i++)
		describe(&l->item[i], &health[i], &ret->service[i]);
}

void report_free(struct report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct report_service *s = &r->service[i];

		for (size_t k = 0; k < s->health->n_problems; k++)
			free(s->problem[k]);
		free(s->problem);
		free(s->cgroup);
		free(s->last.remedy);
		free(s->config);
	}
	free(r->service);
	*r = (struct report){ 0 };
}
