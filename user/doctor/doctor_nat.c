// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Do rules of this host take the source from what was pinned to it? */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "doctor/doctor_nat.h"
#include "policy/sources.h"

/* One of the ways, but for what is known better */
static struct nat_way way_of(const struct nat_exam *e, const struct nat_seen_way *seen)
{
	return (struct nat_way){ .source = e->source,
				 .to = &seen->to,
				 .ports = seen->ports,
				 .n_ports = seen->n_ports,
				 .device = seen->device,
				 .below = seen->below.device,
				 .n_below = seen->below.n,
				 .has_bridge = seen->below.has_bridge,
				 .in = e->seen->in,
				 .is_kernels_own = seen->is_kernels_own };
}

/* A way that the policy sends the source: by each kind of rules */
static void examine_way(struct nat_exam *e, const struct nat_seen_way *seen)
{
	static const enum nat_kind kinds[] = { NAT_TRANSLATION, NAT_STATELESS, NAT_EGRESS };
	const struct nat_way way = way_of(e, seen);
	char to[sizeof(" to  by ") + PREFIX_STRLEN + IFNAMSIZ] = "", prefix[PREFIX_STRLEN];
	struct nat_found found = { .where = to };

	if (!policy_is_family(&seen->to))
		snprintf(to, sizeof(to), " to %s", prefix_print(&seen->to, prefix));
	else if (strcmp(seen->device, e->seen->way[0].device) != 0)
		snprintf(to, sizeof(to), " by %s", seen->device);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		found.kind = kinds[i];
		found.answer = nat_of(&e->rules, &way, kinds[i], &found.rule);
		doctor_say_nat(e, &found);
	}
	if (e->outside)
		return;
	found.kind = NAT_DESTINATION;
	found.answer = nat_of(&e->rules, &way, NAT_DESTINATION, &found.rule);
	doctor_say_destination(e, &found, false);
}

/* DEVICE is not the one that is known to lead there. */
static void examine_elsewhere(struct nat_exam *e, const struct nat_seen_way *seen, const struct prefix *to,
			      const char *device, const char *where)
{
	struct nat_found found = { .kind = NAT_TRANSLATION, .where = where, .elsewhere = true };
	struct nat_way way = way_of(e, seen);

	way.to = to;
	way.device = device;
	way.is_kernels_own = false;
	found.answer = nat_of(&e->rules, &way, NAT_TRANSLATION, &found.rule);
	doctor_say_nat(e, &found);
}

static bool pins(const struct nat_exam *e, const uint8_t dest[16])
{
	const struct srcpin_rule *rule = policy_match(e->p, dest);

	return address_is_ipv4(dest) == address_is_ipv4(e->source) && rule && !(rule->flags & SRCPIN_RULE_OWN) &&
	       policy_rule_has(e->p, rule, e->source);
}

/* By a device of this host that the rules name */
static void examine_device(struct nat_exam *e, const char *pattern)
{
	const struct nat_seen_way *first = &e->seen->way[0];
	char where[sizeof(" by ") + IFNAMSIZ];

	for (size_t i = 0; i < e->seen->n_devices; i++) {
		const char *device = e->seen->device[i];

		if (!nat_name_matches(pattern, device) || !strcmp(device, first->device))
			continue;
		snprintf(where, sizeof(where), " by %s", device);
		examine_elsewhere(e, first, &first->to, device, where);
	}
}

/* What is exempt at the call, and pinned after NAT has given it another destination */
static void examine_exempt(struct nat_exam *e, const struct prefix *p, const char *where)
{
	struct nat_found found = { .kind = NAT_DESTINATION, .where = where };
	struct nat_way way = way_of(e, &e->seen->way[0]);

	way.to = p;
	found.answer = nat_of(&e->rules, &way, NAT_DESTINATION, &found.rule);
	doctor_say_destination(e, &found, true);
}

static bool is_exempt(const struct nat_exam *e, const uint8_t dest[16])
{
	const struct srcpin_rule *rule = policy_match(e->p, dest);

	return address_is_ipv4(dest) == address_is_ipv4(e->source) && rule && rule->verdict == SRCPIN_EXEMPT;
}

/* To a destination that the rules name, by any device: a route may lead there any time */
static void examine_dest(struct nat_exam *e, const struct prefix *p)
{
	char where[sizeof(" to ") + PREFIX_STRLEN], prefix[PREFIX_STRLEN];
	const struct nat_seen_way *first = &e->seen->way[0];

	snprintf(where, sizeof(where), " to %s", prefix_print(p, prefix));
	if (!e->outside && is_exempt(e, p->addr))
		examine_exempt(e, p, where + strlen(" to"));
	if (!pins(e, p->addr))
		return;
	examine_elsewhere(e, first, p, first->device, where);
	for (size_t i = 0; i < e->seen->n_devices; i++)
		examine_elsewhere(e, first, p, e->seen->device[i], where);
}

/* Each way may have rules name more. */
static void examine_named(struct nat_exam *e)
{
	size_t device = 0, dest = 0;

	while (device < e->rules.n_device || dest < e->rules.n_dest) {
		while (device < e->rules.n_device)
			examine_device(e, e->rules.device[device++]);
		while (dest < e->rules.n_dest)
			examine_dest(e, &e->rules.dest[dest++]);
	}
}

/* False: it is not known, or something was said. */
static bool examine(struct nat_exam *e)
{
	json_t *listing = e->seen->listing ? json_loads(e->seen->listing, JSON_REJECT_DUPLICATES, NULL) : NULL;

	if (e->seen->listing && !listing)
		doctor_unknown(e->d, CHECK_NAT, "what nft -j lists is no JSON");
	if (!listing)
		return false;
	e->rules.listing = listing;
	for (size_t i = 0; i < e->seen->n_ways; i++)
		examine_way(e, &e->seen->way[i]);
	examine_named(e);
	if (e->elsewhere > NAT_MAX_ELSEWHERE)
		doctor_note(e->d, CHECK_NAT, "more rules of NAT like these: %u", e->elsewhere - NAT_MAX_ELSEWHERE);
	if (!e->n_said && e->rules.name_more)
		doctor_unknown(e->d, CHECK_NAT,
			       "rules of NAT name more than %d destinations or devices; what leaves to those looked at "
			       "is not rewritten",
			       NAT_MAX_NAMED);
	json_decref(listing);
	return !e->n_said && !e->rules.name_more;
}

void doctor_examine_nat(struct doctor *d, const struct policy *p, const uint8_t source[16], const struct nat_seen *seen,
			const struct nat_seen *outside)
{
	struct nat_exam inner = { .d = d, .p = p, .source = source, .seen = seen };
	struct nat_exam outer = { .d = d, .p = p, .source = source, .seen = outside, .outside = true };
	bool is_clean = examine(&inner), is_clean_outside = outside && outside->n_ways && examine(&outer);

	if (is_clean && !outside)
		doctor_ok(d, CHECK_NAT, "no rule of NAT on this host rewrites what leaves from the source");
	else if (is_clean && is_clean_outside)
		doctor_ok(d, CHECK_NAT,
			  "no rule of NAT in its network namespace, or of this host, which forwards it, rewrites what "
			  "leaves from the source");
	else if (is_clean && !outside->n_ways)
		doctor_ok(
			d, CHECK_NAT,
			"no rule of NAT in its network namespace rewrites what leaves from the source; this host does "
			"not forward it");
}
