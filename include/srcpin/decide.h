/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The decision: what one call of a pinned service's socket may do. Pure (no
 * helper, no state), so that the BPF programs and the host's tests run the
 * very same code.
 */
#ifndef SRCPIN_DECIDE_H
#define SRCPIN_DECIDE_H

#include "srcpin/abi.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* The call, and the state of its socket */
struct srcpin_call {
	const struct srcpin_rule *rule; /* for the destination; bind: for local's whole family; NULL: none */
	enum srcpin_hook hook;
	struct srcpin_ends ends;
	__u32 local_flags; /* SRCPIN_RULE_*, of the rule for the address in local; 0 if that is :: */
	int stream;        /* a SOCK_STREAM socket */
	int usable;        /* rule->source is an address of the socket's host */
	int connected;     /* a datagram socket: local may be what the kernel chose, not what the program bound */
	int guarded;       /* a datagram socket that its program bound to :: or 0.0.0.0, and the guard is on */
};

enum srcpin_action {
	SRCPIN_LEAVE,  /* let the call go as it is */
	SRCPIN_SET,    /* set the source to rule->source, then let it go */
	SRCPIN_FREE,   /* take an earlier pin off the socket: bind it to :: or 0.0.0.0 */
	SRCPIN_REFUSE, /* fail it */
};

struct srcpin_decision {
	enum srcpin_action action;
	enum srcpin_reason reason;
};

/*
 * The facts are gathered without a branch, and the answer depends on them
 * alone. So the verifier walks the gathering once, not once for each way to an
 * answer. The asm keeps the compiler from making a branch of a comparison.
 */
static __always_inline __u32 srcpin_is_zero(__u32 x)
{
	__asm__("" : "+r"(x));
	return (__u32)(((__u64)x - 1) >> 63);
}

/* ::ffff:0:0/96, RFC 4291, 2.5.5.2 */
static __always_inline __u32 srcpin_is_mapped(const __u32 a[4])
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return srcpin_is_zero(a[0] | a[1] | (a[2] ^ 0xffff0000U));
#else
	return srcpin_is_zero(a[0] | a[1] | (a[2] ^ 0x0000ffffU));
#endif
}

/* :: or ::ffff:0.0.0.0 */
static __always_inline __u32 srcpin_is_any(const __u32 a[4])
{
	return srcpin_is_zero(a[0] | a[1] | a[3]) & (srcpin_is_zero(a[2]) | srcpin_is_mapped(a));
}

/*
 * The length of the prefix that an IPv4 address (host order) is in, if it is
 * one that leads to no host in the Internet (RFC 6890). Most policies have a
 * rule of their own for these. Else 0.
 */
static __always_inline __u32 srcpin_apart_ipv4(__u32 a)
{
	return srcpin_is_zero(a >> 24) * 8 + srcpin_is_zero((a >> 24) ^ 10) * 8 + srcpin_is_zero((a >> 24) ^ 127) * 8 +
	       srcpin_is_zero((a >> 22) ^ 0x191) * 10 + srcpin_is_zero((a >> 16) ^ 0xa9fe) * 16 +
	       srcpin_is_zero((a >> 20) ^ 0xac1) * 12 + srcpin_is_zero((a >> 16) ^ 0xc0a8) * 16 +
	       srcpin_is_zero((a >> 29) ^ 7) * 3;
}

static __always_inline __u32 srcpin_host_order(__u32 x)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap32(x);
#else
	return x;
#endif
}

/* In 2000::/3, all global unicast addresses (RFC 4291, 2.4), or an IPv4 address that is not apart */
static __always_inline __u32 srcpin_is_common(const __u32 a[4])
{
	__u32 mapped = srcpin_is_mapped(a);

	return (mapped & srcpin_is_zero(srcpin_apart_ipv4(srcpin_host_order(a[3])))) |
	       srcpin_is_zero((srcpin_host_order(a[0]) >> 29) ^ 1);
}

/* LEFT is aligned to four bytes, as all addresses of abi.h are. */
static __always_inline __u32 srcpin_same_address(const __u8 left[16], const __u32 right[4])
{
	__u32 a[4];

	__builtin_memcpy(a, __builtin_assume_aligned(left, 4), sizeof(a));
	return srcpin_is_zero((a[0] ^ right[0]) | (a[1] ^ right[1]) | (a[2] ^ right[2]) | (a[3] ^ right[3]));
}

