/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What arrives at the peer, packet by packet. It is seen below all that the
 * kernel's IP layers do, by a packet socket on the peer's veth. Its ring is
 * large enough to lose nothing. If it loses something all the same, it says
 * so.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include "lib/world.h"

#define CAPTURE_ADDRESSES 16
#define FENCE_PORT 9999

enum capture_kind { CAPTURE_TCP, CAPTURE_UDP, CAPTURE_OTHER, CAPTURE_KINDS };

struct capture_source {
	struct in6_addr address; /* IPv4 as v4-mapped */
	unsigned long packets[CAPTURE_KINDS];
};

struct capture {
	/* Neighbour discovery is not here: the kernel's, not a service's. */
	struct capture_source source[CAPTURE_ADDRESSES];
	unsigned int n_sources;
	unsigned long more; /* packets from further addresses */
	unsigned long lost; /* packets that the ring had no room for */
	int fd;
	int fence; /* a socket of the cgroup that capture_open() was called in */
	char *ring;
	unsigned int next;
};

/* Call it outside of the pinned cgroup. */
void capture_open(struct capture *c);

/* Forgets what was counted. */
void capture_clear(struct capture *c);

/* Marks the present: a packet from outside of the cgroup, of which capture_read() knows. */
void capture_fence(const struct capture *c);

/* Counts up to the fence. */
void capture_read(struct capture *c);

unsigned long capture_of(const struct capture_source *s);

/* A v4-mapped address as IPv4 */
const char *capture_text(const struct capture_source *s);

#endif
