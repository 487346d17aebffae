// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "policy.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define LIST " \t,"
#define BLANKS " \t"

struct builder {
	const struct config_section *section;
	struct diagnostics *d;
	struct srcpin_rule pin; /* of ::/0; other pins differ only in source and line */
	struct policy_entry entry[SRCPIN_MAX_RULES];
	size_t n;
	bool full;
};

static const struct prefix everything;

/* The rest of ::ffff:0:0/96 would do for IPv4 today; its parts are there to stay when IPv4 can be pinned. */
static const struct prefix builtin[] = {
	{ 128, { [15] = 1 } },                                  /* loopback: RFC 4291, 2.5.3 */
	{ 128, { 0 } },                                         /* unspecified, goes to loopback: RFC 4291, 2.5.2 */
	{ 10, { 0xfe, 0x80 } },                                 /* link-local: RFC 4291, 2.5.6 */
	{ 8, { 0xff } },                                        /* multicast: RFC 4291, 2.7 */
	{ 7, { 0xfc } },                                        /* unique-local: RFC 4193 */
	{ 96, { [10] = 0xff, 0xff } },                          /* IPv4: RFC 4291, 2.5.5.2 */
	{ 104, { [10] = 0xff, 0xff, 127 } },                    /* loopback: RFC 1122, 3.2.1.3 */
	{ 128, { [10] = 0xff, 0xff, 0, 0, 0, 0 } },             /* unspecified, likewise */
	{ 112, { [10] = 0xff, 0xff, 169, 254 } },               /* link-local: RFC 3927 */
	{ 104, { [10] = 0xff, 0xff, 10 } },                     /* private: RFC 1918 */
	{ 108, { [10] = 0xff, 0xff, 172, 16 } },                /* likewise */
	{ 112, { [10] = 0xff, 0xff, 192, 168 } },               /* likewise */
	{ 100, { [10] = 0xff, 0xff, 224 } },                    /* multicast: RFC 5771 */
	{ 128, { [10] = 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } }, /* broadcast: RFC 919 */
};

static struct policy_entry *find(struct builder *b, const struct prefix *p)
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

