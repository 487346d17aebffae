// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Programs that do not get what they ask for: what was refused, and the
 * setting of the program that helps. Some fail without a word, and are found
 * by their processes before anything was refused. What a process calls itself
 * is only compared with the names that we know.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/quote.h"
#include "doctor/doctor.h"
#include "host/cgroup_ids.h"
#include "host/cgroup_procs.h"
#include "host/route.h"
#include "policy/reason.h"
#include "policy/sources.h"
#include "report/remedy.h"
#include "report/report.h"

#define MAX_KNOWN 8

/* The programs that may be meant, each once. */
struct known {
	const struct remedy *item[MAX_KNOWN];
	size_t n;
};

struct case_history {
	const struct loaded *loaded;
	struct report_counts counts;
	struct process_names run;
};

static void add(struct known *all, const struct remedy *r)
{
	for (size_t i = 0; i < all->n; i++)
		if (!strcmp(all->item[i]->program, r->program))
			return;
	if (all->n < MAX_KNOWN)
		all->item[all->n++] = r;
}

/* The process that was last refused for REASON; NULL: the last refusal had another reason, or nobody knows. */
static const char *last_of(const struct loaded *l, enum srcpin_reason reason)
{
	const struct srcpin_refusal *last = &l->counters.last;

	return last->when && last->reason == reason && *last->comm ? last->comm : NULL;
}

/* Only the last refusal is noted. So if there were more, what runs in the service may have been refused before. */
static void find_known(const struct case_history *h, enum srcpin_reason reason, struct known *ret)
{
	const char *last = last_of(h->loaded, reason);
	const struct remedy *r;

	ret->n = 0;
	for (size_t i = 0; i < h->run.n && (!last || h->counts.reason[reason] > 1); i++)
		if ((r = remedy_find(h->run.item[i].comm, reason)))
			add(ret, r);
	if (last && (r = remedy_find(last, reason)))
		add(ret, r);
}

/* Does each program that may be meant do without? */
static bool is_harmless(const struct case_history *h, enum srcpin_reason reason, const struct known *known)
{
	const char *last = last_of(h->loaded, reason);

	for (size_t i = 0; i < known->n; i++)
		if (known->item[i]->role != ROLE_DOES_WITHOUT)
			return false;
	return known->n && (!last || remedy_find(last, reason));
}

static char *settings(const struct known *known, enum srcpin_reason reason)
{
	char *text = known->n ? NULL : xstrdup(reason_remedy(reason));

	for (size_t i = 0; i < known->n; i++) {
		_cleanup_free_ char *before = text;

		text = xasprintf("%s%s%s: %s", before ? before : "", before ? "; " : "", known->item[i]->program,
				 known->item[i]->setting);
	}
	return text;
}

/* What comes of it */
static const char *harm(const struct known *known, bool packets)
{
	static const char *const of[] = {
		[ROLE_RESOLVER] = "it resolves no name of the internet",
		[ROLE_FILTER] = "without answers it lets mail pass unchecked, and hardly says so",
	};

	if (known->n == 1 && known->item[0]->role && known->item[0]->role != ROLE_DOES_WITHOUT)
		return of[known->item[0]->role];
	return packets ? "such a packet is dropped each time" : "such a call fails each time";
}

static void examine_reason(struct doctor *d, const struct case_history *h, enum srcpin_reason reason)
{
	const char *last = last_of(h->loaded, reason), *name = reason_name(reason), *why = reason_why(reason);
	_cleanup_free_ char *text = NULL, *cgroup = quote_word(h->loaded->cgroup);
	bool packets = reason_verdict(reason) == SRCPIN_DROP;
	const char *what = packets ? "packet" : "call";
	uint64_t n = h->counts.reason[reason];
	const char *s = n == 1 ? "" : "s";
	struct known known;

	if (!n)
		return;
	find_known(h, reason, &known);
	text = settings(&known, reason);
	/* raw sockets of nobody that we know, or packets of older connections: each may have been the only one */
	if (is_harmless(h, reason, &known) || (reason == SRCPIN_DROPPED_SOURCE && !known.n)) {
		doctor_note(d, CHECK_REFUSED, "%" PRIu64 " %s%s refused: %s (%s); %s", n, what, s, name, why, text);
		return;
	}
	doctor_finding(d, CHECK_REFUSED, "%" PRIu64 " %s%s refused: %s (%s)%s%s", n, what, s, name, why,
		       last ? ", last of " : "", last ? last : "");
	doctor_advise(d, harm(&known, packets), "%s (srcpin status --cgroup %s --reset forgets those that were)", text,
		      cgroup);
}

/*
 * Does the kernel itself choose the source for what this user's programs ask
 * the internet? Then the guard lets it pass: there is no other address, or a
 * rule of routing for the user.
 */
