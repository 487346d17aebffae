// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "config/parse.h"
#include "policy/doctor_keys.h"
#include "policy/policy.h"
#include "policy/policy_builder.h"
#include "srcpin/decide.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

const struct prefix policy_ipv6, policy_ipv4 = { 96, { [10] = 0xff, 0xff } };

static const struct prefix builtin[] = {
	{ 128, { [15] = 1 } },                                  /* loopback: RFC 4291, 2.5.3 */
	{ 128, { 0 } },                                         /* unspecified, goes to loopback: RFC 4291, 2.5.2 */
	{ 10, { 0xfe, 0x80 } },                                 /* link-local: RFC 4291, 2.5.6 */
	{ 8, { 0xff } },                                        /* multicast: RFC 4291, 2.7 */
	{ 7, { 0xfc } },                                        /* unique-local: RFC 4193 */
	{ 104, { [10] = 0xff, 0xff, 127 } },                    /* loopback: RFC 1122, 3.2.1.3 */
	{ 128, { [10] = 0xff, 0xff, 0, 0, 0, 0 } },             /* unspecified, likewise */
	{ 112, { [10] = 0xff, 0xff, 169, 254 } },               /* link-local: RFC 3927 */
	{ 104, { [10] = 0xff, 0xff, 10 } },                     /* private: RFC 1918 */
	{ 108, { [10] = 0xff, 0xff, 172, 16 } },                /* likewise */
	{ 112, { [10] = 0xff, 0xff, 192, 168 } },               /* likewise */
	{ 100, { [10] = 0xff, 0xff, 224 } },                    /* multicast: RFC 5771 */
	{ 128, { [10] = 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } }, /* broadcast: RFC 919 */
};

struct policy_entry *builder_find(struct builder *b, const struct prefix *p)
{
	for (size_t i = 0; i < b->n; i++)
		if (!memcmp(&b->entry[i].prefix, p, sizeof(*p)))
			return &b->entry[i];
	return NULL;
}

static void add(struct builder *b, const struct prefix *p, const struct srcpin_rule *rule)
{
	if (b->n < ARRAY_SIZE(b->entry))
		b->entry[b->n++] = (struct policy_entry){ .prefix = *p, .rule = *rule };
	else
		b->full = true;
}

void builder_add(struct builder *b, const struct word *w, const struct prefix *p, const struct srcpin_rule *rule)
{
	const struct policy_entry *first = builder_find(b, p);
	bool was_full = b->full;
	char text[PREFIX_STRLEN];

	if (first) {
		diagnose(b->d, w->line, w->col, "%s already has a rule, on line %u", prefix_print(p, text),
			 first->rule.line);
		return;
	}
	add(b, p, rule);
	if (b->full && !was_full)
		diagnose(b->d, w->line, w->col, "too many rules in this section; at most %d are possible",
			 SRCPIN_MAX_RULES);
}

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

/* Makes a source known as one where the kernel looks up what a socket is bound to; changes no verdict. */
static void mark_own(struct builder *b, const __u8 source[16])
{
	struct prefix prefix = { .prefixlen = 128 };
	struct policy_entry *entry;
	struct srcpin_rule rule;

	memcpy(prefix.addr, source, sizeof(prefix.addr));
	entry = builder_find(b, &prefix);
	if (entry) {
		entry->rule.flags |= SRCPIN_RULE_OWN;
		return;
	}
	rule = *policy_match(&(struct policy){ .entry = b->entry, .n_entries = b->n }, source);
	rule.flags |= SRCPIN_RULE_OWN;
	add(b, &prefix, &rule);
}

static bool is_local(const struct prefix *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(builtin); i++)
		if (p->prefixlen >= builtin[i].prefixlen && prefix_covers(&builtin[i], p->addr))
			return true;
	return false;
}

/* The rule of a family as a whole: what a key says, or what is done without one. */
static void add_family(struct builder *b, const struct prefix *p, const struct srcpin_rule *said,
		       enum srcpin_verdict otherwise)
{
	const struct srcpin_rule rule = { .verdict = otherwise };

	if (!builder_find(b, p))
		add(b, p, said->verdict ? said : &rule);
}

/* A source route may lead from what is exempt to what is not. */
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
		whole.line = rule->line;
		*rule = whole;
	}
	for (size_t i = 0; i < ARRAY_SIZE(builtin); i++)
		if (!builder_find(b, &builtin[i]))
			add(b, &builtin[i], &exempt);
	for (size_t i = 0; i < b->n; i++) {
		b->entry[i].rule.bound = b->pin.bound;
		if (is_local(&b->entry[i].prefix))
			b->entry[i].rule.flags |= SRCPIN_RULE_LOCAL;
	}
	n_before = b->n;
	for (size_t i = 0; i < n_before && !b->full; i++)
		if (b->entry[i].rule.verdict == SRCPIN_PIN)
			mark_own(b, b->entry[i].rule.source);
	mark_except(b, &policy_ipv6);
	mark_except(b, &policy_ipv4);
	if (b->full)
		diagnose(b->d, b->section->line, b->section->col,
			 "too many rules in this section; at most %d are possible, built-in ones and sources included",
			 SRCPIN_MAX_RULES);
}

