// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "host/cgroup.h"
#include "host/pids.h"
#include "report/report.h"

#define SECOND INT64_C(1000000000)

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

static const char *const verdict_name[REPORT_N_VERDICTS] = { "pinned", "exempt", "denied", "passed", "dropped" };

const char *report_state_name(enum health_state state)
{
	static const char *const name[] = { "in-force", "degraded", "stale", "idle" };

	return name[state];
}

const char *report_reason(enum srcpin_reason reason)
{
	return reason_name[reason];
}

const char *report_verdict(enum report_verdict verdict)
{
	return verdict_name[verdict];
}

enum report_verdict report_verdict_of(enum srcpin_reason reason)
{
	enum report_verdict v = 0;

	while (strncmp(reason_name[reason], verdict_name[v], strlen(verdict_name[v])) != 0)
		v++;
	return v;
}

void report_sum_up(const struct srcpin_reasons *reasons, struct report_counts *ret)
{
	*ret = (struct report_counts){ 0 };
	for (enum srcpin_reason i = 0; i < SRCPIN_N_REASONS; i++) {
		ret->reason[i] = ((const __u64 *)reasons)[i];
		ret->verdict[report_verdict_of(i)] += ret->reason[i];
	}
}

static void *some(size_t n, size_t size)
{
	void *p = calloc(n + 1, size);

	if (!p)
		abort();
	return p;
}

/* The kernel counts from the boot, people by the clock on the wall. */
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

static void describe_last(const struct srcpin_refusal *last, struct report_refusal *ret)
{
	static const char *const hook[] = {
		[SRCPIN_CONNECT] = "connect",
		[SRCPIN_BIND] = "bind",
		[SRCPIN_SENDMSG] = "sendmsg",
		[SRCPIN_PACKET] = "packet",
	};

	if (!last->when || last->hook > SRCPIN_PACKET || last->reason >= SRCPIN_N_REASONS)
		return;
	*ret = (struct report_refusal){
		.when = wall_clock(last->when),
		.process = last->comm,
		.pid = last->pid,
		.host_pid = !pids_are_ours(),
		.hook = hook[last->hook],
		.port = last->port,
		.reason = last->reason,
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
	ret->problem = some(h->n_problems, sizeof(*ret->problem));
	for (size_t i = 0; i < h->n_problems; i++)
		ret->problem[i] = text_clean_copy(h->problem[i]);
	report_sum_up(&l->counters.enforced, &ret->enforced);
	report_sum_up(&l->counters.observed, &ret->observed);
	for (enum report_verdict v = 0; v < REPORT_PASSED; v++)
		ret->observed_calls += ret->observed.verdict[v];
	describe_last(&l->counters.last, &ret->last);
	for (int i = 0; i < N_HOOKS; i++)
		add_version(ret, l->hook[i].version);
}

void report_make(const struct loaded_list *l, const struct health *health, struct report *ret)
{
	*ret = (struct report){ .service = some(l->n, sizeof(*ret->service)), .n = l->n };
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
		free(s->config);
	}
	free(r->service);
	*r = (struct report){ 0 };
}
