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
	bool local; /* it ends on this host */
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

/* What else a rule may go by (ip rule): whose socket it is, and what it sends. */
struct route_sender {
	uint32_t uid;
	uint16_t port; /* of the destination, by TCP; 0: any, by any protocol */
	uint32_t mark; /* fwmark; 0: none */
};

/* The same as route_to(), for what that sender sends. AS may be NULL. */
int route_for(const uint8_t dest[16], const uint8_t *source, const struct route_sender *as, struct route *ret,
	      struct failure *f);

/* The next hops of a route that has several (ECMP): the kernel takes one of them for each connection. */
struct route_hops {
	struct route item[8]; /* at most so many are read */
	size_t n;             /* 0: the route has one only, or there is none */
};

/* Those of the route that route_for() would find. A hop that the kernel knows to be dead is left out. */
int route_hops(const uint8_t dest[16], const uint8_t *source, const struct route_sender *as, struct route_hops *ret,
	       struct failure *f);

/* Do both leave by the same device and router, or both not at all? */
bool route_equal(const struct route *a, const struct route *b);

/* Reads the kernel's answer. PORTID is that of the request; 0: any. */
void route_read(const void *answer, size_t length, uint32_t portid, struct route *ret);
void route_read_hops(const void *answer, size_t length, uint32_t portid, struct route_hops *ret);

#endif
