/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A policy while it is built: from the section's keys (policy_keys.h) to the trie's entries (compile.h). */
#ifndef SRCPIN_BUILDER_H
#define SRCPIN_BUILDER_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "config/parse.h"
#include "policy/policy.h"

struct builder {
	const struct config_section *section;
	struct diagnostics *d;
	struct srcpin_rule pin; /* what all pins and denials share: everything but verdict, source and line */
	struct srcpin_rule source, source4, ipv4; /* from their keys; verdict 0 if there is no key */
	struct srcpin_list *list;                 /* of all rules, each once; its spread is set at the end */
	size_t n_lists;
	enum srcpin_spread spread;
	struct word first_prefix; /* of all sources; text NULL: there is none */
	bool guard, observe, late_fails;
	struct policy_entry entry[SRCPIN_MAX_RULES];
	size_t n;
	bool full;
};

/* The rule for exactly this prefix; NULL: there is none yet. */
struct policy_entry *builder_find(struct builder *b, const struct prefix *p);
/* Adds a rule; B is full if there is no room for it. */
void builder_append(struct builder *b, const struct prefix *p, const struct srcpin_rule *rule);
/* Has the rule pin to these sources: to the only one, or to a list. False: there are too many lists. */
bool builder_put_sources(struct builder *b, const struct srcpin_list *l, struct srcpin_rule *rule);
/* Adds what a line of the file says. W is the word that names the prefix. */
void builder_add(struct builder *b, const struct word *w, const struct prefix *p, const struct srcpin_rule *rule);

#endif
