/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a config means, said once more and as plainly as possible: a list of
 * rules, searched from end to end. Shares no code with srcpin on purpose.
 */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#define MAX_RULES 128
#define MAX_PORTS 8

struct rule {
	struct in6_addr prefix;
	unsigned int bits;
	bool exempt;
	struct in6_addr source; /* unless exempt */
};

struct reference {
	struct rule rule[MAX_RULES]; /* the first is ::/0 */
	size_t n;
	in_port_t ports[MAX_PORTS];
	size_t n_ports; /* 0: all */
	bool pass;      /* missing = pass */
};

/* Do the first BITS bits of the two agree? */
bool same_prefix(const struct in6_addr *a, const struct in6_addr *b, unsigned int bits);

/* The rules that every config has, but where the config has one for the same prefix. */
void reference_add_builtin(struct reference *r);

bool reference_has(const struct reference *r, const struct in6_addr *prefix, unsigned int bits);

/* The source that a socket must have for DEST and PORT; NULL: what the kernel chooses by itself. */
const struct in6_addr *reference_source(const struct reference *r, const struct in6_addr *dest, in_port_t port);

#endif