/* Is A an address, and another one than B? */
static __always_inline __u32 srcpin_differs(const __u32 a[4], const __u32 b[4])
{
	return (1 - srcpin_is_any(a)) &
	       (1 - srcpin_is_zero((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3])));
}

/*
 * Is PORT one that the rule is for? Compares two ports at a time: a lane of 16
 * bits is zero if it borrows when 1 is taken from it. Unused ports of the rule
 * are 0; PORT is 0 for a packet that has none.
 */
static __always_inline __u32 srcpin_port_pinned(const struct srcpin_rule *rule, __u32 port)
{
	__u32 lanes[SRCPIN_MAX_PORTS / 2], i, differs, found = 0;

	__builtin_memcpy(lanes, __builtin_assume_aligned(rule->ports, 4), sizeof(lanes));
	for (i = 0; i < SRCPIN_MAX_PORTS / 2; i++) {
		differs = lanes[i] ^ (port << 16 | port);
		found |= (differs - 0x00010001U) & ~differs & 0x80008000U;
	}
	return srcpin_is_zero(rule->n_ports) | ((1 - srcpin_is_zero(found)) & (1 - srcpin_is_zero(port)));
}

/* The facts that srcpin_decide() goes by */
#define SRCPIN_HOOK 3U                /* mask: enum srcpin_hook */
#define SRCPIN_VERDICT (3U << 2)      /* mask: enum srcpin_verdict of the destination's rule; 0: there is none */
#define SRCPIN_BOUND (3U << 4)        /* mask: enum srcpin_bound */
#define SRCPIN_PASS_MISSING (1U << 6) /* missing = pass */
#define SRCPIN_PORT (1U << 7)         /* the destination port is one that the rule is for */
#define SRCPIN_STREAM (1U << 8)
#define SRCPIN_CONNECTED (1U << 9)
#define SRCPIN_USABLE (1U << 10)
#define SRCPIN_TO_IPV4 (1U << 11)
#define SRCPIN_AT_ANY (1U << 12)    /* bound to no address; if it is bound, the next four tell to what */
#define SRCPIN_AT_SOURCE (1U << 13) /* the rule's source */
#define SRCPIN_AT_OWN (1U << 14)    /* one of the policy's sources */
#define SRCPIN_AT_LOCAL (1U << 15)  /* within a built-in exemption */
#define SRCPIN_AT_IPV4 (1U << 16)
#define SRCPIN_AT_PORT (1U << 17) /* it has a port */
#define SRCPIN_GUARDED (1U << 18)

#define SRCPIN_BOUND_SHIFT 4
#define SRCPIN_VERDICT_SHIFT 2

#define SRCPIN_DECIDED(action, reason) ((struct srcpin_decision){ action, reason })

static __always_inline __u32 srcpin_facts(const struct srcpin_call *call)
{
	__u32 facts = call->hook, flags = call->local_flags;
	__u32 any = srcpin_is_any(call->ends.local);

	facts |= any * SRCPIN_AT_ANY;
	facts |= (flags & SRCPIN_RULE_OWN) * (SRCPIN_AT_OWN / SRCPIN_RULE_OWN);
	facts |= (flags & SRCPIN_RULE_LOCAL) * (SRCPIN_AT_LOCAL / SRCPIN_RULE_LOCAL);
	facts |= (srcpin_is_mapped(call->ends.local) & ~any) * SRCPIN_AT_IPV4;
	facts |= (1 - srcpin_is_zero(call->ends.local_port)) * SRCPIN_AT_PORT;
	facts |= srcpin_is_mapped(call->ends.dest) * SRCPIN_TO_IPV4;
	facts |= (1 - srcpin_is_zero((__u32)call->stream)) * SRCPIN_STREAM;
	facts |= (1 - srcpin_is_zero((__u32)call->connected)) * SRCPIN_CONNECTED;
	facts |= (1 - srcpin_is_zero((__u32)call->usable)) * SRCPIN_USABLE;
	facts |= (1 - srcpin_is_zero((__u32)call->guarded)) * SRCPIN_GUARDED;
	if (!call->rule)
		return facts;
	facts |= (__u32)call->rule->verdict << SRCPIN_VERDICT_SHIFT;
	facts |= (__u32)call->rule->bound << SRCPIN_BOUND_SHIFT;
	facts |= srcpin_is_zero(call->rule->missing ^ SRCPIN_MISSING_PASS) * SRCPIN_PASS_MISSING;
	facts |= srcpin_port_pinned(call->rule, call->ends.port) * SRCPIN_PORT;
	facts |= srcpin_same_address(call->rule->source, call->ends.local) * SRCPIN_AT_SOURCE;
	return facts;
}