static bool kernel_chooses_source(const struct policy *p, uint32_t uid)
{
	const struct prefix *const families[] = { &policy_ipv6, &policy_ipv4 };
	const struct route_sender as = { .uid = uid };
	bool chooses = p->guard;

	for (size_t i = 0; i < 2; i++) {
		const struct srcpin_rule *rule = policy_source(p, families[i]);
		struct failure ignored = { "" };
		struct route r;

		if (!rule)
			continue;
		chooses = chooses && policy_match(p, rule->source)->bound != SRCPIN_BOUND_LEAVE &&
			  !route_for(doctor_far_from(rule->source), NULL, &as, &r, &ignored) && !r.error &&
			  r.has_source && policy_rule_has(p, rule, r.source);
	}
	return chooses;
}

/* Was anything asked for as such a program asks, and was not refused? By it or by others: nobody counts that. */
static bool was_asked(const struct case_history *h, enum remedy_role role)
{
	const uint64_t *n = h->counts.reason;

	return n[SRCPIN_PINNED_DATAGRAM] || n[SRCPIN_PINNED_ALREADY] || n[SRCPIN_EXEMPT_WILDCARD] ||
	       (role == ROLE_FILTER && n[SRCPIN_EXEMPT_RULE]);
}

static bool is_alone(const struct case_history *h, const struct remedy *r)
{
	for (size_t i = 0; i < h->run.n; i++) {
		const struct remedy *other = remedy_find(h->run.item[i].comm, SRCPIN_DENIED_WILDCARD);

		if (!other || strcmp(other->program, r->program) != 0)
			return false;
	}
	return true;
}

static bool was_refused(const struct case_history *h, const char *comm)
{
	static const enum srcpin_reason reasons[] = { SRCPIN_DENIED_WILDCARD, SRCPIN_DROPPED_CONNECTED,
						      SRCPIN_DENIED_BOUND };

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (h->counts.reason[reasons[i]] && remedy_find(comm, reasons[i]))
			return true;
	return false;
}

static void examine_program(struct doctor *d, const struct case_history *h, const struct remedy *r)
{
	const char *why = harm(&(struct known){ { r }, 1 }, false);

	if (!was_asked(h, r->role)) {
		doctor_finding(d, CHECK_PROGRAM, "%s runs in it, and as it comes its questions to the DNS are refused",
			       r->program);
		doctor_advise(d, why, "%s: %s", r->program, r->setting);
	} else if (is_alone(h, r)) {
		doctor_note(d, CHECK_PROGRAM, "%s runs in it alone, and nothing was refused so far", r->program);
	} else {
		_cleanup_free_ char *unless = xasprintf("unless it is set up, %s", why);

		doctor_note(d, CHECK_PROGRAM,
			    "%s runs in it, and as it comes its questions to the DNS are refused; none was so far, but "
			    "others in it may have asked",
			    r->program);
		doctor_advise(d, unless, "%s: %s; not needed if it asks only exempt servers", r->program, r->setting);
	}
}

static void examine_programs(struct doctor *d, const struct case_history *h)
{
	struct known all = { .n = 0 };

	for (size_t i = 0; i < h->run.n; i++) {
		const struct remedy *r = remedy_find(h->run.item[i].comm, SRCPIN_DENIED_WILDCARD);

		if (r && (r->role == ROLE_RESOLVER || r->role == ROLE_FILTER) && !was_refused(h, h->run.item[i].comm) &&
		    !kernel_chooses_source(&h->loaded->policy, h->run.item[i].uid))
			add(&all, r);
	}
	for (size_t i = 0; i < all.n; i++)
		examine_program(d, h, all.item[i]);
}

void doctor_examine_refused(struct doctor *d, const struct loaded *l, const struct cgroup_ids *pinned)
{
	static const enum srcpin_reason reasons[] = { SRCPIN_DENIED_WILDCARD,     SRCPIN_DENIED_BOUND,
						      SRCPIN_DENIED_OTHER_SOURCE, SRCPIN_DENIED_CONNECTED,
						      SRCPIN_DENIED_FAMILY,       SRCPIN_DROPPED_CONNECTED,
						      SRCPIN_DROPPED_SOURCE,      SRCPIN_DROPPED_TRANSLATED };
	_cleanup_(cgroup_ids_free) struct cgroup_ids of = { 0 };
	struct case_history h = { .loaded = l };
	struct failure ignored = { "" };

	if (!l->has_policy || l->policy.observe)
		return;
	report_sum_up(&l->counters.enforced, &h.counts);
	if (!cgroup_ids_below(l->cgroup_id, pinned, &of, &ignored))
		cgroup_process_names(&of, &h.run);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		examine_reason(d, &h, reasons[i]);
	examine_programs(d, &h);
	process_names_free(&h.run);
}
