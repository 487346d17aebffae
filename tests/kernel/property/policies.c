// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lib/world.h"
#include "property/policies.h"

#define SOURCES 12 /* of each family, PRESENT included */
#define PREFIXES 3

static uint64_t state = 1;

void random_seed(uint64_t seed)
{
	state = seed ? seed : 1;
}

/* xorshift64*: the same run on every host */
static uint64_t any(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dULL;
}

unsigned int below(unsigned int n)
{
	return (unsigned int)(any() >> 33) % n;
}

static struct in6_addr address(const char *text)
{
	return address_of(text, 0).in6.sin6_addr;
}

struct in6_addr nth_source(unsigned int i, bool ipv4)
{
	struct in6_addr a = address(ipv4 ? "::ffff:192.0.2.160" : "2001:db8:2::a0");

	a.s6_addr[15] = (uint8_t)(a.s6_addr[15] + i);
	return a;
}

struct source nth_prefix(unsigned int i, bool ipv4)
{
	struct source s = { address(ipv4 ? "::ffff:203.0.113.0" : "2001:db8:5::"), ipv4 ? 96 + 28 : 64 };

	s.address.s6_addr[ipv4 ? 15 : 7] = (uint8_t)(ipv4 ? i << 4 : i);
	return s;
}

bool is_present(const struct source *source)
{
	unsigned int i;

	if (source->bits == 128)
		return source->address.s6_addr[15] < 0xa0 + PRESENT;
	for (i = 0; i < 2 * PRESENT_PREFIXES; i++) {
		const struct source has = nth_prefix(i / 2, i % 2);

		if (same_prefix(&has.address, &source->address, 128))
			return true;
	}
	return false;
}

static struct in6_addr any_source(bool ipv4)
{
	return nth_source(below(SOURCES), ipv4);
}

static struct pool any_pool(const struct reference *r, bool ipv4)
{
	struct pool pool = { .n = below(2) ? 1 : 1 + below(MAX_POOL) };
	size_t i, k;

	for (i = 0; i < pool.n; i++) {
		struct source *s = &pool.source[i];

		*s = (struct source){ any_source(ipv4), 128 };
		if (r->spread != FIRST && below(5) == 0)
			*s = nth_prefix(below(PREFIXES), ipv4);
		for (k = 0; k < i; k++)
			if (same_prefix(&pool.source[k].address, &s->address, 128))
				break;
		if (k < i) /* twice is an error */
			i--;
	}
	return pool;
}

static void set_bit(struct in6_addr *a, unsigned int i, unsigned int value)
{
	uint8_t mask = (uint8_t)(0x80 >> i % 8);

	a->s6_addr[i / 8] = (uint8_t)(value ? a->s6_addr[i / 8] | mask : a->s6_addr[i / 8] & ~mask);
}

/* The bits behind the first BITS become 0, 1, or random. */
static void fill(struct in6_addr *a, unsigned int bits, int with)
{
	unsigned int i;

	for (i = bits; i < 128; i++)
		set_bit(a, i, with < 0 ? below(2) : (unsigned int)with);
}

/* A bit of it becomes random; of an IPv4 address mostly one that leaves it IPv4. */
static void disturb(struct in6_addr *a)
{
	set_bit(a, is_ipv4(a, 128) && below(8) ? 96 + below(32) : below(128), below(2));
}

static void step(struct in6_addr *a, int by)
{
	int i;

	for (i = 15; i >= 0; i--) {
		a->s6_addr[i] = (uint8_t)(a->s6_addr[i] + by);
		if (a->s6_addr[i] != (by > 0 ? 0 : 0xff))
			break;
	}
}

/* Where rules and destinations come from; few, so that they meet. */
static struct in6_addr seedling(void)
{
	static const char *const ipv6[] = {
		"2001:db8:9::1",
		"2001:db8:9::1",
		"2001:db8:77::",
		"2001:db8:77:1::2",
		"2001:db8::",
		"2a00::",
		"fd00:1::1",
		"fe80::1",
		"ff02::1",
		"::1",
		"::",
		"64:ff9b::",
		"::192.0.2.1",
		"::fffe:0:0",
	};
	static const char *const ipv4[] = {
		"::ffff:192.0.2.1",  "::ffff:192.0.2.1",   "::ffff:203.0.113.0", "::ffff:203.0.113.129",
		"::ffff:8.0.0.0",    "::ffff:10.0.0.1",    "::ffff:10.1.0.0",    "::ffff:172.16.0.0",
		"::ffff:100.64.0.0", "::ffff:192.168.0.1", "::ffff:127.0.0.1",   "::ffff:169.254.0.1",
		"::ffff:224.0.0.1",  "::ffff:0.0.0.0",     "::ffff:240.0.0.0",   "::ffff:255.255.255.255",
	};
	bool is_four = below(2);
	struct in6_addr a;

	if (below(16) == 0)
		a = nth_prefix(below(PREFIXES), is_four).address;
	else if (below(8) == 0)
		a = any_source(is_four);
	else if (is_four)
		a = address(ipv4[below(sizeof(ipv4) / sizeof(ipv4[0]))]);
	else
		a = address(ipv6[below(sizeof(ipv6) / sizeof(ipv6[0]))]);
	if (below(3) == 0)
		disturb(&a);
	return a;
}

