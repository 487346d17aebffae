/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a config means, said once more and as plainly as possible: a list of
 * rules, searched from end to end. Deliberately shares no code with srcpin.
 * IPv4 is v4-mapped.
 */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#define MAX_RULES 128
#define MAX_PORTS 8
#define MAX_POOL 5

enum verdict {
	PINNED,
	EXEMPT,
	DENIED,
};

enum spread {
	FIRST,
	HASH,
	RANDOM,
	ROUND_ROBIN,
};

/* An address, or a prefix of which each address is a source. */
struct source {
	struct in6_addr address;
	unsigned int bits; /* 128: an address */
};

struct pool {
	struct source source[MAX_POOL];
	size_t n;
};

struct rule {
	struct in6_addr prefix;
	unsigned int bits;
	enum verdict verdict;
	struct pool pool; /* if PINNED */
};

struct reference {
	bool has_source, has_source4;
	struct pool source, source4;
	enum spread spread;
	bool deny_ipv4;              /* ipv4 = deny */
	struct rule rule[MAX_RULES]; /* the lines `to` and `exempt`, then what is implied */
	size_t n;
	in_port_t ports[MAX_PORTS];
	size_t n_ports; /* 0: all */
	bool pass;      /* missing = pass */
	bool observe;   /* mode = observe */
};

/* Do the first BITS bits of the two agree? */
bool same_prefix(const struct in6_addr *a, const struct in6_addr *b, unsigned int bits);

/* All of ::ffff:0:0/96, or a part of it? */
bool is_ipv4(const struct in6_addr *prefix, unsigned int bits);

/* The rules of the keys, and those that every config has, but where there is one for the same prefix. */
void reference_add_implied(struct reference *r);

bool reference_has(const struct reference *r, const struct in6_addr *prefix, unsigned int bits);

/* What is to become of a socket that connects to DEST and PORT; EXEMPT also for a port that is not pinned. */
enum verdict reference_verdict(const struct reference *r, const struct in6_addr *dest, in_port_t port,
			       const struct pool **pool);

/* The source that the address is one of; NULL: it is none of the pool's. */
const struct source *pool_find(const struct pool *pool, const struct in6_addr *address);

#endif
