/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A rule with several sources: settles on one of them for a call
 * (srcpin/spread.h). From then on it is a rule with one source. The functions
 * are global, see decide(): so they have their own place on the stack, too.
 */
#ifndef SRCPIN_BPF_CHOOSE_H
#define SRCPIN_BPF_CHOOSE_H

#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "srcpin/spread.h"
#include "address.h"
#include "count.h"
#include "maps.h"

/*
 * A rule's list in one number, for the functions below: its own, and the
 * generation of its policy. They cannot be given the service. If they looked
 * for it, it might be the next one already (see current_service()), whose
 * lists are others.
 */
static __always_inline __u32 list_of(const struct srcpin_service *service, const struct srcpin_rule *rule)
{
	return service->generation << 16 | rule->list;
}

static __always_inline struct srcpin_list *find_list(__u32 number)
{
	const struct srcpin_service *service = current_service();
	const struct srcpin_list_key key = {
		.cgroup_id = service->cgroup_id, /* the next one has the same */
		.generation = number >> 16,
		.number = number & 0xffff,
	};

	return bpf_map_lookup_elem(&srcpin_lists, &key);
}

/* Is an address one of the list's? HI and LO are its halves, as in memory. */
__attribute__((noinline)) int list_has(__u32 number, __u64 hi, __u64 lo)
{
	const struct srcpin_list *list = find_list(number);
	const __u64 addr[2] = { hi, lo };

	return list && srcpin_list_has(list, addr);
}

/* srcpin_best(). HOW: the excluded ones << 32 | the turn */
__attribute__((noinline)) int best(__u32 number, __u64 dest, __u64 chance, __u64 how)
{
	const struct srcpin_draw draw = { .dest = dest, .chance = chance, .turn = (__u32)how };
	const struct srcpin_list *list = find_list(number);

	return list ? (int)srcpin_best(list, &draw, how >> 32) : SRCPIN_MAX_SOURCES;
}

#define HOW(excluded, turn) ((__u64)(excluded) << 32 | (__u32)(turn))

/* DEST: the halves of the destination */
static __always_inline struct srcpin_draw draw_for(const struct srcpin_list *list, __u64 dest_hi, __u64 dest_lo,
						   __u32 turn)
{
	const __u64 dest[2] = { dest_hi, dest_lo };
	struct srcpin_draw draw = { .turn = turn };

	/* one call is enough to choose a source; an address of a prefix is to be another one each time */
	draw.chance = (__u64)bpf_get_prandom_u32() << 32;
	if (list->spread == SRCPIN_SPREAD_RANDOM)
		draw.chance |= bpf_get_prandom_u32();
	draw.dest = srcpin_hash(dest);
	return draw;
}

/* ::ffff:0:0/96; the halves are as in memory */
static __always_inline int is_ipv4(__u64 hi, __u64 lo)
{
	return !hi && bpf_be64_to_cpu(lo) >> 32 == 0xffff;
}

static __always_inline int has_address(struct bpf_sock_addr *ctx, __u64 hi, __u64 lo, __u32 strict)
{
	int has = host_has(ctx, bpf_be64_to_cpu(hi), bpf_be64_to_cpu(lo));

	return has == HOST_UNKNOWN ? !strict : has == HOST_HAS;
}

/*
 * The source that was drawn, in two halves as in memory; 0: none was. The asm
 * keeps the compiler from working the place out once more after it was
 * compared: the verifier would not know that it is the same.
 */
static __always_inline int address_drawn(const struct srcpin_list *list, __u64 drawn, __u64 half[2])
{
	__u64 place = drawn & 0xff;

	__asm__("" : "+r"(place));
	if (place >= SRCPIN_MAX_SOURCES)
		return 0;
	srcpin_address_of(&list->source[place], drawn, half);
	return 1;
}

/*
 * May a call take what was drawn? Whether an IPv4 address is there, is not
 * known here. STRICT: what is not known to be usable, is not. Without it, the
 * kernel itself looks later.
 */
