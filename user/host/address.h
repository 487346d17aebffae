/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What this host (the caller's network namespace) says about one of its addresses, by rtnetlink(7). */
#ifndef SRCPIN_ADDRESS_H
#define SRCPIN_ADDRESS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/ip.h"
#include "host/lack.h"

struct address_state {
	bool usable;           /* a socket can be bound to it now */
	bool duplicate;        /* duplicate address detection says that another host has it too */
	bool tentative;        /* duplicate address detection is still going on */
	bool anycast;          /* IPv6: the kernel has made it the subnet-router anycast address */
	bool nonlocal;         /* IPv4: it is not usable, but a bind to it succeeds (net.ipv4.ip_nonlocal_bind) */
	bool by_route;         /* no device has it, but a local route of an administrator's covers it */
	bool needs_nonlocal;   /* IPv6, by_route: not usable, as no bind to it succeeds (net.ipv6.ip_nonlocal_bind) */
	bool deprecated;       /* IPv6: the kernel chooses it only if it has no other */
	bool temporary;        /* RFC 8981: made up, and replaced after a day */
	bool permanent;        /* an administrator's, or a program's, for ever; not a router's */
	uint32_t valid;        /* seconds left; UINT32_MAX: for ever */
	uint32_t since;        /* when it was usable at the latest: hundredths of a second from the boot; by_route: 0 */
	char device[IFNAMSIZ]; /* "" if no device has it; by_route: the route's, which is usually lo */
	struct prefix
		on_link;  /* what can be reached on the device without a router; on a point-to-point link the peer */
	struct lack lack; /* what else is wrong, if it is not usable */
	char why[128];    /* why it is not usable, or ""; no full stop */
};

/*
 * A source: an address, or a prefix, which is usable if one local route covers
 * all of it. 0, or a negative errno if the kernel cannot be asked.
 */
int source_state(const struct prefix *p, struct address_state *ret, struct failure *f);

/* ADDR in network order, IPv4 as v4-mapped. 0, or a negative errno if the kernel cannot be asked. */
int address_state(const uint8_t addr[16], struct address_state *ret, struct failure *f);

/* What is asked, and what is known so far. */
struct address_query {
	unsigned char family;
	const uint8_t *addr; /* 16 bytes, IPv4 as v4-mapped */
	__u32 bits;          /* 128: an address; less: a prefix */
	struct address_state *state;
	/* of the most specific route in the local routing table that covers it */
	int route_length; /* -1: there is none */
	uint8_t route_type;
	unsigned int route_device; /* its index */
};

/*
 * Reads a datagram of the kernel's answer, with addresses or routes. SEQ and
 * PORTID are those of the request; 0: any. 1: more is to come, 0: that was the
 * last one, or a negative errno (-EINTR: they changed meanwhile, ask again).
 */
int address_read(const void *messages, size_t length, uint32_t seq, uint32_t portid, struct address_query *q);

#endif