static __always_inline int srcpin_verdict_is(__u32 facts, enum srcpin_verdict verdict)
{
	return (facts & SRCPIN_VERDICT) == (__u32)verdict << SRCPIN_VERDICT_SHIFT;
}

static __always_inline int srcpin_bound_is(__u32 facts, enum srcpin_bound bound)
{
	return (facts & SRCPIN_BOUND) == (__u32)bound << SRCPIN_BOUND_SHIFT;
}

static __always_inline int srcpin_hook_is(__u32 facts, enum srcpin_hook hook)
{
	return (facts & SRCPIN_HOOK) == (__u32)hook;
}

/* The pin cannot be kept, because the source is not an address of this host. */
static __always_inline struct srcpin_decision srcpin_decide_missing(__u32 facts)
{
	if (facts & SRCPIN_PASS_MISSING)
		return SRCPIN_DECIDED(SRCPIN_LEAVE, SRCPIN_EXEMPT_MISSING);
	return SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_MISSING);
}

/*
 * bind(2) comes before the destination is known. So it rewrites only what
 * cannot be put right later: a socket that asks for no port. After bind it has
 * a port, and can never be bound again (EINVAL in __inet6_bind).
 *
 * A datagram socket on :: is left alone. sendmsg pins each of its datagrams,
 * and a rewrite would make it IPv6-only and so take IPv4 from it, and what
 * comes by loopback. If it connects, see srcpin_decide_wildcard().
 */
static __always_inline struct srcpin_decision srcpin_decide_bind(__u32 facts)
{
	if (!srcpin_verdict_is(facts, SRCPIN_PIN) || !srcpin_bound_is(facts, SRCPIN_BOUND_REWRITE) ||
	    (facts & SRCPIN_AT_PORT))
		return SRCPIN_DECIDED(SRCPIN_LEAVE, SRCPIN_EXEMPT_BIND);
	if ((facts & SRCPIN_AT_ANY) && !(facts & SRCPIN_STREAM))
		return SRCPIN_DECIDED(SRCPIN_LEAVE, SRCPIN_EXEMPT_BIND);
	if (facts & (SRCPIN_AT_LOCAL | SRCPIN_AT_OWN))
		return SRCPIN_DECIDED(SRCPIN_LEAVE, SRCPIN_EXEMPT_BIND);
	if (!(facts & SRCPIN_USABLE))
		return srcpin_decide_missing(facts);
	return SRCPIN_DECIDED(SRCPIN_SET, SRCPIN_PINNED_BIND);
}

/*
 * An exempt destination. A datagram socket keeps the address of an earlier pin
 * over connect(AF_UNSPEC), and would go on from there. glibc's getaddrinfo
 * tries one destination after the other on one socket: it would then sort them
 * by sources that nobody will use.
 */
static __always_inline struct srcpin_decision srcpin_decide_exempt(__u32 facts, enum srcpin_reason reason)
{
	/* only with `rewrite`: a freed socket looks like one that the program bound, and may have to be pinned again */
	if (srcpin_hook_is(facts, SRCPIN_CONNECT) && !(facts & (SRCPIN_STREAM | SRCPIN_AT_PORT)) &&
	    (facts & SRCPIN_AT_OWN) && srcpin_bound_is(facts, SRCPIN_BOUND_REWRITE))
		return SRCPIN_DECIDED(SRCPIN_FREE, reason);
	return SRCPIN_DECIDED(SRCPIN_LEAVE, reason);
}

