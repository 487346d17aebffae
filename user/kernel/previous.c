// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>
#include <time.h>

#include "kernel/previous.h"
#include "kernel/rules.h"
#include "policy/sources.h"

static void remember(struct srcpin_service *s, const struct srcpin_source *source, uint64_t until)
{
	size_t n = 0;

	while (n < SRCPIN_N_PREVIOUS && s->previous[n].until) {
		if (!memcmp(&s->previous[n].source, source, sizeof(*source)))
			return;
		n++;
	}
	if (n == SRCPIN_N_PREVIOUS)
		return;
	s->previous[n].source = *source;
	s->previous[n].until = until;
}

/* Remembers the sources of WAS. STILL: only those that NOW has, too; else only those that it has not. */
static void remember_policy(struct srcpin_service *s, const struct policy *was, const struct policy *now, bool still,
			    uint64_t until)
{
	for (size_t i = 0; i < was->n_entries; i++) {
		const struct srcpin_list l = policy_sources(was, &was->entry[i].rule);

		for (__u32 k = 0; k < l.n; k++) {
			const struct srcpin_rule *rule = policy_match(now, l.source[k].addr);
			bool has = rule && (rule->flags & SRCPIN_RULE_OWN);

			if (has == still)
				remember(s, &l.source[k], until);
		}
	}
}

int previous_remember(const struct objects *o, const struct srcpin_service *old, struct srcpin_service *new,
		      const struct policy *policy, struct failure *f)
{
	const uint64_t second = 1000000000;
	struct policy was = { 0 };
	struct timespec t;
	uint64_t now;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (uint64_t)t.tv_sec * second + (uint64_t)t.tv_nsec;
	if (!(old->flags & SRCPIN_SERVICE_OBSERVE))
		err = rules_read(o, old, &was, f);
	remember_policy(new, &was, policy, false, now + SRCPIN_PREVIOUS_SECONDS * second);
	for (size_t i = 0; i < SRCPIN_N_PREVIOUS; i++)
		if (old->previous[i].until > now)
			remember(new, &old->previous[i].source, old->previous[i].until);
	/* last, as there may be no room: of these, only packets to some destinations count as from elsewhere */
	remember_policy(new, &was, policy, true, now + SRCPIN_PREVIOUS_SECONDS * second);
	policy_free(&was);
	return err;
}
