/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Does NAT of this network namespace rewrite what leaves from an address? By what nft(8) lists, iptables-nft's rules
 * too. */
#ifndef SRCPIN_NAT_H
#define SRCPIN_NAT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"

/*
 * As root: what nft lists, N bytes of JSON (libnftables-json(5)), to be freed.
 * NULL: there is no nft on this host. 0, or a negative errno with the sentence
 * in F.
 */
int nat_list(char **ret, struct failure *f);

enum nat_answer {
	NAT_NONE,
	NAT_PERHAPS, /* by what cannot be told: a mark, a named set */
	NAT_SOME,    /* by the protocol, or a port of mail or DNS */
	NAT_ALL,
};

/* Has iptables-legacy rules of NAT in this network namespace? nft does not list them. */
bool nat_is_legacy(void);

/* The rule that does it. The strings are those of the listing. */
struct nat_rule {
	const char *family, *table; /* of the base chain, which a packet comes to first */
	json_int_t priority;        /* of that chain; packets pass the lower ones first */
	json_int_t handle;          /* of the rule itself, in that table; 0: there are too many */
};

/*
 * The strongest answer that the LISTING has for what leaves from SOURCE
 * (network order, IPv4 as v4-mapped) by DEVICE. RULE is set unless it is
 * NAT_NONE.
 */
enum nat_answer nat_of(const json_t *listing, const uint8_t source[16], const char *device, struct nat_rule *rule);

#endif
