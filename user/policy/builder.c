// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "policy/builder.h"

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
