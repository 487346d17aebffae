/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The calls of mixed.c, and the reason that each of them must have. */
#ifndef MIXED_H
#define MIXED_H

#include <stdint.h>
#include <sys/types.h>

/* Those of srcpin's reasons that can be told from the outcome of a call */
enum {
	PINNED_CONNECT,
	PINNED_BIND,
	PINNED_DATAGRAM,
	PINNED_ALREADY,
	EXEMPT_RULE,
	EXEMPT_BIND,
	DENIED_MISSING,
	DENIED_BOUND,
	DENIED_WILDCARD,
	DENIED_FAMILY,
	FIRST_OF_PACKETS,
	PASSED_TCP = FIRST_OF_PACKETS,
	PASSED_EXEMPT,
	PASSED_SOURCE,
	DROPPED_SOURCE,
	N_REASONS,
};

/* Kept open, for what needs a socket of a certain kind each time */
enum { SEND6, SEND4, BOUND6, BOUND4, WILDCARD, PINNED6, RAW6, N_KEPT };

struct worker {
	_Alignas(64) uint64_t count[N_REASONS];
	unsigned int number;
	pid_t pid;
	int kept[N_KEPT];
};

/* The policy that the outcomes are those of; counters.t makes the routes. */
#define MIXED_FAR "2001:db8:9:1::1" /* nobody answers: the peer has a black hole there */
#define MIXED_FAR_V4 "203.0.113.1"
#define MIXED_EXEMPT "2001:db8:79::1"  /* likewise, and `exempt` */
#define MIXED_MISSING "2001:db8:78::1" /* `to`, from a source that is not here */
#define MIXED_LISTENS 2525

#define MIXED_MOST 2 /* calls at once, at most */

void mixed_open(struct worker *w);
void mixed_do(struct worker *w, uint32_t which);
void mixed_do_one(struct worker *w);

#endif
