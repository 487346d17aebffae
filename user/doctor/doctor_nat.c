// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Do rules of this host take the source from what was pinned to it? */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/ip.h"
#include "base/memory.h"
#include "doctor/doctor.h"
#include "host/nat.h"

enum { MAX_SAID = 64, MAX_ELSEWHERE = 4 };

struct exam {
	struct doctor *d;
	const struct policy *p;
	const uint8_t *source;
	const struct nat_seen *seen;
	struct nat_rules rules;
	struct nat_rule said[MAX_SAID]; /* each rule is told of once, for the first way that it is found on */
	size_t n_said;
	unsigned int elsewhere; /* rules that were found on other ways than the policy's */
};

/* What was found on a way */
struct found {
	enum nat_answer answer;
	enum nat_kind kind;
	struct nat_rule rule;
	const char *where; /* " to 192.0.2.0/24", " by eth1"; "": to the internet */
	bool elsewhere;    /* the policy does not send it this way, as far as is known */
};

/* What comes of a packet that was rewritten? */
static const char *rewritten(const struct policy *p, enum nat_kind kind)
{
	if (kind == NAT_EGRESS)
		return "the guard comes before it: what is rewritten leaves from another address, and counts as pinned";
	if (p->guard)
		return "the guard drops what is rewritten, and a connect ends in a timeout";
	return "it leaves from another address, though it counts as pinned, since guard = off: no counter tells";
}

enum { PRIORITY_OF_CONNTRACK = -200 }; /* NF_IP_PRI_CONNTRACK, of a header that does not go with netinet/in.h */

/*
 * A SNAT to the source itself in an earlier chain of a table of its own: no
 * NAT after it changes the packet, and no tool that owns or flushes its own
 * tables undoes it. The kernel has no chain of NAT before conntrack. A chain
 * keeps its priority, so each priority has a chain of its own.
 */
static char *remedy(const struct exam *e, const struct found *found)
{
	const char *source = e->d->source, *family = address_is_ipv4(e->source) ? "ip" : "ip6";
	int priority = (int)found->rule.priority - 1;
	bool is_private = e->p->guard && doctor_is_private(e->source);

	if (found->kind != NAT_TRANSLATION || priority <= PRIORITY_OF_CONNTRACK)
		return xasprintf("have that rule leave %s alone", source);
	return xasprintf("%snft 'table %s srcpin { chain %c%d { type nat hook postrouting priority %d; "
			 "%s saddr %s snat to %s; }; }', where the rules are made at boot",
			 is_private ? "guard = off in srcpin.conf, if that NAT is to make it public; or else: " : "",
			 family, priority < 0 ? 'm' : 'p', abs(priority), priority, family, source, source);
}

static void advise(const struct exam *e, const struct found *found)
{
	const char *why = rewritten(e->p, found->kind);
	_cleanup_free_ char *text = remedy(e, found);
	_cleanup_free_ char *if_so = xasprintf("if it does, %s", why);

	doctor_advise(e->d, found->answer == NAT_PERHAPS ? if_so : why, "%s", text);
}

static bool was_said(struct exam *e, const struct nat_rule *r)
{
	for (size_t i = 0; i < e->n_said; i++)
		if (e->said[i].handle == r->handle && !strcmp(e->said[i].table, r->table) &&
		    !strcmp(e->said[i].family, r->family))
			return true;
	if (e->n_said == MAX_SAID)
		return true;
	e->said[e->n_said++] = *r;
	return false;
}

static void say(struct exam *e, const struct found *found)
{
	const struct nat_rule *r = &found->rule;
	const char *what = found->kind == NAT_TRANSLATION ? "NAT of this host" : "a rule that is no NAT";
	const char *may = found->answer == NAT_PERHAPS ? "may rewrite" : "rewrites";
	_cleanup_free_ char *rule = NULL;

	if (!found->answer || was_said(e, r))
		return;
	e->elsewhere += found->elsewhere;
	if (e->elsewhere > MAX_ELSEWHERE)
		return;
	if (r->handle)
		rule = xasprintf("rule %d of table %s %s", (int)r->handle, r->family, r->table);
	else
		rule = xasprintf("table %s %s has more rules than were followed", r->family, r->table);
	if (found->kind == NAT_TRANSLATION && !e->p->guard && doctor_is_private(e->source)) {
		doctor_note(e->d, CHECK_NAT, "NAT of this host %s the private source, and guard = off lets it%s: %s",
			    may, found->where, rule);
		return;
	}
	if (found->answer == NAT_PERHAPS || found->elsewhere)
		doctor_note(e->d, CHECK_NAT, "%s %s what leaves from the source%s: %s", what, may, found->where, rule);
	else
		doctor_finding(e->d, CHECK_NAT, "%s %s what leaves from the source%s: %s", what, may, found->where,
			       rule);
	advise(e, found);
}

