// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "policy/compile.h"
#include "policy/policy_keys.h"
#include "policy/sources.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct prefix builtin[] = {
	{ 128, { [15] = 1 } },                                  /* loopback: RFC 4291, 2.5.3 */
	{ 128, { 0 } },                                         /* unspecified, goes to loopback: RFC 4291, 2.5.2 */
	{ 10, { 0xfe, 0x80 } },                                 /* link-local: RFC 4291, 2.5.6 */
	{ 8, { 0xff } },                                        /* multicast: RFC 4291, 2.7 */
	{ 7, { 0xfc } },                                        /* unique-local: RFC 4193 */
	{ 104, { [10] = 0xff, 0xff, 127 } },                    /* loopback: RFC 1122, 3.2.1.3 */
	{ 128, { [10] = 0xff, 0xff, 0, 0, 0, 0 } },             /* unspecified, goes to loopback */
	{ 112, { [10] = 0xff, 0xff, 169, 254 } },               /* link-local: RFC 3927 */
	{ 104, { [10] = 0xff, 0xff, 10 } },                     /* private: RFC 1918 */
	{ 106, { [10] = 0xff, 0xff, 100, 64 } },                /* shared, by overlays and carriers: RFC 6598 */
	{ 108, { [10] = 0xff, 0xff, 172, 16 } },                /* private: RFC 1918 */
	{ 112, { [10] = 0xff, 0xff, 192, 168 } },               /* private: RFC 1918 */
	{ 100, { [10] = 0xff, 0xff, 224 } },                    /* multicast: RFC 5771 */
	{ 128, { [10] = 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } }, /* broadcast: RFC 919 */
};

/* The rule that decides about all of P. */
static const struct srcpin_rule *covering(const struct builder *b, const struct prefix *p)
{
	const struct policy_entry *best = NULL;

	for (size_t i = 0; i < b->n; i++) {
		const struct policy_entry *e = &b->entry[i];

		if (e->prefix.prefixlen <= p->prefixlen && prefix_covers(&e->prefix, p->addr) &&
		    (!best || e->prefix.prefixlen > best->prefix.prefixlen))
			best = e;
	}
	return &best->rule;
}

/* Marks a source, so that the programs know it when a socket is bound to it. Changes no verdict. */
static void mark_own(struct builder *b, const struct srcpin_source *s)
{
	const struct prefix prefix = source_prefix(s);

	if (!builder_find(b, &prefix)) {
		const struct srcpin_rule rule = *covering(b, &prefix);

		builder_append(b, &prefix, &rule);
	}
	for (size_t i = 0; i < b->n; i++) {
		struct policy_entry *e = &b->entry[i];

		if (e->prefix.prefixlen >= prefix.prefixlen && prefix_covers(&prefix, e->prefix.addr))
			e->rule.flags |= SRCPIN_RULE_OWN;
	}
}

static void mark_sources(struct builder *b, const struct srcpin_rule *rule)
{
	const struct policy lists = { .list = b->list, .n_lists = b->n_lists };
	const struct srcpin_list l = policy_sources(&lists, rule);

	for (__u32 i = 0; i < l.n && !b->full; i++)
		mark_own(b, &l.source[i]);
}

static bool holds_source(const struct builder *b, const struct prefix *p, const struct srcpin_rule *family)
{
	const struct policy lists = { .list = b->list, .n_lists = b->n_lists };
	const struct srcpin_list l = policy_sources(&lists, family);

	for (__u32 i = 0; i < l.n; i++)
		if (prefix_covers(p, l.source[i].addr))
			return true;
	return false;
}

/*
 * Is a bind to an address of P left alone? In a built-in exemption, since it
 * is for what the internet does not reach. But where the source of the family
 * is in there too (in most clouds), its neighbours are as good as it is.
 */
static bool is_local(const struct builder *b, const struct prefix *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(builtin); i++)
		if (p->prefixlen >= builtin[i].prefixlen && prefix_covers(&builtin[i], p->addr))
			return !holds_source(b, &builtin[i], &b->source) && !holds_source(b, &builtin[i], &b->source4);
	return false;
}