/* Adds what a line of the file says, at the word that names the prefix. */
static void add_users(struct builder *b, const struct word *w, const struct prefix *p, const struct srcpin_rule *rule)
{
	const struct policy_entry *first = find(b, p);
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

static void on_source(struct builder *b, const struct config_value *v)
{
	struct word w = { 0 };

	if (word_next(&w, v, LIST) && parse_source(&w, b->pin.source, b->d))
		b->pin.line = v->line;
	if (word_next(&w, v, LIST))
		diagnose(b->d, w.line, w.col, "unexpected '%.*s': there can be only one source", w.len, w.text);
}

static void on_to(struct builder *b, const struct config_value *v)
{
	struct srcpin_rule rule = { .verdict = SRCPIN_PIN, .line = v->line };
	struct word prefix_word = { 0 }, word;
	struct prefix prefix;
	bool ok;

	word_next(&prefix_word, v, BLANKS);
	ok = parse_prefix(&prefix_word, &prefix, b->d);
	if (ok && prefix_is_ipv4(&prefix)) {
		diagnose(b->d, v->line, prefix_word.col, "'%.*s' is IPv4, and a source can only be IPv6",
			 prefix_word.len, prefix_word.text);
		ok = false;
	} else if (ok && !prefix.prefixlen) {
		diagnose(b->d, v->line, prefix_word.col, "::/0 has its source from the key 'source'");
		ok = false;
	}
	word = prefix_word;
	if (!word_next(&word, v, BLANKS)) {
		diagnose(b->d, v->line, word.col, "expected 'PREFIX SOURCE': the source is missing");
		return;
	}
	ok &= parse_source(&word, rule.source, b->d);
	if (word_next(&word, v, BLANKS))
		diagnose(b->d, v->line, word.col, "unexpected '%.*s' after the source", word.len, word.text);
	else if (ok)
		add_users(b, &prefix_word, &prefix, &rule);
}

static void on_exempt(struct builder *b, const struct config_value *v)
{
	const struct srcpin_rule rule = { .verdict = SRCPIN_EXEMPT, .line = v->line };
	struct word w = { 0 };

	while (word_next(&w, v, LIST)) {
		struct prefix prefix;

		if (!parse_prefix(&w, &prefix, b->d))
			continue;
		if (prefix.prefixlen)
			add_users(b, &w, &prefix, &rule);
		else
			diagnose(b->d, w.line, w.col, "::/0 would exempt every destination; nothing would be pinned");
	}
}

static int by_number(const void *a, const void *b)
{
	return *(const __u16 *)a - *(const __u16 *)b;
}

static void on_ports(struct builder *b, const struct config_value *v)
{
	struct srcpin_rule *pin = &b->pin;
	struct word w = { 0 };

	if (!strcmp(v->text, "all"))
		return;
	while (word_next(&w, v, LIST)) {
		bool twice = false;
		__u16 port;

		if (!parse_port(&w, &port, b->d))
			continue;
		for (size_t i = 0; i < pin->n_ports; i++)
			twice |= pin->ports[i] == port;
		if (twice) {
			diagnose(b->d, w.line, w.col, "port %u is already in the list", port);
		} else if (pin->n_ports == ARRAY_SIZE(pin->ports)) {
			diagnose(b->d, w.line, w.col, "too many ports; at most %d are possible", SRCPIN_MAX_PORTS);
			break;
		} else {
			pin->ports[pin->n_ports++] = port;
		}
	}
	qsort(pin->ports, pin->n_ports, sizeof(pin->ports[0]), by_number);
}

static void on_missing(struct builder *b, const struct config_value *v)
{
	static const struct keyword keywords[] = {
		{ "deny", SRCPIN_MISSING_DENY },
		{ "pass", SRCPIN_MISSING_PASS },
	};
	unsigned int value;

	if (parse_keyword(v, keywords, ARRAY_SIZE(keywords), &value, b->d))
		b->pin.missing = (enum srcpin_missing)value;
}

static void on_bound(struct builder *b, const struct config_value *v)
{
	static const struct keyword keywords[] = {
		{ "rewrite", SRCPIN_BOUND_REWRITE },
		{ "deny", SRCPIN_BOUND_DENY },
		{ "leave", SRCPIN_BOUND_LEAVE },
	};
	unsigned int value;

	if (parse_keyword(v, keywords, ARRAY_SIZE(keywords), &value, b->d))
		b->pin.bound = (enum srcpin_bound)value;
}

static const struct key {
	const char *name;
	void (*on_value)(struct builder *b, const struct config_value *v);
	bool repeats;
} keys[] = {
	{ "source", on_source, false }, { "ports", on_ports, false }, { "exempt", on_exempt, true },
	{ "to", on_to, true },          { "bound", on_bound, false }, { "missing", on_missing, false },
};

static const struct config_value *first_value(const struct config_section *s, const char *key)
{
	for (size_t i = 0; i < s->n_values; i++)
		if (!strcmp(s->value[i].key, key))
			return &s->value[i];
	return NULL;
}

static void read_value(struct builder *b, const struct config_value *v)
{
	const struct config_value *first = first_value(b->section, v->key);
	const struct key *key = keys;
	struct word w = { 0 };

	while (key < keys + ARRAY_SIZE(keys) && strcmp(key->name, v->key) != 0)
		key++;
	if (key == keys + ARRAY_SIZE(keys))
		diagnose(b->d, v->line, v->key_col, "unknown key '%s'", v->key);
	else if (first != v && !key->repeats)
		diagnose(b->d, v->line, v->key_col, "'%s' already has a value, on line %u", v->key, first->line);
	else if (!word_next(&w, v, LIST))
		diagnose(b->d, v->line, v->col, "'%s' has no value", v->key);
	else
		key->on_value(b, v);
}

const struct srcpin_rule *policy_match(const struct policy *p, const __u8 addr[16])
{
	const struct policy_entry *best = NULL;

	for (size_t i = 0; i < p->n_entries; i++) {
		const struct policy_entry *e = &p->entry[i];

		if (prefix_covers(&e->prefix, addr) && (!best || e->prefix.prefixlen > best->prefix.prefixlen))
			best = e;
	}
	return best ? &best->rule : NULL;
}

/* Makes a source known as one where the kernel looks up what a socket is bound to; changes no verdict. */
static void mark_own(struct builder *b, const __u8 source[16])
{
	struct prefix prefix = { .prefixlen = 128 };
	struct policy_entry *entry;
	struct srcpin_rule rule;

	memcpy(prefix.addr, source, sizeof(prefix.addr));
	entry = find(b, &prefix);
	if (entry) {
		entry->rule.flags |= SRCPIN_RULE_OWN;
		return;
	}
	rule = *policy_match(&(struct policy){ b->entry, b->n }, source);
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

static void add_what_is_implied(struct builder *b)
{
	const struct srcpin_rule exempt = { .verdict = SRCPIN_EXEMPT };
	size_t n_before;

	for (size_t i = 0; i < b->n; i++) {
		struct srcpin_rule *rule = &b->entry[i].rule;
		struct srcpin_rule pin = b->pin;

		if (rule->verdict != SRCPIN_PIN)
			continue;
		memcpy(pin.source, rule->source, sizeof(pin.source));
		pin.line = rule->line;
		*rule = pin;
	}
	add(b, &everything, &b->pin);
	for (size_t i = 0; i < ARRAY_SIZE(builtin); i++)
		if (!find(b, &builtin[i]))
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
	b->pin.verdict = SRCPIN_PIN;
	b->pin.bound = SRCPIN_BOUND_REWRITE;
	b->pin.missing = SRCPIN_MISSING_DENY;
	for (size_t i = 0; i < s->n_values; i++)
		read_value(b, &s->value[i]);
	if (!first_value(s, "source"))
		diagnose(d, s->line, s->col, "section [%s] has no 'source'", s->name);
	if (d->n == n_before)
		add_what_is_implied(b);
	if (d->n == n_before) {
		ret->entry = calloc(b->n, sizeof(*ret->entry));
		if (!ret->entry)
			abort();
		ret->n_entries = b->n;
		memcpy(ret->entry, b->entry, b->n * sizeof(*ret->entry));
		policy_sort(ret);
	}
	free(b);
	return d->n == n_before;
}

bool policy_check(const struct config *c, struct diagnostics *d)
{
	size_t n_before = d->n;

	for (size_t i = 0; i < c->n_sections; i++) {
		const struct config_section *s = &c->section[i], *first = c->section;
		struct policy policy;

		while (first < s && strcmp(first->name, s->name) != 0)
			first++;
		if (!*s->name)
			diagnose(d, s->line, s->col, "the section has no name");
		else if (first < s)
			diagnose(d, s->line, s->col, "there is a section [%s] already, on line %u", s->name,
				 first->line);
		policy_build(s, &policy, d);
		policy_free(&policy);
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
	if (a->n_entries != b->n_entries)
		return false;
	for (size_t i = 0; i < a->n_entries; i++) {
		struct policy_entry x = a->entry[i];

		x.rule.line = b->entry[i].rule.line;
		if (memcmp(&x, &b->entry[i], sizeof(x)) != 0)
			return false;
	}
	return true;
}

void policy_free(struct policy *p)
{
	free(p->entry);
	*p = (struct policy){ 0 };
}
