/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ways of a source: the kernel is asked with all that mail has (who sends,
 * to which port), for each destination that the policy has the source for, and
 * for each next hop.
 */
#ifndef SRCPIN_WAY_H
#define SRCPIN_WAY_H

#include "doctor/doctor.h"
#include "host/ip_rules.h"
#include "host/route.h"

#define THE_INTERNET "the internet"

struct way {
	const uint8_t *source;
	const struct address_state *state;
	uint8_t dest[16];
	struct route_sender sender;
	struct route from;               /* what the kernel does with the source */
	char to[2 * PREFIX_STRLEN + 64]; /* THE_INTERNET, "198.51.100.0/24" */
	size_t n_to;                     /* so many destinations */
	bool part;                       /* only a part of what is pinned to the source takes it */
	char because[RULE_STRLEN];       /* what makes it another way than that of other packets; "" */
	char *word, *by; /* the source's device, and that of the route, for the command line; to be freed */
	char router[INET6_ADDRSTRLEN], via[INET6_ADDRSTRLEN + RULE_STRLEN + 16];
};

struct ways {
	struct way *item; /* each once */
	size_t n;
};

/* Those of SOURCE, in the caller's network namespace. 0, or a negative errno. */
int ways_find(const struct policy *p, const uint8_t source[16], const struct address_state *s,
	      const struct doctor_users *users, struct ways *ret, struct failure *f);
void ways_free(struct ways *w);

/* By a rule or a route for the source, and not by one for all, as a VPN has. */
bool way_has_own_rule(const struct way *w);

/* " lookup 100": a table for a rule for the source that D is about, which no other one has. */
const char *doctor_table_for(struct doctor *d, const struct way *w);

/* The source is on lo, or a dummy. Any uplink would do, if its router takes the source. */
void doctor_examine_inside(struct doctor *d, const struct way *w);

/* Rules that go by what nobody can know beforehand: a mark of the packet. */
void doctor_examine_marks(struct doctor *d, const struct way *w);

#endif
