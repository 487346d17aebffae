/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The guard's decision: may this packet of a pinned service's socket leave?
 * Pure, as decide.h. It catches what the calls' hooks do not see: raw sockets,
 * ping sockets, UDP-Lite, and sockets older than the load. It judges the
 * packet alone, whatever call made it.
 */
#ifndef SRCPIN_JUDGE_H
#define SRCPIN_JUDGE_H

#include "srcpin/decide.h"

enum srcpin_packet_kind {
	SRCPIN_PACKET_STRANGE,  /* too short, or the walk through its headers does not understand it */
	SRCPIN_PACKET_TCP,      /* any segment but a first one: of an open connection, or a reply */
	SRCPIN_PACKET_TCP_OPEN, /* SYN without ACK */
	SRCPIN_PACKET_PORTS,    /* another protocol with ports where TCP has them: UDP, UDP-Lite, SCTP, DCCP */
	SRCPIN_PACKET_OTHER,
	/* neighbour discovery with hop limit 255: once a router has forwarded it, it is ignored (RFC 4861, 7.1) */
	SRCPIN_PACKET_NEIGHBOUR,
};

/* Addresses in network order, IPv4 as v4-mapped; ports in host order. */
struct srcpin_packet {
	enum srcpin_packet_kind kind;
	__u32 source[4];
	__u32 dest[4];
	__u32 port;     /* destination port, of the kinds that have one */
	__u32 protocol; /* of the transport header, as IANA numbers them; 0: not known */
	int reroute;    /* it has a source route: dest is not where it goes in the end (RFC 8754, RFC 791) */
};

struct srcpin_judged {
	const struct srcpin_packet *packet;
	const struct srcpin_rule *rule; /* of packet->dest; NULL: none */
	int at_source;                  /* packet->source is the rule's source, or one of its list */
	__u32 source_flags;             /* SRCPIN_RULE_*, of the rule for packet->source */
	int bound;                      /* the socket, TCP or UDP, is bound to packet->source */
	int usable;     /* rule->source is an address of the socket's host; 1 where that does not matter */
	int previous;   /* packet->source was a source of this service's until a moment ago */
	int translated; /* packet's addresses are not those of its socket, TCP or UDP */
	int connected;  /* of a connected UDP socket, which is at packet->source */
};

/* The facts that srcpin_judge() goes by */
#define SRCPIN_KIND 7U                  /* mask: enum srcpin_packet_kind */
#define SRCPIN_JUDGED_VERDICT (3U << 3) /* mask: enum srcpin_verdict of the destination's rule; 0: there is none */
#define SRCPIN_REROUTE (1U << 5)
#define SRCPIN_CONCERNED (1U << 6) /* the packet's port is one that the rule is for */
#define SRCPIN_FROM_SOURCE (1U << 7)
#define SRCPIN_FROM_OWN (1U << 8)
#define SRCPIN_FROM_BOUND (1U << 9) /* from where the socket is bound, and `bound = leave` */
#define SRCPIN_FROM_PREVIOUS (1U << 10)
#define SRCPIN_SOURCE_USABLE (1U << 11)
#define SRCPIN_MAY_MISS (1U << 12) /* missing = pass */
#define SRCPIN_TRANSLATED (1U << 13)
#define SRCPIN_FROM_CONNECTED (1U << 14)

#define SRCPIN_JUDGED_VERDICT_SHIFT 3

static __always_inline __u32 srcpin_judged_facts(const struct srcpin_judged *j)
{
	const struct srcpin_packet *p = j->packet;
	__u32 facts = p->kind, flags = j->source_flags, leave;

	facts |= (1 - srcpin_is_zero((__u32)p->reroute)) * SRCPIN_REROUTE;
	facts |= (flags & SRCPIN_RULE_OWN) * (SRCPIN_FROM_OWN / SRCPIN_RULE_OWN);
	facts |= (1 - srcpin_is_zero((__u32)j->previous)) * SRCPIN_FROM_PREVIOUS;
	facts |= (1 - srcpin_is_zero((__u32)j->usable)) * SRCPIN_SOURCE_USABLE;
	facts |= (1 - srcpin_is_zero((__u32)j->translated)) * SRCPIN_TRANSLATED;
	facts |= (1 - srcpin_is_zero((__u32)j->connected)) * SRCPIN_FROM_CONNECTED;
	if (!j->rule)
		return facts;
	leave = srcpin_is_zero(j->rule->bound ^ SRCPIN_BOUND_LEAVE);
	facts |= (__u32)j->rule->verdict << SRCPIN_JUDGED_VERDICT_SHIFT;
	facts |= (1 - srcpin_is_zero((__u32)j->at_source)) * SRCPIN_FROM_SOURCE;
	facts |= (leave & (1 - srcpin_is_zero((__u32)j->bound))) * SRCPIN_FROM_BOUND;
	facts |= srcpin_is_zero(j->rule->missing ^ SRCPIN_MISSING_PASS) * SRCPIN_MAY_MISS;
	/* no rule lists port 0, which stands for packets that have none */
	facts |= srcpin_port_pinned(j->rule, p->port) * SRCPIN_CONCERNED;
	return facts;
}

/* Returns SRCPIN_PASSED_* or SRCPIN_DROPPED_*. */
static __always_inline enum srcpin_reason srcpin_judge(__u32 facts)
{
	__u32 kind = facts & SRCPIN_KIND, verdict = (facts & SRCPIN_JUDGED_VERDICT) >> SRCPIN_JUDGED_VERDICT_SHIFT;

	if (kind == SRCPIN_PACKET_TCP)
		return SRCPIN_PASSED_TCP;
	if (kind == SRCPIN_PACKET_STRANGE)
		return SRCPIN_DROPPED_STRANGE;
	if (!verdict)
		return SRCPIN_DROPPED_NO_POLICY;
	if (facts & SRCPIN_REROUTE)
		return facts & SRCPIN_FROM_OWN ? SRCPIN_PASSED_SOURCE : SRCPIN_DROPPED_SOURCE;
	if (kind == SRCPIN_PACKET_NEIGHBOUR)
		return SRCPIN_PASSED_EXEMPT;
	if (verdict == SRCPIN_EXEMPT || !(facts & SRCPIN_CONCERNED))
		return SRCPIN_PASSED_EXEMPT;
	if (verdict != SRCPIN_PIN)
		return SRCPIN_DROPPED_SOURCE;
	if (facts & SRCPIN_FROM_SOURCE) {
		/* a SYN from the source is from no other address, and TCP may outlast a short absence */
		if (kind == SRCPIN_PACKET_TCP_OPEN || (facts & SRCPIN_SOURCE_USABLE))
			return SRCPIN_PASSED_SOURCE;
		return SRCPIN_DROPPED_MISSING;
	}
	if ((facts & SRCPIN_MAY_MISS) && !(facts & SRCPIN_SOURCE_USABLE))
		return SRCPIN_PASSED_MISSING;
	if (facts & SRCPIN_FROM_BOUND)
		return SRCPIN_PASSED_BOUND;
	if (facts & SRCPIN_FROM_PREVIOUS)
		return SRCPIN_PASSED_PREVIOUS;
	if (facts & SRCPIN_TRANSLATED)
		return SRCPIN_DROPPED_TRANSLATED;
	return facts & SRCPIN_FROM_CONNECTED ? SRCPIN_DROPPED_CONNECTED : SRCPIN_DROPPED_SOURCE;
}

#endif