/* Adds the rule for a whole family: what a key says, or the default if there is no key. */
static void add_family(struct builder *b, const struct prefix *p, const struct srcpin_rule *said,
		       enum srcpin_verdict otherwise)
{
	const struct srcpin_rule rule = { .verdict = otherwise };

	if (!builder_find(b, p))
		builder_append(b, p, said->verdict ? said : &rule);
}

/* Marks a family that is exempt as a whole but has other destinations: a source route may lead to them. */
static void mark_except(struct builder *b, const struct prefix *family)
{
	struct policy_entry *whole = builder_find(b, family); /* none if the section is full */

	if (!whole || whole->rule.verdict != SRCPIN_EXEMPT)
		return;
	for (size_t i = 0; i < b->n; i++)
		if (prefix_is_ipv4(&b->entry[i].prefix) == prefix_is_ipv4(family) &&
		    b->entry[i].rule.verdict != SRCPIN_EXEMPT)
			whole->rule.flags |= SRCPIN_RULE_EXCEPT;
}

static void add_what_is_implied(struct builder *b)
{
	const struct srcpin_rule exempt = { .verdict = SRCPIN_EXEMPT };
	size_t n_before;

	add_family(b, &policy_ipv6, &b->source, SRCPIN_DENY);
	add_family(b, &policy_ipv4, b->source4.verdict ? &b->source4 : &b->ipv4, SRCPIN_EXEMPT);
	for (size_t i = 0; i < b->n; i++) {
		struct srcpin_rule *rule = &b->entry[i].rule;
		struct srcpin_rule whole = b->pin;

		if (rule->verdict == SRCPIN_EXEMPT)
			continue;
		whole.verdict = rule->verdict;
		memcpy(whole.source, rule->source, sizeof(whole.source));
		whole.list = rule->list;
		whole.line = rule->line;
		if (whole.list && b->spread == SRCPIN_SPREAD_ROUND_ROBIN)
			whole.flags |= SRCPIN_RULE_TURNS;
		*rule = whole;
	}
	for (size_t i = 0; i < ARRAY_SIZE(builtin); i++)
		if (!builder_find(b, &builtin[i]))
			builder_append(b, &builtin[i], &exempt);
	for (size_t i = 0; i < b->n; i++) {
		b->entry[i].rule.bound = b->pin.bound;
		if (is_local(b, &b->entry[i].prefix))
			b->entry[i].rule.flags |= SRCPIN_RULE_LOCAL;
	}
	n_before = b->n;
	for (size_t i = 0; i < n_before && !b->full; i++) {
		const struct srcpin_rule rule = b->entry[i].rule;

		mark_sources(b, &rule);
	}
	mark_except(b, &policy_ipv6);
	mark_except(b, &policy_ipv4);
	if (b->full)
		diagnose(b->d, b->section->line, b->section->col,
			 "too many rules in this section; at most %d are possible, built-in ones and sources included",
			 SRCPIN_MAX_RULES);
}

bool policy_compile(const struct config_section *s, struct policy *ret, struct diagnostics *d)
{
	struct builder *b = xcalloc(1, sizeof(*b));
	size_t n_before = d->n;

	*ret = (struct policy){ 0 };
	b->section = s;
	b->d = d;
	b->pin.bound = SRCPIN_BOUND_REWRITE;
	b->pin.missing = SRCPIN_MISSING_DENY;
	b->guard = true;
	b->spread = SRCPIN_SPREAD_FIRST;
	policy_keys_read(b);
	if (!config_first(s, "source") && !config_first(s, "source4"))
		diagnose(d, s->line, s->col, "section [%s] has neither 'source' nor 'source4'", s->name);
	if (d->n == n_before)
		add_what_is_implied(b);
	if (d->n == n_before) {
		ret->entry = xcalloc(b->n, sizeof(*ret->entry));
		ret->n_entries = b->n;
		ret->list = b->list;
		ret->n_lists = b->n_lists;
		b->list = NULL;
		ret->guard = b->guard;
		ret->observe = b->observe;
		ret->late_fails = b->late_fails;
		memcpy(ret->entry, b->entry, b->n * sizeof(*ret->entry));
		policy_sort(ret);
	}
	free(b->list);
	free(b);
	return d->n == n_before;
}
