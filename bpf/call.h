/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A call of a socket: decode it, decide (srcpin/decide.h), act and count. The
 * functions come in pairs, for IPv6 and IPv4.
 */
#ifndef SRCPIN_BPF_CALL_H
#define SRCPIN_BPF_CALL_H

#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "srcpin/abi.h"
#include "srcpin/decide.h"
#include "address.h"
#include "choose.h"
#include "count.h"
#include "maps.h"
#include "nested.h"
#include "refusal.h"
#include "rule.h"
#include "set.h"
#include "short.h"
#include "socket.h"
#include "tell.h"
#include "wildcard.h"

/* Global: the verifier checks it once and by itself; for its callers it only considers what this may return. */
__attribute__((noinline)) int decide(__u32 facts)
{
	struct srcpin_decision d = srcpin_decide(facts);

	return (int)d.action << 8 | (int)d.reason;
}

static __always_inline struct srcpin_decision decided(__u32 facts)
{
	int d = decide(facts);

	return SRCPIN_DECIDED(d >> 8, d & 0xff);
}

static __always_inline struct srcpin_decision merged(struct srcpin_decision decision)
{
	int d = merge((int)decision.action << 8 | (int)decision.reason);

	return SRCPIN_DECIDED(d >> 8, d & 0xff);
}

/*
 * Is the rule's source on the socket's host? UNKNOWN is the answer where that
 * cannot be known: yes where the kernel itself looks later (connect, bind), no
 * where it does not.
 */
static __always_inline int usable6(struct bpf_sock_addr *ctx, const struct srcpin_rule *rule, int unknown)
{
	__u64 half[2];
	int has;

	if (rule->verdict != SRCPIN_PIN)
		return 0;
	__builtin_memcpy(half, rule->source, sizeof(half));
	has = host_has(ctx, bpf_be64_to_cpu(half[0]), bpf_be64_to_cpu(half[1]));
	return has == HOST_UNKNOWN ? unknown : has == HOST_HAS;
}

/*
 * For IPv4 the kernel itself looks later: a route's source must be local
 * (ip_route_output_key_hash_rcu). Sockets with IP_TRANSPARENT are excepted,
 * and leave from the source even while it is missing.
 */
static __always_inline int usable4(struct bpf_sock_addr *ctx, const struct srcpin_rule *rule, int unknown)
{
	(void)ctx, (void)rule, (void)unknown;
	return 1;
}

/* A connected datagram socket: the kernel may have chosen the address that it is at */
static __always_inline int is_connected(struct bpf_sock_addr *ctx, int stream)
{
	return (1 - stream) & (int)srcpin_is_zero(ctx->sk->state ^ TCP_ESTABLISHED);
}

static __always_inline __u32 local_flags(const struct srcpin_call *call)
{
	__u64 half[2];

	__builtin_memcpy(half, call->ends.local, sizeof(half));
	return (__u32)flags_at(half[0], half[1]);
}

static __always_inline int find_rules(struct srcpin_call *call, const struct srcpin_service **service,
				      struct srcpin_rule *rule)
{
	if (!find_rule(service, call->ends.dest, rule))
		return 0;
	call->rule = rule;
	call->local_flags = local_flags(call);
	return 1;
}

/* The destination of a bind is not known: its rule is the one for the whole family. */
static __always_inline int find_bind_rules(struct srcpin_call *call, const struct srcpin_service **service,
					   struct srcpin_rule *rule)
{
	if (!find_family_rule(service, call->ends.local, rule))
		return 0;
	call->rule = rule;
	call->local_flags = local_flags(call);
	return 1;
}

/*
 * The destination. A connected UDP socket may send with a control message that
 * names another source (IPV6_PKTINFO, IP_PKTINFO). It then comes to sendmsg
 * without an address and with family 0 (udpv6_sendmsg, udp_sendmsg). Its
 * destination is the one that it is connected to.
 */
