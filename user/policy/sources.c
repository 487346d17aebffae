// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "policy/sources.h"
#include "srcpin/spread.h"

bool policy_rule_has(const struct policy *p, const struct srcpin_rule *rule, const __u8 addr[16])
{
	const struct srcpin_list l = policy_sources(p, rule);
	__u64 half[2];

	memcpy(half, addr, sizeof(half));
	return srcpin_list_has(&l, half);
}

bool policy_says_source(const struct policy *p, const struct policy_entry *e, const __u8 source[16])
{
	return e->rule.line && !(e->rule.flags & SRCPIN_RULE_OWN) && policy_rule_has(p, &e->rule, source);
}

const char *source_print(const struct srcpin_source *s, char text[PREFIX_STRLEN])
{
	const struct prefix p = source_prefix(s);

	if (p.prefixlen == 128)
		return address_print(s->addr, text);
	return prefix_print(&p, text);
}

const char *spread_name(enum srcpin_spread spread)
{
	static const char *const name[] = {
		[SRCPIN_SPREAD_FIRST] = "first",
		[SRCPIN_SPREAD_HASH] = "hash",
		[SRCPIN_SPREAD_RANDOM] = "random",
		[SRCPIN_SPREAD_ROUND_ROBIN] = "round-robin",
	};

	return name[spread];
}

char *policy_sources_print(const struct policy *p, const struct srcpin_rule *rule)
{
	const struct srcpin_list l = policy_sources(p, rule);
	char *text = NULL, one[PREFIX_STRLEN];

	for (__u32 i = 0; i < l.n; i++) {
		char *before = text;

		text = xasprintf("%s%s%s",
				 before    ? before
				 : l.n > 1 ? "one of "
					   : "",
				 before ? ", " : "", source_print(&l.source[i], one));
		free(before);
	}
	if (text && rule->list) {
		char *before = text;

		text = xasprintf("%s (spread %s)", before, spread_name(l.spread));
		free(before);
	}
	return text;
}