__attribute__((noinline)) int may_take(struct bpf_sock_addr *ctx, __u32 number, __u64 drawn, __u32 strict)
{
	const struct srcpin_list *list = find_list(number);
	__u64 half[2];

	if (!list || !address_drawn(list, drawn, half))
		return 0;
	return is_ipv4(half[0], half[1]) || has_address(ctx, half[0], half[1], strict);
}

/* What a walk through a list, from the one that is drawn first to the last, goes by */
struct choice {
	struct bpf_sock_addr *ctx;
	struct srcpin_draw draw;
	__u64 key, drawn;
	__u32 number, strict, excluded;
	int err; /* of a bind */
};

/* Draws one of those that are left; 1: it may be taken, or there is none. */
static long draw_one(__u32 step, struct choice *c)
{
	__u32 place = (__u32)best(c->number, c->draw.dest, c->draw.chance, HOW(c->excluded, c->draw.turn));
	__u64 drawn = srcpin_drawn(c->key, place);

	(void)step;
	if (place >= SRCPIN_MAX_SOURCES)
		return 1;
	c->excluded |= 1U << place;
	if (!may_take(c->ctx, c->number, drawn, c->strict))
		return 0;
	c->drawn = drawn;
	return 1;
}

#define CHOOSE_STRICT 1U /* see may_take() */
#define CHOOSE_SENDS 2U  /* for a datagram, not for a socket */

/* Draws a source that the call may take: srcpin_drawn(). HOW: CHOOSE_* */
__attribute__((noinline)) __u64 choose(struct bpf_sock_addr *ctx, __u32 number, __u64 dest_hi, __u64 dest_lo, __u32 how)
{
	struct choice c = {
		.ctx = ctx, .number = number, .strict = how & CHOOSE_STRICT, .drawn = SRCPIN_NOTHING_DRAWN
	};
	const struct srcpin_list *list = find_list(number);

	if (!list)
		return SRCPIN_NOTHING_DRAWN;
	c.draw = draw_for(list, dest_hi, dest_lo, how & CHOOSE_SENDS ? list->sends : list->turn);
	c.key = srcpin_key_of(list, &c.draw);
	LOOP(SRCPIN_MAX_SOURCES, draw_one, &c);
	return c.drawn;
}

/* A call has taken a source in turn. Global: see decide(). */
__attribute__((noinline)) int end_turn(__u32 number, __u32 sends)
{
	struct srcpin_list *list = find_list(number);

	if (!list)
		return 0;
	if (sends)
		COUNT_UP(list->sends);
	else
		COUNT_UP(list->turn);
	return 0;
}

/* Takes what was drawn. 0: the list is gone, as the policy is. */
static __attribute__((noinline)) int take(struct srcpin_rule *rule, __u32 number, __u64 drawn)
{
	const struct srcpin_list *list = find_list(number);
	__u64 half[2];

	if (!list)
		return 0;
	if (address_drawn(list, drawn, half))
		__builtin_memcpy(rule->source, half, sizeof(rule->source));
	return 1;
}

/* A look through a list for what is there */
struct usable {
	struct __sk_buff *skb;
	const struct srcpin_list *list;
	int found;
};

static long is_usable(__u32 i, struct usable *u)
{
	struct srcpin_halves h;

	if (i >= SRCPIN_MAX_SOURCES || i >= u->list->n)
		return 1;
	h = srcpin_halves(&u->list->source[i]);
	u->found = host_of_packet_has(u->skb, bpf_be64_to_cpu(h.addr[0]), bpf_be64_to_cpu(h.addr[1])) == HOST_HAS;
	return u->found;
}

/* Is any source of the list on the packet's host? Of a prefix the first address counts: one route has all. */
__attribute__((noinline)) int any_is_usable(struct __sk_buff *skb, __u32 number)
{
	struct usable u = { .skb = skb, .list = find_list(number) };

	if (!u.list)
		return 0;
	LOOP(SRCPIN_MAX_SOURCES, is_usable, &u);
	return u.found;
}

#endif
