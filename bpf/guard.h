/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The guard: judges each packet that a socket of the service is about to send (srcpin/judge.h). */
#ifndef SRCPIN_BPF_GUARD_H
#define SRCPIN_BPF_GUARD_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "srcpin/judge.h"
#include "srcpin/loop.h"
#include "address.h"
#include "answer.h"
#include "choose.h"
#include "count.h"
#include "maps.h"
#include "nested.h"
#include "packet.h"
#include "refusal.h"
#include "rule.h"
#include "short.h"
#include "socket.h"
#include "tell.h"

/* Does each call of the socket come by a hook? (UDP-Lite's connect does not, nor does any call of a raw socket.) */
static __always_inline int has_hooks(struct bpf_sock *sk)
{
	return sk->type != SOCK_RAW && (sk->protocol == IPPROTO_TCP || sk->protocol == IPPROTO_UDP);
}

/* Is the socket bound, or connected, to the packet's source? */
static __always_inline int socket_is_at(struct bpf_sock *sk, const __u32 source[4])
{
	__u32 local[4];

	if (!has_hooks(sk))
		return 0;
	local_address(local, sk);
	return (int)srcpin_same_address((const __u8 *)local, source);
}

/*
 * Can the socket have got its address from a connect that was let go? A
 * datagram socket that is not connected cannot: its calls are decided one by
 * one.
 */
static __always_inline int is_under_way(struct bpf_sock *sk)
{
	return sk->type == SOCK_STREAM || sk->state == TCP_ESTABLISHED;
}

#define TRANSLATED 1 /* the packet's addresses are others than its socket's */
#define UNBOUND 2    /* the socket has none, so each of its datagrams was decided by itself */

/*
 * The guard runs after POSTROUTING, so it sees what NAT has made of a packet.
 * A connected UDP socket that sends with IPV6_PKTINFO looks the same. Global:
 * for a stack of its own. The packet's addresses are in halves, as in memory.
 */
__attribute__((noinline)) int how_translated(struct __sk_buff *skb, __u64 source_hi, __u64 source_lo, __u64 dest_hi,
					     __u64 dest_lo)
{
	const __u64 source[2] = { source_hi, source_lo }, dest[2] = { dest_hi, dest_lo };
	struct bpf_sock *sk = skb->sk;
	__u32 local[4], remote[4];

	sk = sk ? bpf_sk_fullsock(sk) : NULL;
	if (!sk || !has_hooks(sk))
		return 0;
	local_address(local, sk);
	remote_address(remote, sk);
	if (srcpin_differs(local, (const __u32 *)source))
		return TRANSLATED;
	if (sk->type == SOCK_STREAM && srcpin_differs(remote, (const __u32 *)dest)) /* a datagram may go elsewhere */
		return TRANSLATED;
	return srcpin_is_any(local) && !is_under_way(sk) ? UNBOUND : 0;
}

static __always_inline int packet_is(struct __sk_buff *skb, const struct srcpin_packet *packet, int what)
{
	__u64 source[2], dest[2];

	address_halves(packet->source, source);
	address_halves(packet->dest, dest);
	return how_translated(skb, source[0], source[1], dest[0], dest[1]) & what;
}

/*
 * In the first second after a replacement, more than this is left. A datagram
 * may be on its way whose call was decided just before.
 */
#define JUST_REPLACED ((SRCPIN_PREVIOUS_SECONDS - 1) * 1000000000ULL)

/* A look through what a service remembers of replaced policies */
struct memory {
	const struct srcpin_service *service;
	__u64 source[2], until;
	__u32 found;
};

static long recall(__u32 i, struct memory *m)
{
	const struct srcpin_previous *previous;

	if (i >= SRCPIN_N_PREVIOUS)
		return 1;
	previous = &m->service->previous[i];
	/* both count from the boot: the sign of the difference is the order */
	m->found |= srcpin_source_has(&previous->source, m->source) & (__u32)((m->until - previous->until) >> 63);
	return 0;
}

/*
 * Was this a source of a replaced policy? The policy may be replaced between a
 * socket's connect and its first packet. LEFT: nanoseconds that must be left
 * until the source is forgotten. Global: see decide(). HI and LO are the
 * halves of the packet's source, as in memory.
 */
__attribute__((noinline)) int was_source(__u64 hi, __u64 lo, __u64 left)
{
	struct memory m = { .service = current_service(), .source = { hi, lo }, .until = bpf_ktime_get_ns() + left };

	LOOP(SRCPIN_N_PREVIOUS, recall, &m);
	return (int)m.found;
}

