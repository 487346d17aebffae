// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"

static const struct {
	const char *prefix;
	unsigned int bits;
} builtin[] = {
	{ "::1", 128 },
	{ "::", 128 },
	{ "fe80::", 10 },
	{ "ff00::", 8 },
	{ "fc00::", 7 },
	/* IPv4 as a whole is left alone; the lists of RFC 1918 and so on are in it */
	{ "::ffff:0.0.0.0", 96 },
};

static unsigned int bit(const struct in6_addr *a, unsigned int i)
{
	return a->s6_addr[i / 8] >> (7 - i % 8) & 1;
}

bool same_prefix(const struct in6_addr *a, const struct in6_addr *b, unsigned int bits)
{
	unsigned int i;

	for (i = 0; i < bits; i++)
		if (bit(a, i) != bit(b, i))
			return false;
	return true;
}

bool reference_has(const struct reference *r, const struct in6_addr *prefix, unsigned int bits)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (r->rule[i].bits == bits && same_prefix(&r->rule[i].prefix, prefix, 128))
			return true;
	return false;
}

void reference_add_builtin(struct reference *r)
{
	size_t i;

	for (i = 0; i < sizeof(builtin) / sizeof(builtin[0]); i++) {
		struct rule new = { .bits = builtin[i].bits, .exempt = true };

		if (inet_pton(AF_INET6, builtin[i].prefix, &new.prefix) != 1 || r->n == MAX_RULES)
			abort();
		if (!reference_has(r, &new.prefix, new.bits))
			r->rule[r->n++] = new;
	}
}

const struct in6_addr *reference_source(const struct reference *r, const struct in6_addr *dest, in_port_t port)
{
	const struct rule *longest = &r->rule[0];
	bool pinned = !r->n_ports;
	size_t i;

	for (i = 0; i < r->n; i++)
		if (r->rule[i].bits >= longest->bits && same_prefix(&r->rule[i].prefix, dest, r->rule[i].bits))
			longest = &r->rule[i];
	for (i = 0; i < r->n_ports; i++)
		if (r->ports[i] == port)
			pinned = true;
	return pinned && !longest->exempt ? &longest->source : NULL;
}