static void add_rule(struct reference *r)
{
	struct rule new = { .prefix = seedling(), .bits = 1 + below(128), .verdict = below(3) ? PINNED : EXEMPT };

	if (below(3) == 0)
		new.bits = 128;
	else if (is_ipv4(&new.prefix, 128) && below(8)) /* else it becomes an IPv6 prefix around, or all of it */
		new.bits = 97 + below(32);
	fill(&new.prefix, new.bits, 0);
	if (new.bits == 96 && is_ipv4(&new.prefix, 96))
		return; /* has keys of its own */
	if (new.verdict == PINNED)
		new.pool = any_pool(r, is_ipv4(&new.prefix, new.bits));
	if (!reference_has(r, &new.prefix, new.bits))
		r->rule[r->n++] = new;
}

void make_policy(struct reference *r)
{
	static const in_port_t ports[MAX_PORTS] = { 25, 465, 587, 24, 26, 1, 65535, 53 };
	unsigned int families = below(4), n = below(40);
	size_t i;

	memset(r, 0, sizeof(*r));
	r->has_source = families != 0;
	r->has_source4 = families != 1;
	r->spread = below(4);
	if (r->has_source)
		r->source = any_pool(r, false);
	if (r->has_source4)
		r->source4 = any_pool(r, true);
	else
		r->deny_ipv4 = below(2);
	if (!r->has_source && below(2))
		r->rule[r->n++] = (struct rule){ .verdict = EXEMPT }; /* ::/0 */
	r->pass = below(4) == 0;
	r->observe = below(10) == 0;
	if (below(4) == 0)
		for (i = 0; i < MAX_PORTS; i++)
			if (below(2))
				r->ports[r->n_ports++] = ports[i];
	while (n--)
		add_rule(r);
}

static const char *text(const struct in6_addr *a)
{
	const union address whole = { .in6 = { .sin6_family = AF_INET6, .sin6_addr = *a } };

	return text_of(&whole);
}

/* An IPv4 prefix can be written either way. */
static void print_prefix(const struct rule *x, FILE *out)
{
	char ipv6[INET6_ADDRSTRLEN];

	if (is_ipv4(&x->prefix, x->bits) && below(4))
		fprintf(out, "%s/%u", text(&x->prefix), x->bits - 96);
	else
		fprintf(out, "%s/%u", inet_ntop(AF_INET6, &x->prefix, ipv6, sizeof(ipv6)), x->bits);
}

static void print_pool(const struct pool *pool, FILE *out)
{
	size_t i;

	for (i = 0; i < pool->n; i++) {
		const struct source *s = &pool->source[i];
		bool ipv4 = is_ipv4(&s->address, s->bits);

		fprintf(out, "%s%s", i ? below(2) ? " " : ", " : "", text(&s->address));
		if (s->bits < 128)
			fprintf(out, "/%u", s->bits - (ipv4 ? 96 : 0));
	}
	fputc('\n', out);
}

void print_config(const struct reference *r, char *to, size_t size)
{
	static const char *const spreads[] = { "first", "hash", "random", "round-robin" };
	FILE *out = fmemopen(to, size, "w");
	size_t i;

	if (!out)
		bail_out("no memory");
	if (r->has_source) {
		fputs("source = ", out);
		print_pool(&r->source, out);
	}
	if (r->has_source4) {
		fputs("source4 = ", out);
		print_pool(&r->source4, out);
	} else if (r->deny_ipv4 || below(2))
		fprintf(out, "ipv4 = %s\n", r->deny_ipv4 ? "deny" : "leave");
	if (r->spread != FIRST || below(2))
		fprintf(out, "spread = %s\n", spreads[r->spread]);
	fprintf(out, "missing = %s\nmode = %s\nguard = %s\n", r->pass ? "pass" : "deny",
		r->observe ? "observe" : "enforce", below(4) ? "on" : "off");
	for (i = 0; i < r->n_ports; i++)
		fprintf(out, "%s%u%s", i ? ", " : "ports = ", r->ports[i], i + 1 < r->n_ports ? "" : "\n");
	for (i = 0; i < r->n; i++) {
		const struct rule *x = &r->rule[i];

		fputs(x->verdict == EXEMPT ? "exempt = " : "to = ", out);
		print_prefix(x, out);
		fputc(' ', out);
		print_pool(&x->pool, out); /* none if it is exempt */
	}
	if (fclose(out))
		bail_out("the config is too long");
}

struct in6_addr make_destination(const struct reference *r)
{
	const struct rule *rule = &r->rule[below((unsigned int)r->n)];
	struct in6_addr a = below(8) ? rule->prefix : seedling();
	unsigned int bits = rule->bits;

	switch (below(6)) {
	case 0:
		fill(&a, bits, 0);
		break;
	case 1:
		fill(&a, bits, 1);
		break;
	case 2:
		fill(&a, bits, 0);
		step(&a, -1);
		break;
	case 3:
		fill(&a, bits, 1);
		step(&a, 1);
		break;
	case 4:
		disturb(&a);
		break;
	default:
		fill(&a, bits, -1);
	}
	return a;
}
