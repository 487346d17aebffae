// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"
#include "policy/source.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

const struct prefix policy_ipv6, policy_ipv4 = { 96, { [10] = 0xff, 0xff } };

const struct policy_entry *policy_find(const struct policy *p, const __u8 addr[16])
{
	const struct policy_entry *best = NULL;

	for (size_t i = 0; i < p->n_entries; i++) {
		const struct policy_entry *e = &p->entry[i];

		if (prefix_covers(&e->prefix, addr) && (!best || e->prefix.prefixlen > best->prefix.prefixlen))
			best = e;
	}
	return best;
}

const struct srcpin_rule *policy_match(const struct policy *p, const __u8 addr[16])
{
	const struct policy_entry *e = policy_find(p, addr);

	return e ? &e->rule : NULL;
}

static int by_prefix(const void *left, const void *right)
{
	const struct policy_entry *a = left, *b = right;
	int order = memcmp(a->prefix.addr, b->prefix.addr, sizeof(a->prefix.addr));

	if (order)
		return order;
	return (a->prefix.prefixlen > b->prefix.prefixlen) - (a->prefix.prefixlen < b->prefix.prefixlen);
}

void policy_sort(struct policy *p)
{
	if (p->n_entries)
		qsort(p->entry, p->n_entries, sizeof(*p->entry), by_prefix);
}

struct srcpin_list policy_sources(const struct policy *p, const struct srcpin_rule *rule)
{
	struct prefix address = { .prefixlen = 128 };
	struct srcpin_list alone = { .spread = SRCPIN_SPREAD_FIRST };

	if (rule->list && rule->list <= p->n_lists)
		return p->list[rule->list - 1];
	alone.n = rule->verdict == SRCPIN_PIN;
	memcpy(address.addr, rule->source, sizeof(address.addr));
	alone.source[0] = source_from(&address);
	return alone;
}

/* The numbers of the lists do not count, nor whose turn it is. */
static bool same_sources(const struct policy *a, const struct srcpin_rule *x, const struct policy *b,
			 const struct srcpin_rule *y)
{
	struct srcpin_list left = policy_sources(a, x), right = policy_sources(b, y);

	left.turn = right.turn = left.sends = right.sends = 0;
	return !memcmp(&left, &right, sizeof(left));
}

bool policy_equal(const struct policy *a, const struct policy *b)
{
	if (a->n_entries != b->n_entries || a->guard != b->guard || a->observe != b->observe)
		return false;
	for (size_t i = 0; i < a->n_entries; i++) {
		struct policy_entry x = a->entry[i];

		x.rule.line = b->entry[i].rule.line;
		if (!same_sources(a, &x.rule, b, &b->entry[i].rule))
			return false;
		x.rule.list = b->entry[i].rule.list;
		if (memcmp(&x, &b->entry[i], sizeof(x)) != 0)
			return false;
	}
	return true;
}

static const struct srcpin_rule *family_rule(const struct policy *p, const struct prefix *family)
{
	for (size_t i = 0; i < p->n_entries; i++)
		if (!memcmp(&p->entry[i].prefix, family, sizeof(*family)))
			return &p->entry[i].rule;
	return NULL;
}

const struct srcpin_rule *policy_source(const struct policy *p, const struct prefix *family)
{
	const struct srcpin_rule *rule = family_rule(p, family);

	return rule && rule->verdict == SRCPIN_PIN ? rule : NULL;
}

bool policy_is_family(const struct prefix *p)
{
	return !memcmp(p, &policy_ipv6, sizeof(*p)) || !memcmp(p, &policy_ipv4, sizeof(*p));
}

const struct srcpin_rule *policy_leaves(const struct policy *p, const struct prefix *family)
{
	const struct srcpin_rule *rule = family_rule(p, family);

	return rule && rule->verdict == SRCPIN_EXEMPT ? rule : NULL;
}

bool policy_touches_ipv4(const struct policy *p)
{
	for (size_t i = 0; i < p->n_entries; i++)
		if (prefix_is_ipv4(&p->entry[i].prefix) && p->entry[i].rule.verdict != SRCPIN_EXEMPT)
			return true;
	return false;
}

void policy_free(struct policy *p)
{
	free(p->entry);
	free(p->list);
	*p = (struct policy){ 0 };
}