static __always_inline void decode6(struct srcpin_ends *ends, struct bpf_sock_addr *ctx, enum srcpin_hook hook)
{
	struct bpf_sock *sk = ctx->sk;

	if (hook == SRCPIN_SENDMSG && ctx->user_family != AF_INET6) {
		ends->dest[0] = sk->dst_ip6[0];
		ends->dest[1] = sk->dst_ip6[1];
		ends->dest[2] = sk->dst_ip6[2];
		ends->dest[3] = sk->dst_ip6[3];
		ends->port = bpf_ntohs(sk->dst_port);
		barrier(); /* else clang loads through a pointer to either of the two, which the verifier forbids */
	} else {
		ends->dest[0] = ctx->user_ip6[0];
		ends->dest[1] = ctx->user_ip6[1];
		ends->dest[2] = ctx->user_ip6[2];
		ends->dest[3] = ctx->user_ip6[3];
		ends->port = bpf_ntohs((__u16)ctx->user_port);
	}
	local_ipv6(ends->local, sk);
	ends->local_port = sk->src_port;
}

/*
 * Also for an AF_INET6 socket that is given an AF_INET address. udp_sendmsg()
 * takes an address of family AF_UNSPEC for AF_INET; such an address has a
 * port.
 */
static __always_inline void decode4(struct srcpin_ends *ends, struct bpf_sock_addr *ctx, enum srcpin_hook hook)
{
	struct bpf_sock *sk = ctx->sk;

	if (hook == SRCPIN_SENDMSG && ctx->user_family != AF_INET && !ctx->user_port) {
		set_mapped(ends->dest, sk->dst_ip4);
		ends->port = bpf_ntohs(sk->dst_port);
		barrier();
	} else {
		set_mapped(ends->dest, ctx->user_ip4);
		ends->port = bpf_ntohs((__u16)ctx->user_port);
	}
	local_address(ends->local, sk);
	ends->local_port = sk->src_port;
}

/* bind: the address that is asked for */
static __always_inline void decode_bind6(struct srcpin_ends *ends, struct bpf_sock_addr *ctx, enum srcpin_hook hook)
{
	(void)hook;
	ends->local[0] = ctx->user_ip6[0];
	ends->local[1] = ctx->user_ip6[1];
	ends->local[2] = ctx->user_ip6[2];
	ends->local[3] = ctx->user_ip6[3];
	ends->local_port = bpf_ntohs((__u16)ctx->user_port);
}

static __always_inline void decode_bind4(struct srcpin_ends *ends, struct bpf_sock_addr *ctx, enum srcpin_hook hook)
{
	(void)hook;
	set_mapped(ends->local, ctx->user_ip4);
	ends->local_port = bpf_ntohs((__u16)ctx->user_port);
}

/* Binds a socket to what was drawn from a list. Global: see decide(). */
__attribute__((noinline)) int bind_drawn(struct bpf_sock_addr *ctx, __u32 number, __u64 drawn)
{
	const struct srcpin_list *list = find_list(number);
	__u64 half[2];

	if (!list || !address_drawn(list, drawn, half))
		return -EADDRNOTAVAIL;
	return (int)(ctx->family == AF_INET ? bind4_to(ctx, (const __u32 *)half) : bind6_to(ctx, (const __u32 *)half));
}

/* Binds to one of those that are left; 1: the kernel says anything but that it is not there, or there is none. */
static long bind_to_one(__u32 step, struct choice *c)
{
	__u32 place = (__u32)best(c->number, c->draw.dest, c->draw.chance, HOW(c->excluded, c->draw.turn));

	(void)step;
	if (place >= SRCPIN_MAX_SOURCES)
		return 1;
	c->excluded |= 1U << place;
	c->err = bind_drawn(c->ctx, c->number, srcpin_drawn(c->key, place));
	return c->err != -EADDRNOTAVAIL;
}

/*
 * The source that was chosen was not there when the socket was to be bound to
 * it: for IPv4 the kernel tells only then, and an address may just have gone.
 * Tries all, in their order. Where the kernel says so of one, it looks at
 * each; so nothing else need look. Global: see decide().
 */
__attribute__((noinline)) int bind_to_any(struct bpf_sock_addr *ctx, __u32 number, __u64 dest_hi, __u64 dest_lo)
{
	struct choice c = { .ctx = ctx, .number = number, .err = -EADDRNOTAVAIL };
	const struct srcpin_list *list = find_list(number);

	if (!list)
		return c.err;
	c.draw = draw_for(list, dest_hi, dest_lo, list->turn);
	c.key = srcpin_key_of(list, &c.draw);
	LOOP(SRCPIN_MAX_SOURCES, bind_to_one, &c);
	return c.err;
}

