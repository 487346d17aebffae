/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rules by which the kernel chooses a routing table (ip rule), by rtnetlink(7). */
#ifndef SRCPIN_IP_RULES_H
#define SRCPIN_IP_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "host/route.h"

struct rule_range {
	uint32_t from, to;
	bool given;
};

struct rule {
	uint32_t priority, table; /* table 0: the rule refuses (prohibit, unreachable, blackhole) */
	uint32_t mark;            /* fwmark; 0: the rule does not go by it */
	uint8_t protocol;
	struct rule_range users, ports; /* ports of the destination */
	bool inverted;                  /* it is for all others ("not") */
};

struct rules {
	struct rule *item; /* in the order in which the kernel goes through them */
	size_t n;
};

/* Those of one family. 0, or a negative errno. Aborts if memory is out. */
int rules_list(bool ipv4, struct rules *ret, struct failure *f);
void rules_free(struct rules *r);

/*
 * The first rule that leads what AS sends to TABLE (0: that refuses it) by its
 * user, protocol or port; NULL: none does.
 */
const struct rule *rules_find(const struct rules *r, const struct route_sender *as, uint32_t table);

/* "ip rule 10: ipproto tcp dport 25" */
#define RULE_STRLEN 112
const char *rule_print(const struct rule *r, char ret[RULE_STRLEN]);

/* A routing table from FIRST on that no rule names, and that has no route; 0: there is none, or it is not known. */
uint32_t rules_unused_table(bool ipv4, uint32_t first);

#endif
