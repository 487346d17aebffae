/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The route that the kernel would take, and the source that it would choose, by rtnetlink(7). Nothing is sent. */
#ifndef SRCPIN_ROUTE_H
#define SRCPIN_ROUTE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

struct route {
	int error;             /* 0, or why there is no route: ENETUNREACH, EACCES (prohibit) ... */
	char device[IFNAMSIZ]; /* the one that packets leave by */
	uint32_t table;        /* the routing table that has the route: RT_TABLE_MAIN, unless ip rule says otherwise */
	bool has_gateway, has_source;
	uint8_t gateway[16];
	uint8_t source[16]; /* what the kernel would choose if asked to */
};

/*
 * An address in the internet: a.root-servers.net. Only the routing table is
 * asked for the way there.
 */
extern const uint8_t route_far_ipv6[16], route_far_ipv4[16];

/*
 * From SOURCE to DEST, both in network order, IPv4 as v4-mapped. SOURCE NULL:
 * from what the kernel chooses. It is an answer, not an error, that there is
 * no route. 0, or a negative errno if the kernel cannot be asked.
 */
int route_to(const uint8_t dest[16], const uint8_t *source, struct route *ret, struct failure *f);

/* The same for a socket of this user, which a rule may be for (ip rule, uidrange); the kernel chooses the source. */
int route_of_user(const uint8_t dest[16], uint32_t uid, struct route *ret, struct failure *f);

/* Reads the kernel's answer. PORTID is that of the request; 0: any. */
void route_read(const void *answer, size_t length, uint32_t portid, struct route *ret);

#endif