/* UNKNOWN: the answer where it cannot be known (IPv4, raw sockets). HI and LO: as in memory */
static __always_inline int packet_usable(struct __sk_buff *skb, __u64 hi, __u64 lo, int unknown)
{
	int has = host_of_packet_has(skb, bpf_be64_to_cpu(hi), bpf_be64_to_cpu(lo));

	return has == HOST_UNKNOWN ? unknown : has == HOST_HAS;
}

static __always_inline int rule_usable(struct __sk_buff *skb, const struct srcpin_rule *rule)
{
	__u64 half[2];

	__builtin_memcpy(half, rule->source, sizeof(half));
	return packet_usable(skb, half[0], half[1], 0);
}

/* Global: see decide(). */
__attribute__((noinline)) int judge(__u32 facts)
{
	return (int)srcpin_judge(facts);
}

/* Is all of an address's family exempt? Global: see decide(); so it has its own place on the stack, too. */
__attribute__((noinline)) int family_is_exempt(__u64 hi, __u64 lo)
{
	const struct srcpin_service *service = current_service();
	const __u64 half[2] = { hi, lo };
	const struct srcpin_rule *family;
	__u32 addr[4];

	__builtin_memcpy(addr, half, sizeof(addr));
	family = lookup(&service, addr, srcpin_is_mapped(addr) * IPV4_BITS);
	return family && family->verdict == SRCPIN_EXEMPT && !(family->flags & SRCPIN_RULE_EXCEPT);
}

/* LINE: set to the rule's line */
static __always_inline enum srcpin_reason judge_packet(struct __sk_buff *skb, struct bpf_sock *sk,
						       const struct srcpin_service **current,
						       struct srcpin_packet *packet, __u32 *line)
{
	const struct srcpin_service *service = *current;
	struct srcpin_judged j = { .packet = packet, .usable = 1 };
	struct srcpin_rule rule;
	int within, under_way;
	__u64 half[2];

	within = decided_within(service, sk);
	if (within)
		return within < 0 ? SRCPIN_DROPPED_NO_POLICY : SRCPIN_PASSED_NESTED;
	if (!(service->flags & SRCPIN_SERVICE_GUARD))
		return SRCPIN_PASSED_EXEMPT;
	/* wrapped on its way (IPsec): its calls have decided about what is inside */
	if (has_hooks(sk) && packet->protocol && packet->protocol != sk->protocol)
		return SRCPIN_PASSED_EXEMPT;
	if (packet->kind == SRCPIN_PACKET_STRANGE)
		return SRCPIN_DROPPED_STRANGE;
	if (!find_rule(current, packet->dest, &rule))
		return SRCPIN_DROPPED_NO_POLICY;
	service = *current;
	j.rule = &rule;
	*line = rule.line;
	/* its calls are counted; if they were enforced, this would be another packet, but NAT would rewrite that too */
	if ((service->flags & SRCPIN_SERVICE_OBSERVE) && has_hooks(sk))
		return rule.verdict == SRCPIN_PIN && srcpin_port_pinned(&rule, packet->port) &&
				       packet_is(skb, packet, TRANSLATED)
			       ? SRCPIN_DROPPED_TRANSLATED
			       : SRCPIN_PASSED_EXEMPT;
	if (packet->reroute) {
		address_halves(packet->source, half);
		j.source_flags = (__u32)flags_at(half[0], half[1]);
		address_halves(packet->dest, half);
		if (family_is_exempt(half[0], half[1]))
			packet->reroute = 0; /* it may go anywhere */
	}
	if (rule.verdict == SRCPIN_PIN) {
		address_halves(packet->source, half);
		j.at_source = has_list(&rule) ? list_has(list_of(service, &rule), half[0], half[1])
					      : (int)srcpin_same_address(rule.source, packet->source);
		/* if it cannot be known, the packet may go: the source is there, or missing = pass applies */
		if (j.at_source ? packet->kind != SRCPIN_PACKET_TCP_OPEN : rule.missing == SRCPIN_MISSING_PASS)
			j.usable = j.at_source       ? packet_usable(skb, half[0], half[1], 1)
				   : has_list(&rule) ? any_is_usable(skb, list_of(service, &rule))
						     : rule_usable(skb, &rule);
		if (!j.at_source) {
			j.bound = socket_is_at(sk, packet->source);
			under_way = is_under_way(sk);
			j.connected = j.bound & (int)srcpin_is_zero(sk->type ^ SOCK_DGRAM) & under_way;
			/*
			 * nothing was decided for a raw or ping socket; and a connected socket at another address
			 * was not given this one
			 */
			if (has_hooks(sk) && (j.bound || !under_way))
				j.previous = was_source(half[0], half[1], under_way ? 0 : JUST_REPLACED);
			j.translated = packet_is(skb, packet, TRANSLATED | UNBOUND);
		}
	}
	return judge(srcpin_judged_facts(&j));
}