bool policy_build(const struct config_section *s, struct policy *ret, struct diagnostics *d)
{
	struct builder *b = calloc(1, sizeof(*b));
	size_t n_before = d->n;

	*ret = (struct policy){ 0 };
	if (!b)
		abort();
	b->section = s;
	b->d = d;
	b->pin.bound = SRCPIN_BOUND_REWRITE;
	b->pin.missing = SRCPIN_MISSING_DENY;
	b->guard = true;
	builder_read(b);
	if (!config_first(s, "source") && !config_first(s, "source4"))
		diagnose(d, s->line, s->col, "section [%s] has neither 'source' nor 'source4'", s->name);
	if (d->n == n_before)
		add_what_is_implied(b);
	if (d->n == n_before) {
		ret->entry = calloc(b->n, sizeof(*ret->entry));
		if (!ret->entry)
			abort();
		ret->n_entries = b->n;
		ret->guard = b->guard;
		ret->observe = b->observe;
		ret->late_fails = b->late_fails;
		memcpy(ret->entry, b->entry, b->n * sizeof(*ret->entry));
		policy_sort(ret);
	}
	free(b);
	return d->n == n_before;
}

static void check_section(const struct config_section *s, struct diagnostics *d)
{
	struct doctor_keys keys;
	struct policy policy;

	if (config_is_doctor(s)) {
		doctor_keys_read(s, &keys, d);
		doctor_keys_free(&keys);
	} else {
		policy_build(s, &policy, d);
		policy_free(&policy);
	}
}

bool policy_check(const struct config *c, struct diagnostics *d)
{
	size_t n_before = d->n;

	for (size_t i = 0; i < c->n_sections; i++) {
		const struct config_section *s = &c->section[i], *first = c->section;

		while (first < s && strcmp(first->name, s->name) != 0)
			first++;
		if (!*s->name)
			diagnose(d, s->line, s->col, "the section has no name");
		else if (first < s)
			diagnose(d, s->line, s->col, "there is a section [%s] already, on line %u", s->name,
				 first->line);
		check_section(s, d);
	}
	return d->n == n_before;
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

bool policy_equal(const struct policy *a, const struct policy *b)
{
	if (a->n_entries != b->n_entries || a->guard != b->guard || a->observe != b->observe)
		return false;
	for (size_t i = 0; i < a->n_entries; i++) {
		struct policy_entry x = a->entry[i];

		x.rule.line = b->entry[i].rule.line;
		if (memcmp(&x, &b->entry[i], sizeof(x)) != 0)
			return false;
	}
	return true;
}

/* Has no common address, by which the trie is not asked for it. */
static bool is_apart(const struct prefix *p)
{
	static const struct prefix global = { .prefixlen = 3, .addr = { 0x20 } };
	__u32 addr[4], length;

	if (!prefix_is_ipv4(p))
		return p->prefixlen >= global.prefixlen && !prefix_covers(&global, p->addr);
	memcpy(addr, p->addr, sizeof(addr));
	length = srcpin_apart_ipv4(srcpin_host_order(addr[3]));
	return length && p->prefixlen >= policy_ipv4.prefixlen + length;
}

/* No rule of the family that is not apart is one of another source than SOURCE. */
static bool has_one_source(const struct policy *p, const struct prefix *family, const __u8 source[16])
{
	for (size_t i = 0; i < p->n_entries; i++) {
		const struct policy_entry *e = &p->entry[i];

		if (prefix_is_ipv4(&e->prefix) == prefix_is_ipv4(family) && !is_apart(&e->prefix) &&
		    (e->rule.flags & SRCPIN_RULE_OWN) && memcmp(e->prefix.addr, source, sizeof(e->prefix.addr)) != 0)
			return false;
	}
	return true;
}

void policy_common(const struct policy *p, const struct prefix *family, struct srcpin_rule *ret)
{
	const struct policy_entry *whole = NULL;

	*ret = (struct srcpin_rule){ 0 };
	for (size_t i = 0; i < p->n_entries && !whole; i++)
		if (!memcmp(&p->entry[i].prefix, family, sizeof(*family)))
			whole = &p->entry[i];
	for (size_t i = 0; whole && i < p->n_entries; i++) {
		const struct policy_entry *e = &p->entry[i];
		struct srcpin_rule rule = e->rule;

		/* to be one of its sources says nothing of how to get there */
		rule.flags = whole->rule.flags;
		if (prefix_is_ipv4(&e->prefix) == prefix_is_ipv4(family) && !is_apart(&e->prefix) &&
		    memcmp(&rule, &whole->rule, sizeof(rule)) != 0)
			return;
	}
	if (!whole)
		return;
	*ret = whole->rule;
	if (has_one_source(p, family, ret->source))
		ret->flags |= SRCPIN_RULE_ONE;
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
	*p = (struct policy){ 0 };
}
