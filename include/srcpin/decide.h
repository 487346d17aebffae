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

enum srcpin_hook {
	SRCPIN_CONNECT,
	SRCPIN_BIND,
	SRCPIN_SENDMSG, /* sendto(2), sendmsg(2) with a destination of their own */
};

/* What is asked, by a socket in which state. Addresses in network order, ports in host order. */
struct srcpin_call {
	const struct srcpin_rule *rule;       /* of the destination; bind: the default pin; NULL: none */
	const struct srcpin_rule *local_rule; /* of the address in local; NULL where that is :: */
	enum srcpin_hook hook;
	__u32 local[4];   /* what the socket is bound to; bind: what is asked for */
	__u32 local_port; /* likewise; 0: none yet */
	__u32 dest[4];    /* unused for bind */
	__u32 port;       /* destination port */
	int stream;       /* a SOCK_STREAM socket */
	int usable;       /* rule->source is an address of the socket's host */
	int programs;     /* local is what the program bound, not what the kernel chose; asked for bound = leave only */
};

enum srcpin_action {
	SRCPIN_LEAVE,  /* let the call go as it is */
	SRCPIN_SET,    /* make the source rule->source, then let it go */
	SRCPIN_FREE,   /* take an earlier pin off the socket: bind it to :: */
	SRCPIN_REFUSE, /* fail it */
};

struct srcpin_decision {
	enum srcpin_action action;
	enum srcpin_reason reason;
};

#define SRCPIN_DECIDED(action, reason) ((struct srcpin_decision){ action, reason })

static __always_inline int srcpin_is_any(const __u32 a[4])
{
	return !(a[0] | a[1] | a[2] | a[3]);
}

/* ::ffff:0:0/96, RFC 4291, 2.5.5.2 */
static __always_inline int srcpin_is_mapped(const __u32 a[4])
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return !(a[0] | a[1]) && a[2] == 0xffff0000U;
#else
	return !(a[0] | a[1]) && a[2] == 0x0000ffffU;
#endif
}

static __always_inline int srcpin_at_source(const struct srcpin_rule *rule, const __u32 a[4])
{
	__u32 s[4];

	__builtin_memcpy(s, rule->source, sizeof(s));
	return !((a[0] ^ s[0]) | (a[1] ^ s[1]) | (a[2] ^ s[2]) | (a[3] ^ s[3]));
}

static __always_inline int srcpin_at_own_address(const struct srcpin_call *call)
{
	return call->local_rule && (call->local_rule->flags & SRCPIN_RULE_OWN);
}

static __always_inline int srcpin_port_pinned(const struct srcpin_rule *rule, __u32 port)
{
	__u32 i;

	if (!rule->n_ports)
		return 1;
	for (i = 0; i < SRCPIN_MAX_PORTS; i++)
		if (i < rule->n_ports && rule->ports[i] == port)
			return 1;
	return 0;
}

/* The pin cannot be kept, because the source is not an address of this host. */
static __always_inline struct srcpin_decision srcpin_decide_missing(const struct srcpin_rule *rule)
{
	if (rule->missing == SRCPIN_MISSING_PASS)
		return SRCPIN_DECIDED(SRCPIN_LEAVE, SRCPIN_EXEMPT_MISSING);
	return SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_MISSING);
}

/*
 * bind(2) comes before the destination is known, so only what cannot be put
 * right later is rewritten: a socket without a port of its own choosing, which
 * after bind has one and can never be bound again (EINVAL in __inet6_bind).
 *
 * A datagram socket on :: is left alone: sendmsg pins each datagram of it, and
 * a rewrite would make it IPv6-only, which would take IPv4 from it. The price
 * is that it cannot connect to a pinned destination (SRCPIN_DENIED_WILDCARD).
 */
static __always_inline struct srcpin_decision srcpin_decide_bind(const struct srcpin_call *call)
{
	const struct srcpin_rule *rule = call->rule;

	if (!rule || rule->verdict != SRCPIN_PIN || rule->bound != SRCPIN_BOUND_REWRITE || call->local_port)
		return SRCPIN_DECIDED(SRCPIN_LEAVE, SRCPIN_EXEMPT_BIND);
	if (srcpin_is_any(call->local) && !call->stream)
		return SRCPIN_DECIDED(SRCPIN_LEAVE, SRCPIN_EXEMPT_BIND);
	if (call->local_rule && (call->local_rule->flags & (SRCPIN_RULE_LOCAL | SRCPIN_RULE_OWN)))
		return SRCPIN_DECIDED(SRCPIN_LEAVE, SRCPIN_EXEMPT_BIND);
	if (!call->usable)
		return srcpin_decide_missing(rule);
	return SRCPIN_DECIDED(SRCPIN_SET, SRCPIN_PINNED_BIND);
}