/* A way that the policy sends the source: by each kind of rules */
static void examine_way(struct exam *e, const struct nat_seen_way *seen)
{
	static const enum nat_kind kinds[] = { NAT_TRANSLATION, NAT_STATELESS, NAT_EGRESS };
	const struct nat_way way = { e->source, seen->dest, seen->device, seen->is_kernels_own };
	char to[sizeof(" to ") + PREFIX_STRLEN] = "", prefix[PREFIX_STRLEN];

	if (seen->to.prefixlen && !(prefix_is_ipv4(&seen->to) && seen->to.prefixlen == MAPPED_BITS))
		snprintf(to, sizeof(to), " to %s", prefix_print(&seen->to, prefix));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct found found = { .kind = kinds[i], .where = to };

		found.answer = nat_of(&e->rules, &way, kinds[i], &found.rule);
		say(e, &found);
	}
}

static void examine_elsewhere(struct exam *e, const uint8_t dest[16], const char *device, const char *where)
{
	const struct nat_way way = { e->source, dest, device, false };
	struct found found = { .kind = NAT_TRANSLATION, .where = where, .elsewhere = true };

	found.answer = nat_of(&e->rules, &way, NAT_TRANSLATION, &found.rule);
	say(e, &found);
}

static bool pins(const struct exam *e, const uint8_t dest[16])
{
	const struct srcpin_rule *rule = policy_match(e->p, dest);

	return address_is_ipv4(dest) == address_is_ipv4(e->source) && rule && rule->verdict == SRCPIN_PIN &&
	       !(rule->flags & SRCPIN_RULE_OWN) && !memcmp(rule->source, e->source, 16);
}

/* By a device of this host that the rules name */
static void examine_device(struct exam *e, const char *pattern)
{
	char where[sizeof(" by ") + IFNAMSIZ];

	for (size_t i = 0; i < e->seen->n_devices; i++) {
		const char *device = e->seen->device[i];

		if (!nat_name_matches(pattern, device) || !strcmp(device, e->seen->way[0].device))
			continue;
		snprintf(where, sizeof(where), " by %s", device);
		examine_elsewhere(e, e->seen->way[0].dest, device, where);
	}
}

/* To a destination that the rules name, by any device: a route may lead there any time */
static void examine_dest(struct exam *e, const struct prefix *p)
{
	char where[sizeof(" to ") + PREFIX_STRLEN], prefix[PREFIX_STRLEN];

	if (!pins(e, p->addr))
		return;
	snprintf(where, sizeof(where), " to %s", prefix_print(p, prefix));
	examine_elsewhere(e, p->addr, e->seen->way[0].device, where);
	for (size_t i = 0; i < e->seen->n_devices; i++)
		examine_elsewhere(e, p->addr, e->seen->device[i], where);
}

/* Each way may have rules name more. */
static void examine_named(struct exam *e)
{
	size_t device = 0, dest = 0;

	while (device < e->rules.n_device || dest < e->rules.n_dest) {
		while (device < e->rules.n_device)
			examine_device(e, e->rules.device[device++]);
		while (dest < e->rules.n_dest)
			examine_dest(e, &e->rules.dest[dest++]);
	}
}

void doctor_examine_nat(struct doctor *d, const struct policy *p, const uint8_t source[16], const struct nat_seen *seen)
{
	json_t *listing = seen->listing ? json_loads(seen->listing, JSON_REJECT_DUPLICATES, NULL) : NULL;
	struct exam e = { .d = d, .p = p, .source = source, .seen = seen, .rules.listing = listing };

	if (seen->listing && !listing)
		doctor_unknown(d, CHECK_NAT, "what nft -j lists is no JSON");
	if (!listing)
		return;
	for (size_t i = 0; i < seen->n_ways; i++)
		examine_way(&e, &seen->way[i]);
	examine_named(&e);
	if (e.elsewhere > MAX_ELSEWHERE)
		doctor_note(d, CHECK_NAT, "more rules of NAT like these: %u", e.elsewhere - MAX_ELSEWHERE);
	if (!e.n_said && e.rules.name_more)
		doctor_unknown(d, CHECK_NAT,
			       "rules of NAT name more than %d destinations or devices; what leaves to those looked at "
			       "is not rewritten",
			       NAT_MAX_NAMED);
	else if (!e.n_said)
		doctor_ok(d, CHECK_NAT, "no rule of NAT on this host rewrites what leaves from the source");
	json_decref(listing);
}
