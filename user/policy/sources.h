/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The sources of a rule: one address, or a list of addresses and prefixes. */
#ifndef SRCPIN_SOURCES_H
#define SRCPIN_SOURCES_H

#include <stdbool.h>

#include "base/ip.h"
#include "policy/policy.h"
#include "policy/source.h"

/* Is ADDR one of them? */
bool policy_rule_has(const struct policy *p, const struct srcpin_rule *rule, const __u8 addr[16]);

/* Does a line of the config say that what goes to the entry's prefix leaves from SOURCE? */
bool policy_says_source(const struct policy *p, const struct policy_entry *e, const __u8 source[16]);

/* "2001:db8::25", or "one of 192.0.2.1, 192.0.2.2 (spread hash)", to be freed; NULL: the rule pins nothing. */
char *policy_sources_print(const struct policy *p, const struct srcpin_rule *rule);

/* "2001:db8::25", "2001:db8:0:1::/80". Returns TEXT. */
const char *source_print(const struct srcpin_source *s, char text[PREFIX_STRLEN]);

/* As in the config: "round-robin" */
const char *spread_name(enum srcpin_spread spread);

#endif
