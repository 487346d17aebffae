/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which source of a list a socket gets. Pure, as decide.h.
 *
 * With `hash` and `random` each source has a score, and the highest counts. For
 * `hash` it is made of the destination and the source alone (rendezvous
 * hashing, Thaler and Ravishankar 1998). So a source that goes moves only the
 * destinations that it had, and gets them back.
 */
#ifndef SRCPIN_SPREAD_H
#define SRCPIN_SPREAD_H

#include "srcpin/abi.h"
#include "srcpin/decide.h"
#include "srcpin/loop.h"

/* What a choice goes by, besides the list */
struct srcpin_draw {
	__u64 dest;   /* srcpin_hash() of the destination; of a bind, which has none yet, by chance */
	__u64 chance; /* a random number */
	__u32 turn;   /* how often the list gave one before */
};

/* Spreads each bit of X over all of the result (the finalizer of MurmurHash3, which is in the public domain). */
static __always_inline __u64 srcpin_mix(__u64 x)
{
	x = (x ^ x >> 33) * 0xff51afd7ed558ccdULL;
	x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53ULL;
	return x ^ x >> 33;
}

/* A source's address, and its mask, in two halves as in memory */
struct srcpin_halves {
	__u64 addr[2], mask[2];
};

static __always_inline struct srcpin_halves srcpin_halves(const struct srcpin_source *s)
{
	struct srcpin_halves h;

	__builtin_memcpy(h.addr, s->addr, sizeof(h.addr));
	__builtin_memcpy(h.mask, s->mask, sizeof(h.mask));
	return h;
}

/* An address, in two halves as in memory, as one number: others, but for a few, are other numbers. */
static __always_inline __u64 srcpin_fold(const __u64 addr[2])
{
	return addr[0] * 0x9e3779b97f4a7c15ULL ^ addr[1];
}

/* Of a destination, in two halves as in memory */
static __always_inline __u64 srcpin_hash(const __u64 addr[2])
{
	return srcpin_mix(srcpin_fold(addr));
}

/* Is an address one of the source's? Without a branch, as all comparisons in decide.h. */
static __always_inline __u32 srcpin_source_has(const struct srcpin_source *s, const __u64 addr[2])
{
	const struct srcpin_halves h = srcpin_halves(s);
	__u64 differs = ((h.addr[0] ^ addr[0]) & h.mask[0]) | ((h.addr[1] ^ addr[1]) & h.mask[1]);

	return srcpin_is_zero((__u32)(differs >> 32) | (__u32)differs);
}

/* A look through a list for an address */
struct srcpin_look {
	const struct srcpin_list *list;
	__u64 addr[2];
	__u32 found;
};

static long srcpin_look_at(__u32 i, struct srcpin_look *look)
{
	if (i >= SRCPIN_MAX_SOURCES || i >= look->list->n)
		return 1;
	look->found = srcpin_source_has(&look->list->source[i], look->addr);
	return look->found;
}

/* Is it one of the list's? */
static __always_inline __u32 srcpin_list_has(const struct srcpin_list *l, const __u64 addr[2])
{
	struct srcpin_look look = { .list = l, .addr = { addr[0], addr[1] } };

	LOOP(SRCPIN_MAX_SOURCES, srcpin_look_at, &look);
	return look.found;
}

static __always_inline __u64 srcpin_key_of(const struct srcpin_list *l, const struct srcpin_draw *draw)
{
	__u64 by_dest = -(__u64)srcpin_is_zero(l->spread ^ SRCPIN_SPREAD_HASH);

	return draw->chance ^ ((draw->chance ^ draw->dest) & by_dest);
}

/* The lowest of the bits of X from FIRST on, or else of all. SRCPIN_MAX_SOURCES: there is none. */
static __always_inline __u32 srcpin_next_in_turn(__u32 x, __u32 first)
{
	__u32 after = x & (0xffffU << (first & 31)), bit;

	if (!x)
		return SRCPIN_MAX_SOURCES;
	bit = after ? after : x;
	bit &= -bit;
	return (bit & 0xff00 ? 8U : 0) | (bit & 0xf0f0 ? 4U : 0) | (bit & 0xcccc ? 2U : 0) | (bit & 0xaaaa ? 1U : 0);
}

/* Which source has the highest score, of those whose bits in LEFT are set? */
struct srcpin_contest {
	const struct srcpin_list *list;
	__u64 key, best, highest;
	__u32 left;
};

/* No branch depends on a score: in the kernel, the verifier would go on once for each way. */
static long srcpin_compete(__u32 i, struct srcpin_contest *c)
{
	__u64 score, better;

	if (i >= SRCPIN_MAX_SOURCES || i >= c->list->n)
		return 1;
	/* at least 1, and the sign bit is clear */
	score = srcpin_mix(c->key ^ srcpin_fold(srcpin_halves(&c->list->source[i]).addr)) >> 2 | 1;
	score &= -(__u64)(c->left >> i & 1);
	better = -((c->highest - score) >> 63);
	__asm__("" : "+r"(better));
	c->highest ^= (c->highest ^ score) & better;
	c->best ^= (c->best ^ i) & better;
	return 0;
}

static __always_inline __u32 srcpin_highest(const struct srcpin_list *l, __u64 key, __u32 left)
{
	struct srcpin_contest c = { .list = l, .key = key, .best = SRCPIN_MAX_SOURCES, .left = left };

	LOOP(SRCPIN_MAX_SOURCES, srcpin_compete, &c);
	return (__u32)c.best;
}

/* The place of the source to take, but for those whose bits are EXCLUDED; SRCPIN_MAX_SOURCES: there is none left. */
static __always_inline __u32 srcpin_best(const struct srcpin_list *l, const struct srcpin_draw *draw, __u32 excluded)
{
	__u32 left = ((1U << (l->n & 31)) - 1) & ~excluded;
	__u32 by_score =
		srcpin_is_zero(l->spread ^ SRCPIN_SPREAD_HASH) | srcpin_is_zero(l->spread ^ SRCPIN_SPREAD_RANDOM);

	if (by_score)
		return srcpin_highest(l, srcpin_key_of(l, draw), left);
	return srcpin_next_in_turn(left, l->spread == SRCPIN_SPREAD_ROUND_ROBIN && l->n ? draw->turn % l->n : 0);
}

_Static_assert(SRCPIN_MAX_SOURCES == 16, "srcpin_next_in_turn() has as many bits");

/*
 * A choice in one number: the place, and what an address of a prefix is made
 * of.
 */
#define SRCPIN_NOTHING_DRAWN 0xffULL

static __always_inline __u64 srcpin_drawn(__u64 key, __u32 place)
{
	return (key & ~0xffULL) | (place & 0xff);
}

/*
 * The address that was drawn: the source's only one, or one of its prefix. In
 * two halves as in memory. Where in the list the prefix is does not count: so
 * with `hash` a destination keeps its address as other sources come and go.
 */
static __always_inline void srcpin_address_of(const struct srcpin_source *s, __u64 drawn, __u64 ret[2])
{
	const struct srcpin_halves h = srcpin_halves(s);
	__u64 by = srcpin_mix((drawn | 0xff) ^ srcpin_fold(h.addr));

	ret[0] = h.addr[0] | (by & ~h.mask[0]);
	ret[1] = h.addr[1] | (srcpin_mix(by) & ~h.mask[1]);
}

#endif
