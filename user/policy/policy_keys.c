// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy_keys.h"
#include "policy/sources.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define LIST " \t,"
#define BLANKS " \t"

static bool is_in(const struct srcpin_list *l, const struct srcpin_source *s)
{
	for (__u32 i = 0; i < l->n; i++)
		if (!memcmp(&l->source[i], s, sizeof(*s)))
			return true;
	return false;
}

/* Reads the sources after the word W of V, or all of V if its text is NULL. */
static bool read_sources(struct builder *b, struct word w, const struct config_value *v, int family, const char *wanted,
			 struct srcpin_rule *ret)
{
	struct srcpin_list l = { 0 };
	bool ok = true;

	while (word_next(&w, v, LIST)) {
		struct srcpin_source s;
		struct prefix p;

		if (!parse_source(&w, family, wanted, &p, b->d)) {
			ok = false;
			continue;
		}
		s = source_from(&p);
		if (p.prefixlen < 128 && !b->first_prefix.text)
			b->first_prefix = w;
		if (is_in(&l, &s)) {
			diagnose(b->d, w.line, w.col, "%.*s is already in the list", w.len, w.text);
			ok = false;
		} else if (l.n == SRCPIN_MAX_SOURCES) {
			diagnose(b->d, w.line, w.col, "too many sources; at most %d are possible", SRCPIN_MAX_SOURCES);
			return false;
		} else {
			l.source[l.n++] = s;
		}
	}
	if (!ok)
		return false;
	ret->line = v->line;
	if (builder_put_sources(b, &l, ret))
		return true;
	diagnose(b->d, v->line, v->col, "too many lists of sources in this section; at most %d are possible",
		 SRCPIN_MAX_LISTS);
	return false;
}

static void read_source(struct builder *b, const struct config_value *v, int family, const char *wanted,
			struct srcpin_rule *ret)
{
	struct srcpin_rule rule = { 0 };

	if (read_sources(b, (struct word){ 0 }, v, family, wanted, &rule))
		*ret = rule;
}

static void on_source(struct builder *b, const struct config_value *v)
{
	read_source(b, v, AF_INET6, "the key for it is 'source4'", &b->source);
}

static void on_source4(struct builder *b, const struct config_value *v)
{
	read_source(b, v, AF_INET, "the key for it is 'source'", &b->source4);
}

static void on_to(struct builder *b, const struct config_value *v)
{
	struct word prefix_word = { 0 }, word;
	struct srcpin_rule rule = { 0 };
	char text[PREFIX_STRLEN];
	struct prefix prefix;
	int family;
	bool ok;

	word_next(&prefix_word, v, BLANKS);
	ok = parse_prefix(&prefix_word, &prefix, b->d);
	if (ok && policy_is_family(&prefix)) {
		diagnose(b->d, v->line, prefix_word.col, "%s has its source from the key '%s'",
			 prefix_print(&prefix, text), prefix.prefixlen ? "source4" : "source");
		ok = false;
	}
	word = prefix_word;
	if (!word_next(&word, v, LIST)) {
		diagnose(b->d, v->line, word.col, "expected 'PREFIX SOURCE': the source is missing");
		return;
	}
	/* the families must match; after a bad prefix, either is fine */
	family = !ok ? AF_UNSPEC : prefix_is_ipv4(&prefix) ? AF_INET : AF_INET6;
	if (read_sources(b, prefix_word, v, family, "the prefix is not", &rule) && ok)
		builder_add(b, &prefix_word, &prefix, &rule);
}

static void on_exempt(struct builder *b, const struct config_value *v)
{
	const struct srcpin_rule rule = { .verdict = SRCPIN_EXEMPT, .line = v->line };
	struct word w = { 0 };

	while (word_next(&w, v, LIST)) {
		struct prefix prefix;

		if (!parse_prefix(&w, &prefix, b->d))
			continue;
		/* without a source, IPv6 is refused unless it is exempt */
		if (!policy_is_family(&prefix) || (!prefix.prefixlen && !config_first(b->section, "source")))
			builder_add(b, &w, &prefix, &rule);
		else if (prefix.prefixlen)
			diagnose(b->d, w.line, w.col, "0.0.0.0/0 has its rule from the keys 'source4' and 'ipv4'");
		else
			diagnose(b->d, w.line, w.col, "::/0 would exempt every destination that 'source' is for");
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

static void on_spread(struct builder *b, const struct config_value *v)
{
	static const struct keyword keywords[] = {
		{ "first", SRCPIN_SPREAD_FIRST },
		{ "hash", SRCPIN_SPREAD_HASH },
		{ "random", SRCPIN_SPREAD_RANDOM },
		{ "round-robin", SRCPIN_SPREAD_ROUND_ROBIN },
	};
	unsigned int value;

	if (parse_keyword(v, keywords, ARRAY_SIZE(keywords), &value, b->d))
		b->spread = (enum srcpin_spread)value;
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

static void on_ipv4(struct builder *b, const struct config_value *v)
{
	static const struct keyword keywords[] = {
		{ "leave", SRCPIN_EXEMPT },
		{ "deny", SRCPIN_DENY },
	};
	unsigned int value;

	if (config_first(b->section, "source4"))
		diagnose(b->d, v->line, v->key_col, "'ipv4' is for a section without 'source4'");
	else if (parse_keyword(v, keywords, ARRAY_SIZE(keywords), &value, b->d))
		b->ipv4 = (struct srcpin_rule){ .verdict = (enum srcpin_verdict)value, .line = v->line };
}

static void on_guard(struct builder *b, const struct config_value *v)
{
	static const struct keyword keywords[] = { { "on", true }, { "off", false } };
	unsigned int value;

	if (parse_keyword(v, keywords, ARRAY_SIZE(keywords), &value, b->d))
		b->guard = value;
}

static void on_mode(struct builder *b, const struct config_value *v)
{
	static const struct keyword keywords[] = { { "enforce", false }, { "observe", true } };
	unsigned int value;

	if (parse_keyword(v, keywords, ARRAY_SIZE(keywords), &value, b->d))
		b->observe = value;
}

static void on_late(struct builder *b, const struct config_value *v)
{
	static const struct keyword keywords[] = { { "start", false }, { "fail", true } };
	unsigned int value;

	if (parse_keyword(v, keywords, ARRAY_SIZE(keywords), &value, b->d))
		b->late_fails = value;
}

static const struct key {
	const char *name;
	void (*on_value)(struct builder *b, const struct config_value *v);
	bool repeats;
} keys[] = {
	{ "source", on_source, false }, { "source4", on_source4, false }, { "ipv4", on_ipv4, false },
	{ "ports", on_ports, false },   { "exempt", on_exempt, true },    { "to", on_to, true },
	{ "bound", on_bound, false },   { "missing", on_missing, false }, { "guard", on_guard, false },
	{ "mode", on_mode, false },     { "late", on_late, false },       { "spread", on_spread, false },
};

static void read_value(struct builder *b, const struct config_value *v)
{
	const struct config_value *first = config_first(b->section, v->key);
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

void policy_keys_read(struct builder *b)
{
	for (size_t i = 0; i < b->section->n_values; i++)
		read_value(b, &b->section->value[i]);
	if (b->first_prefix.text && b->spread == SRCPIN_SPREAD_FIRST)
		diagnose(b->d, b->first_prefix.line, b->first_prefix.col,
			 "a prefix as a source needs 'spread = hash', 'random' or 'round-robin'");
	for (size_t i = 0; i < b->n_lists; i++)
		b->list[i].spread = b->spread;
}
