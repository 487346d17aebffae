// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "property/reference.h"

static const struct {
	const char *prefix;
	unsigned int bits;
} builtin[] = {
	{ "::1", 128 },
	{ "::", 128 },
	{ "fe80::", 10 },
	{ "ff00::", 8 },
	{ "fc00::", 7 },
	{ "::ffff:127.0.0.0", 96 + 8 },
	{ "::ffff:0.0.0.0", 96 + 32 },
	{ "::ffff:169.254.0.0", 96 + 16 },
	{ "::ffff:10.0.0.0", 96 + 8 },
	{ "::ffff:100.64.0.0", 96 + 10 },
	{ "::ffff:172.16.0.0", 96 + 12 },
	{ "::ffff:192.168.0.0", 96 + 16 },
	{ "::ffff:224.0.0.0", 96 + 4 },
	{ "::ffff:255.255.255.255", 96 + 32 },
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

bool is_ipv4(const struct in6_addr *prefix, unsigned int bits)
{
	return bits >= 96 && IN6_IS_ADDR_V4MAPPED(prefix);
}

static void add(struct reference *r, const char *prefix, unsigned int bits, enum verdict verdict,
		const struct pool *pool)
{
	struct rule new = { .bits = bits, .verdict = verdict };

	if (inet_pton(AF_INET6, prefix, &new.prefix) != 1 || r->n == MAX_RULES)
		abort();
	if (pool)
		new.pool = *pool;
	if (!reference_has(r, &new.prefix, bits))
		r->rule[r->n++] = new;
}

void reference_add_implied(struct reference *r)
{
	size_t i;

	if (r->has_source)
		add(r, "::", 0, PINNED, &r->source);
	else
		add(r, "::", 0, DENIED, NULL);
	if (r->has_source4)
		add(r, "::ffff:0.0.0.0", 96, PINNED, &r->source4);
	else
		add(r, "::ffff:0.0.0.0", 96, r->deny_ipv4 ? DENIED : EXEMPT, NULL);
	for (i = 0; i < sizeof(builtin) / sizeof(builtin[0]); i++)
		add(r, builtin[i].prefix, builtin[i].bits, EXEMPT, NULL);
}

enum verdict reference_verdict(const struct reference *r, const struct in6_addr *dest, in_port_t port,
			       const struct pool **pool)
{
	const struct rule *longest = NULL;
	bool pinned = !r->n_ports;
	size_t i;

	for (i = 0; i < r->n; i++)
		if (same_prefix(&r->rule[i].prefix, dest, r->rule[i].bits) &&
		    (!longest || r->rule[i].bits > longest->bits))
			longest = &r->rule[i];
	for (i = 0; i < r->n_ports; i++)
		if (r->ports[i] == port)
			pinned = true;
	*pool = &longest->pool;
	return pinned ? longest->verdict : EXEMPT;
}

const struct source *pool_find(const struct pool *pool, const struct in6_addr *address)
{
	size_t i;

	for (i = 0; i < pool->n; i++)
		if (same_prefix(&pool->source[i].address, address, pool->source[i].bits))
			return &pool->source[i];
	return NULL;
}