/* Global: see decide(). */
__attribute__((noinline)) int tell6(struct bpf_sock_addr *ctx, __u64 told, __u64 other_hi, __u64 other_lo)
{
	enum srcpin_hook hook = TOLD_HOOK(told);
	struct srcpin_event e = { 0 };

	if (hook == SRCPIN_BIND) {
		decode_bind6(&e.ends, ctx, hook);
		barrier(); /* see decode6() */
	} else {
		decode6(&e.ends, ctx, hook);
	}
	return tell(ctx, &e, told, other_hi, other_lo);
}

__attribute__((noinline)) int tell4(struct bpf_sock_addr *ctx, __u64 told, __u64 other_hi, __u64 other_lo)
{
	enum srcpin_hook hook = TOLD_HOOK(told);
	struct srcpin_event e = { 0 };

	if (hook == SRCPIN_BIND) {
		decode_bind4(&e.ends, ctx, hook);
		barrier(); /* see decode6() */
	} else {
		decode4(&e.ends, ctx, hook);
	}
	return tell(ctx, &e, told, other_hi, other_lo);
}

static __always_inline void remember(const struct srcpin_call *call, enum srcpin_reason reason)
{
	int bind = call->hook == SRCPIN_BIND;
	__u64 half[2];

	address_halves(bind ? call->ends.local : call->ends.dest, half);
	remember_call(half[0], half[1], REFUSED(call->hook, bind ? call->ends.local_port : call->ends.port, reason));
}

/* Makes a refused call fail. Returns what the hook returns: 1 to go on, 0 to fail. */
static __always_inline int finish(const struct srcpin_service *service, const struct srcpin_call *call,
				  struct srcpin_decision d)
{
	int err;

	if (d.action != SRCPIN_REFUSE || (service->flags & SRCPIN_SERVICE_OBSERVE))
		return 1;
	remember(call, d.reason);
	err = srcpin_errno(d.reason);
	if (srcpin_build.has_set_retval && err != EPERM) /* without this it is EPERM */
		bpf_set_retval(-err);
	return 0;
}

/*
 * Settles the source of a rule that has a list: the one that the socket is at,
 * or else one that is usable. If none is, rule->source is only one that it
 * would be. Returns 0 if the list is gone, as the policy is.
 */
static __always_inline int settle(struct bpf_sock_addr *ctx, const struct srcpin_service *service,
				  struct srcpin_call *call, struct srcpin_rule *rule,
				  int (*usable)(struct bpf_sock_addr *ctx, const struct srcpin_rule *rule, int unknown))
{
	int sends = call->hook == SRCPIN_SENDMSG;
	__u32 number = list_of(service, rule);
	__u64 half[2], drawn;

	address_halves(call->ends.local, half);
	if ((call->local_flags & SRCPIN_RULE_OWN) && list_has(number, half[0], half[1])) {
		__builtin_memcpy(rule->source, half, sizeof(rule->source));
		call->usable = usable(ctx, rule, !sends);
		return 1;
	}
	address_halves(call->ends.dest, half);
	if (call->hook == SRCPIN_BIND) /* it has none yet */
		half[0] = bpf_get_prandom_u32();
	drawn = choose(ctx, number, half[0], half[1],
		       !sends              ? 0
		       : usable == usable6 ? CHOOSE_SENDS | CHOOSE_STRICT
					   : CHOOSE_SENDS);
	call->usable = drawn != SRCPIN_NOTHING_DRAWN;
	return take(rule, number, drawn);
}