/*
 * An exempt destination. A datagram socket keeps the address of an earlier
 * pin over connect(AF_UNSPEC), and would go on from there: glibc's
 * getaddrinfo, which tries one destination after the other on one socket,
 * would then sort them by sources that nobody will use.
 */
static __always_inline struct srcpin_decision srcpin_decide_exempt(const struct srcpin_call *call,
								   enum srcpin_reason reason)
{
	/* only with `rewrite`: freed, it looks like a socket that the program bound, and may have to be pinned again */
	if (call->hook == SRCPIN_CONNECT && !call->stream && !call->local_port && srcpin_at_own_address(call) &&
	    call->rule->bound == SRCPIN_BOUND_REWRITE)
		return SRCPIN_DECIDED(SRCPIN_FREE, reason);
	return SRCPIN_DECIDED(SRCPIN_LEAVE, reason);
}

static __always_inline struct srcpin_decision srcpin_decide_send(const struct srcpin_call *call)
{
	const struct srcpin_rule *rule = call->rule;

	if (!rule)
		return SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_NO_POLICY);
	/*
	 * A pin made the socket IPv6-only (__inet6_bind), so IPv4 would fail
	 * with ENETUNREACH; EAFNOSUPPORT makes glibc's getaddrinfo, which tries
	 * all addresses on one socket, go on with a fresh one.
	 */
	if (srcpin_is_mapped(call->dest) && srcpin_at_own_address(call))
		return SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_FAMILY);
	if (rule->verdict == SRCPIN_EXEMPT)
		return srcpin_decide_exempt(call, SRCPIN_EXEMPT_RULE);
	if (!srcpin_port_pinned(rule, call->port))
		return srcpin_decide_exempt(call, SRCPIN_EXEMPT_PORT);

	if (srcpin_is_any(call->local)) {
		if (!call->usable)
			return srcpin_decide_missing(rule);
		if (call->hook == SRCPIN_SENDMSG)
			return SRCPIN_DECIDED(SRCPIN_SET, SRCPIN_PINNED_DATAGRAM);
		if (call->local_port)
			return SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_WILDCARD);
		return SRCPIN_DECIDED(SRCPIN_SET, SRCPIN_PINNED_CONNECT);
	}
	if (srcpin_at_source(rule, call->local)) {
		/* with `pass` too: it would not go unpinned, but from an address that is gone */
		if (!call->usable)
			return SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_MISSING);
		if (call->hook == SRCPIN_SENDMSG) /* overrides IPV6_PKTINFO */
			return SRCPIN_DECIDED(SRCPIN_SET, SRCPIN_PINNED_DATAGRAM);
		return SRCPIN_DECIDED(SRCPIN_LEAVE, SRCPIN_PINNED_ALREADY);
	}
	if (rule->bound == SRCPIN_BOUND_LEAVE && call->programs && !srcpin_at_own_address(call))
		return SRCPIN_DECIDED(SRCPIN_LEAVE, SRCPIN_EXEMPT_BOUND);
	if (!call->usable)
		return srcpin_decide_missing(rule);
	/* bound with IP_BIND_ADDRESS_NO_PORT, or left so by connect(AF_UNSPEC): can be bound again */
	if (call->hook == SRCPIN_CONNECT && !call->local_port &&
	    (rule->bound == SRCPIN_BOUND_REWRITE || srcpin_at_own_address(call)))
		return SRCPIN_DECIDED(SRCPIN_SET, SRCPIN_PINNED_CONNECT);
	if (srcpin_at_own_address(call))
		return SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_OTHER_SOURCE);
	return SRCPIN_DECIDED(SRCPIN_REFUSE, SRCPIN_DENIED_BOUND);
}

static __always_inline struct srcpin_decision srcpin_decide(const struct srcpin_call *call)
{
	return call->hook == SRCPIN_BIND ? srcpin_decide_bind(call) : srcpin_decide_send(call);
}

#endif
