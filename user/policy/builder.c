// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "base/memory.h"
#include "policy/builder.h"
#include "policy/sources.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct policy_entry *builder_find(struct builder *b, const struct prefix *p)
{
	for (size_t i = 0; i < b->n; i++)
		if (!memcmp(&b->entry[i].prefix, p, sizeof(*p)))
			return &b->entry[i];
	return NULL;
}

void builder_append(struct builder *b, const struct prefix *p, const struct srcpin_rule *rule)
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
	builder_append(b, p, rule);
	if (b->full && !was_full)
		diagnose(b->d, w->line, w->col, "too many rules in this section; at most %d are possible",
			 SRCPIN_MAX_RULES);
}

bool builder_put_sources(struct builder *b, const struct srcpin_list *l, struct srcpin_rule *rule)
{
	size_t i = 0;

	rule->verdict = SRCPIN_PIN;
	memcpy(rule->source, l->source[0].addr, sizeof(rule->source));
	if (l->n == 1 && source_prefix(&l->source[0]).prefixlen == 128)
		return true;
	while (i < b->n_lists && memcmp(&b->list[i], l, sizeof(*l)) != 0)
		i++;
	if (i == SRCPIN_MAX_LISTS)
		return false;
	if (i == b->n_lists)
		ADD_ELEMENT(b->list, b->n_lists, *l);
	rule->list = (__u16)(i + 1);
	return true;
}