/*
 * A connect of a socket that has a port, but no address: it cannot be bound
 * any more, so the kernel chooses. With the guard, UDP may go on. Its address
 * is settled by the connect, and each packet comes by the guard: it leaves
 * from the source, or not at all. But not a socket that has its port from a
 * send: the answer comes to the source, where it would not listen any more.
 * And not with bound = leave: what the guard sees may be bound there.
 */
static __always_inline struct srcpin_decision srcpin_decide_wildcard(__u32 facts)
{
	if ((facts & SRCPIN_GUARDED) && !srcpin_bound_is(facts, SRCPIN_BOUND_LEAVE))
		return SRCPIN_DECIDED(SRCPIN_LEAVE, SRCPIN_EXEMPT_WILDCARD);
	return SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_WILDCARD);
}

static __always_inline struct srcpin_decision srcpin_decide_send(__u32 facts)
{
	int sends = srcpin_hook_is(facts, SRCPIN_SENDMSG);

	if (!(facts & SRCPIN_VERDICT))
		return SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_NO_POLICY);
	/*
	 * A pin made the socket IPv6-only (__inet6_bind), so IPv4 would fail
	 * with ENETUNREACH. glibc's getaddrinfo tries all addresses on one
	 * socket; after EAFNOSUPPORT it goes on with a fresh one.
	 */
	if ((facts & SRCPIN_TO_IPV4) && (facts & SRCPIN_AT_OWN) && !(facts & SRCPIN_AT_IPV4))
		return SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_FAMILY);
	if (srcpin_verdict_is(facts, SRCPIN_EXEMPT))
		return srcpin_decide_exempt(facts, SRCPIN_EXEMPT_RULE);
	if (!(facts & SRCPIN_PORT))
		return srcpin_decide_exempt(facts, SRCPIN_EXEMPT_PORT);
	if (!srcpin_verdict_is(facts, SRCPIN_PIN))
		return SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_RULE);

	if (facts & SRCPIN_AT_ANY) {
		if (!(facts & SRCPIN_USABLE))
			return srcpin_decide_missing(facts);
		if (sends)
			return SRCPIN_DECIDED(SRCPIN_SET, SRCPIN_PINNED_DATAGRAM);
		if (facts & SRCPIN_AT_PORT)
			return srcpin_decide_wildcard(facts);
		return SRCPIN_DECIDED(SRCPIN_SET, SRCPIN_PINNED_CONNECT);
	}
	if (facts & SRCPIN_AT_SOURCE) {
		/* also with `pass`: it would leave from an address that is gone */
		if (!(facts & SRCPIN_USABLE))
			return SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_MISSING);
		if (sends) /* overrides IPV6_PKTINFO */
			return SRCPIN_DECIDED(SRCPIN_SET, SRCPIN_PINNED_DATAGRAM);
		return SRCPIN_DECIDED(SRCPIN_LEAVE, SRCPIN_PINNED_ALREADY);
	}
	if (srcpin_bound_is(facts, SRCPIN_BOUND_LEAVE) && !(facts & (SRCPIN_CONNECTED | SRCPIN_AT_OWN)))
		return SRCPIN_DECIDED(SRCPIN_LEAVE, SRCPIN_EXEMPT_BOUND);
	if (!(facts & SRCPIN_USABLE))
		return srcpin_decide_missing(facts);
	/* it has an address but no port (IP_BIND_ADDRESS_NO_PORT, or connect(AF_UNSPEC)): it can be bound again */
	if (!sends && !(facts & SRCPIN_AT_PORT) &&
	    (srcpin_bound_is(facts, SRCPIN_BOUND_REWRITE) || (facts & SRCPIN_AT_OWN)))
		return SRCPIN_DECIDED(SRCPIN_SET, SRCPIN_PINNED_CONNECT);
	if (facts & SRCPIN_AT_OWN)
		return SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_OTHER_SOURCE);
	if (facts & SRCPIN_CONNECTED)
		return SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_CONNECTED);
	return SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_BOUND);
}

static __always_inline struct srcpin_decision srcpin_decide(__u32 facts)
{
	return srcpin_hook_is(facts, SRCPIN_BIND) ? srcpin_decide_bind(facts) : srcpin_decide_send(facts);
}

#endif