/* Decides, and sets the source if that is the decision. RULE is room for the rule. */
static __always_inline struct srcpin_decision
act(struct bpf_sock_addr *ctx, const struct srcpin_service **current, struct srcpin_call *call,
    struct srcpin_rule *rule, int (*usable)(struct bpf_sock_addr *ctx, const struct srcpin_rule *rule, int unknown),
    long (*set)(struct bpf_sock_addr *ctx, const __u32 source[4]))
{
	const struct srcpin_decision refused = SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_NO_POLICY);
	const struct srcpin_service *service = *current;
	int within = decided_within(service, ctx->sk);
	struct srcpin_decision d;
	__u64 dest[2];
	__u32 facts;
	long err;

	if (within)
		return within < 0 ? refused : SRCPIN_DECIDED(SRCPIN_LEAVE, SRCPIN_EXEMPT_NESTED);
	/* a policy has a rule for every address */
	if (!(call->hook == SRCPIN_BIND ? find_bind_rules(call, current, rule) : find_rules(call, current, rule)))
		return refused;
	service = *current;
	if (!has_list(rule))
		call->usable = usable(ctx, rule, call->hook != SRCPIN_SENDMSG);
	else if (!settle(ctx, service, call, rule, usable))
		return refused;
	if (call->hook == SRCPIN_CONNECT)
		call->guarded = is_guarded(service, ctx, call);
	call->usable = merge(call->usable);
	facts = srcpin_facts(call);
	d = decided(facts);
	if (call->hook == SRCPIN_BIND && d.action == SRCPIN_LEAVE)
		note_wildcard(service, ctx->sk, call);
	if (service->flags & SRCPIN_SERVICE_OBSERVE)
		return d;
	if (call->hook == SRCPIN_CONNECT && d.action == SRCPIN_FREE) {
		__builtin_memset(rule->source, 0, sizeof(rule->source));
		set(ctx, (const __u32 *)rule->source);
	}
	if (d.action == SRCPIN_SET) {
		err = set(ctx, (const __u32 *)rule->source);
		if (call->hook == SRCPIN_CONNECT && err == -EADDRNOTAVAIL && has_list(rule)) {
			address_halves(call->ends.dest, dest);
			err = bind_to_any(ctx, list_of(service, rule), dest[0], dest[1]);
		}
		if (err == -EADDRNOTAVAIL)
			return srcpin_decide_missing(facts);
		/* the socket is IPv6-only: by the program, or by a pin that was taken off it (__inet6_bind) */
		if (err == -EINVAL && (facts & SRCPIN_TO_IPV4) && ctx->sk->family == AF_INET6)
			return SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_FAMILY);
		if (err)
			return SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_BIND_FAILED);
		if (has_list(rule) && (rule->flags & SRCPIN_RULE_TURNS))
			end_turn(list_of(service, rule), call->hook == SRCPIN_SENDMSG);
	}
	return d;
}

/* What all six hooks do: in SHORTLY, or else DECODE the call, decide, act, count, TELL. Nothing, if the service is
 * idle. */
static __always_inline int
on_call(struct bpf_sock_addr *ctx, enum srcpin_hook hook,
	int (*shortly)(struct bpf_sock_addr *ctx, struct bpf_sock *sk, const struct srcpin_service *service),
	void (*decode)(struct srcpin_ends *ends, struct bpf_sock_addr *ctx, enum srcpin_hook hook),
	int (*usable)(struct bpf_sock_addr *ctx, const struct srcpin_rule *rule, int unknown),
	long (*set)(struct bpf_sock_addr *ctx, const __u32 source[4]),
	int (*tell)(struct bpf_sock_addr *ctx, __u64 told, __u64 other_hi, __u64 other_lo))
{
	struct srcpin_call call = { .hook = hook, .stream = (int)srcpin_is_zero(ctx->type ^ SOCK_STREAM) };
	const struct srcpin_service *service = current_service();
	struct bpf_sock *sk = ctx->sk;
	struct srcpin_decision d;
	struct srcpin_rule rule = { 0 };
	__u64 other[2];

	barrier();
	if (shortly(ctx, sk, service) || is_idle(service, sk))
		return 1;
	decode(&call.ends, ctx, hook);
	if (hook != SRCPIN_BIND)
		call.connected = is_connected(ctx, call.stream);
	d = merged(act(ctx, &service, &call, &rule, usable, set));
	if (d.action == SRCPIN_REFUSE && is_idle(current_service(), ctx->sk))
		return 1; /* the policy was taken out meanwhile */
	count(service, d.reason);
	if (is_watched()) {
		int set_now = d.action == SRCPIN_SET && !(service->flags & SRCPIN_SERVICE_OBSERVE);

		address_halves(hook == SRCPIN_SENDMSG && set_now ? (const __u32 *)rule.source : call.ends.local, other);
		tell(ctx, TOLD(hook, d, rule.line), other[0], other[1]);
	}
	return finish(service, &call, d);
}

#endif
