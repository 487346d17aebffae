// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A source that is in one network namespace of the service's processes, and missing where the mail is sent. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "policy/sources.h"
#include "report/health.h"

#define HUNDREDTH 10000000U /* nanoseconds */

/* The kernel's two clocks, of addresses and of refusals, begin at different moments of the boot. */
#define CLOCKS 100 /* hundredths of a second */

static bool is_of_missing(enum srcpin_reason reason)
{
	return reason == SRCPIN_DENIED_MISSING || reason == SRCPIN_DROPPED_MISSING;
}

const struct srcpin_rule *health_wanted_rule(const struct policy *p, const struct srcpin_refusal *last)
{
	const struct srcpin_rule *rule;

	if (last->hook == SRCPIN_BIND)
		return policy_source(p, address_is_ipv4(last->dest) ? &policy_ipv4 : &policy_ipv6);
	rule = policy_match(p, last->dest);
	return rule && rule->verdict == SRCPIN_PIN ? rule : NULL;
}

/* Only the last refusal has its time. If it had another reason, one for a missing source may have been long before. */
bool health_refused_elsewhere(const struct loaded *l, const struct health_source *s)
{
	const struct srcpin_refusal *last = &l->counters.last;
	const struct srcpin_rule *wanted = health_wanted_rule(&l->policy, last);
	uint32_t when = (uint32_t)(last->when / HUNDREDTH);

	return last->when && is_of_missing(last->reason) && !l->policy.observe && wanted &&
	       policy_rule_has(&l->policy, wanted, s->address) && (int32_t)(when - s->since) > CLOCKS;
}

static FILE *open_comm(long pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	return fopen(path, "re");
}

/* Of a process: " (conmon)", or "" */
static void print_comm(long pid, char ret[24])
{
	_cleanup_fclose_ FILE *in = open_comm(pid);
	char comm[16] = "";

	*ret = '\0';
	if (in && fgets(comm, sizeof(comm), in)) {
		comm[strcspn(comm, "\n")] = '\0';
		snprintf(ret, 24, " (%s)", text_clean(comm));
	}
}

char *health_mixed(const struct loaded *l, const struct health *h, const struct health_source *s)
{
	const char *text = s->text;
	char comm[24];

	if (!s->known || !s->usable_in || !health_refused_elsewhere(l, s))
		return NULL;
	print_comm(s->lacking ? s->lacking : h->users_process, comm);
	if (s->lacking)
		return xasprintf("source %s is usable in %zu of %zu network namespaces of its processes, and not in "
				 "that of process %ld%s: what is pinned to it there is refused",
				 text, s->usable_in, h->n_networks, s->lacking, comm);
	if (h->users_process)
		return xasprintf(
			"what is pinned to source %s was refused while it was usable here: process %ld%s is "
			"in a network namespace that a user has made, which may lack it (status --reset forgets it)",
			text, h->users_process, comm);
	return NULL;
}
