/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The way that the kernel would take, and the source that it would choose, by rtnetlink(7): nothing is sent. */
#ifndef SRCPIN_ROUTE_H
#define SRCPIN_ROUTE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

struct route {
	int error;             /* 0, or why there is none: ENETUNREACH, EACCES (prohibit) ... */
	char device[IFNAMSIZ]; /* by which it leaves */
	bool has_gateway, has_source;
	uint8_t gateway[16];
	uint8_t source[16]; /* what the kernel would choose, were it to */
};

/*
 * From SOURCE, or if that is NULL from what the kernel chooses, to DEST; network
 * order, IPv4 as v4-mapped. That there is no route is an answer. 0, or a negative errno if the kernel cannot be asked.
 */
int route_to(const uint8_t dest[16], const uint8_t *source, struct route *ret, struct failure *f);

/* What the kernel's answer says. PORTID is that of the request; 0: any. */
void route_read(const void *answer, size_t length, uint32_t portid, struct route *ret);

#endif