/*
 * A TCP socket makes its packets itself. Only in TCP_SYN_SENT does it make one
 * that opens a connection. The others need no look, so bulk data pass quickly.
 */
static __always_inline int is_open(struct bpf_sock *sk)
{
	return sk->type == SOCK_STREAM && sk->protocol == IPPROTO_TCP && sk->state != TCP_SYN_SENT;
}

/* SK: a full socket, or NULL. PACKET is all zero before, and stays so if it was not looked at. */
static __always_inline enum srcpin_reason judge_skb(struct __sk_buff *skb, struct bpf_sock *sk,
						    const struct srcpin_service **service, struct srcpin_packet *packet,
						    __u32 *line)
{
	if (!sk)
		return SRCPIN_DROPPED_STRANGE; /* no such packet comes here */
	if (is_open(sk))
		return SRCPIN_PASSED_TCP;
	read_packet(skb, packet);
	if (packet->kind == SRCPIN_PACKET_TCP)
		return SRCPIN_PASSED_TCP;
	return judge_packet(skb, sk, service, packet, line);
}

/* The packet's source, read again */
static __always_inline void packet_source(struct __sk_buff *skb, __u32 ret[4])
{
	__u32 ipv4 = 0;

	if (skb->protocol == bpf_htons(ETH_P_IPV6)) {
		bpf_skb_load_bytes(skb, __builtin_offsetof(struct ipv6_header, source), ret, 16);
	} else if (!bpf_skb_load_bytes(skb, __builtin_offsetof(struct ipv4_header, source), &ipv4, sizeof(ipv4))) {
		set_mapped(ret, ipv4);
	}
}

/*
 * For a packet that was dropped, or would be but for `mode = observe`. TO:
 * protocol << 16 | port. Global: see decide().
 */
__attribute__((noinline)) int tell_packet(struct __sk_buff *skb, __u64 told, __u64 dest_hi, __u64 dest_lo, __u32 to)
{
	__u64 dest[2] = { dest_hi, dest_lo };
	struct srcpin_event e = { 0 };

	begin_event(&e, told);
	packet_source(skb, e.ends.local);
	__builtin_memcpy(e.ends.dest, dest, sizeof(e.ends.dest));
	e.ends.port = to & 0xffff;
	e.protocol = to >> 16;
	fill_sender(skb, &e.pid, e.comm);
	emit(skb, &e);
	return 0;
}

/* Returns what the hook returns: 1 to go on, 0 to drop. */
static __always_inline int on_packet(struct __sk_buff *skb)
{
	const struct srcpin_service *service = current_service();
	struct srcpin_packet packet = { 0 };
	struct bpf_sock *sk = skb->sk;
	enum srcpin_reason reason;
	__u64 dest[2];
	__u32 line = 0;

	sk = sk ? bpf_sk_fullsock(sk) : NULL;
	if (short_packet(skb, sk, service) || is_idle(service, sk))
		return 1;
	reason = merge(judge_skb(skb, sk, &service, &packet, &line));
	if (reason >= SRCPIN_DROPPED_SOURCE && is_idle(current_service(), sk))
		return 1; /* the policy was taken out meanwhile */
	count(service, reason);
	if (reason < SRCPIN_DROPPED_SOURCE)
		return 1;
	address_halves(packet.dest, dest);
	if (is_watched())
		tell_packet(skb, TOLD(SRCPIN_PACKET, SRCPIN_DECIDED(SRCPIN_REFUSE, reason), line), dest[0], dest[1],
			    packet.protocol << 16 | packet.port);
	if (service->flags & SRCPIN_SERVICE_OBSERVE)
		return 1;
	remember_packet(skb, dest[0], dest[1], REFUSED(SRCPIN_PACKET, packet.port, reason));
	tell_sender(skb, sk);
	return 0;
}

#endif
