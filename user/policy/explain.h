/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a policy says about a destination, and by which rule: for a new socket
 * that connects. Uses the same decision as the kernel's programs. Pure.
 */
#ifndef SRCPIN_EXPLAIN_H
#define SRCPIN_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "config/config.h"
#include "policy/policy.h"
#include "srcpin/abi.h"
#include "srcpin/decide.h"

struct explanation {
	const struct policy *policy;
	const struct policy_entry *entry; /* of the policy: the rule as the config has it */
	const char *key;                  /* the key in the config that made the rule; NULL: built in, or not known */
	uint16_t port;
	struct srcpin_decision decision;
	struct srcpin_decision missing; /* the decision while the rule's source is not usable */
};

/* S is the section that P was built from; NULL: it is not known. */
struct explanation explain(const struct policy *p, const struct config_section *s, const uint8_t dest[16],
			   uint16_t port);

#define EXPLAIN_STRLEN 512

/* The rule in words: "/etc/srcpin.conf:5: to 2001:db8:77::/48", "built in: fc00::/7". Returns TEXT. */
const char *explain_rule(const struct explanation *e, const char *config, char text[EXPLAIN_STRLEN]);

/* What becomes of the socket: "from 2001:db8:2::25", "left to the kernel", "refused with EPERM". To be freed. */
char *explain_outcome(const struct explanation *e, struct srcpin_decision d);

/* Verdict, source, errno and reason of D, as members of an object; NULL without memory. */
json_t *explain_decision_json(const struct explanation *e, struct srcpin_decision d);

/* The rule: prefix, key, line, ports, missing; null: there is none. NULL without memory. */
json_t *explain_rule_json(const struct explanation *e);

#endif
