/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The guard: judges each packet that a socket of the service is about to send (srcpin/judge.h). */
#ifndef SRCPIN_BPF_GUARD_H
#define SRCPIN_BPF_GUARD_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "srcpin/judge.h"
#include "address.h"
#include "answer.h"
#include "count.h"
#include "maps.h"
#include "nested.h"
#include "packet.h"
#include "refusal.h"
#include "rule.h"
#include "socket.h"
#include "tell.h"

/* Is it a socket of which each call comes by a hook? (UDP-Lite's connect does not, and no call of a raw socket.) */
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
 * Can it be that the socket was given its address by a connect that was let go? A datagram socket that is not connected
 * was not: its calls are decided one by one.
 */
static __always_inline int is_under_way(struct bpf_sock *sk)
{
	return sk->type == SOCK_STREAM || sk->state == TCP_ESTABLISHED;
}

/* What is left of the time, while a datagram may be on its way whose call was decided just before */
#define JUST_REPLACED ((SRCPIN_PREVIOUS_SECONDS - 1) * 1000000000ULL)

/*
 * The policy may have been replaced between a socket's connect and its first packet. LEFT: nanoseconds that are to be
 * left of the time for it. Global: see decide(); HI and LO are the halves of the packet's source, as they are in
 * memory.
 */
__attribute__((noinline)) int was_source(__u64 hi, __u64 lo, __u64 left)
{
	const struct srcpin_service *service = current_service();
	const __u64 source[2] = { hi, lo };
	__u64 now = bpf_ktime_get_ns();
	__u32 found = 0;
	int i;

	for (i = 0; i < SRCPIN_N_PREVIOUS; i++) {
		const struct srcpin_previous *previous = &service->previous[i];

		/* both are times since the boot: the difference's sign is the order */
		found |= srcpin_same_address(previous->source, (const __u32 *)source) &
			 (__u32)((now + left - previous->until) >> 63);
	}
	return (int)found;
}

/* UNKNOWN: what is said where it cannot be known (IPv4, raw sockets) */
static __always_inline int packet_usable(struct __sk_buff *skb, const struct srcpin_rule *rule, int unknown)
{
	__u64 half[2];
	int has;

	__builtin_memcpy(half, rule->source, sizeof(half));
	has = host_of_packet_has(skb, bpf_be64_to_cpu(half[0]), bpf_be64_to_cpu(half[1]));
	return has == HOST_UNKNOWN ? unknown : has == HOST_HAS;
}

/* Global: see decide(). */
__attribute__((noinline)) int judge(__u32 facts)
{
	return (int)srcpin_judge(facts);
}

/* LINE: of the rule */
static __always_inline enum srcpin_reason judge_packet(struct __sk_buff *skb, struct bpf_sock *sk,
						       const struct srcpin_service *service,
						       struct srcpin_packet *packet, __u32 *line)
{
	struct srcpin_judged j = { .packet = packet, .usable = 1 };
	const struct srcpin_rule *family;
	struct srcpin_rule rule;
	__u32 at_source;
	int within, under_way;
	__u64 half[2];

	within = decided_within(service, sk);
	if (within)
		return within < 0 ? SRCPIN_DROPPED_NO_POLICY : SRCPIN_PASSED_NESTED;
	if (!(service->flags & SRCPIN_SERVICE_GUARD))
		return SRCPIN_PASSED_EXEMPT;
	/* its calls are counted, and would have made another packet of it */
	if ((service->flags & SRCPIN_SERVICE_OBSERVE) && has_hooks(sk))
		return SRCPIN_PASSED_EXEMPT;
	/* put into another on its way (IPsec): what it was, its calls have decided */
	if (has_hooks(sk) && packet->protocol && packet->protocol != sk->protocol)
		return SRCPIN_PASSED_EXEMPT;
	if (packet->kind == SRCPIN_PACKET_STRANGE)
		return SRCPIN_DROPPED_STRANGE;
	if (!find_rule(service, packet->dest, &rule))
		return SRCPIN_DROPPED_NO_POLICY;
	j.rule = &rule;
	*line = rule.line;
	if (packet->reroute) {
		j.source_rule = lookup(service, packet->source, 128);
		family = lookup(service, packet->dest, srcpin_is_mapped(packet->dest) * IPV4_BITS);
		if (family && family->verdict == SRCPIN_EXEMPT && !(family->flags & SRCPIN_RULE_EXCEPT))
			packet->reroute = 0; /* wherever it goes */
	}
	if (rule.verdict == SRCPIN_PIN) {
		at_source = srcpin_same_address(rule.source, packet->source);
		/* what cannot be known lets it go, either way: the source is there, or missing = pass applies */
		if (at_source ? packet->kind != SRCPIN_PACKET_TCP_OPEN : rule.missing == SRCPIN_MISSING_PASS)
			j.usable = packet_usable(skb, &rule, (int)at_source);
		if (!at_source) {
			__builtin_memcpy(half, packet->source, sizeof(half));
			j.bound = socket_is_at(sk, packet->source);
			under_way = is_under_way(sk);
			/* of a raw or ping socket nothing was decided; what is at another address was not given this
			 * one */
			if (has_hooks(sk) && (j.bound || !under_way))
				j.previous = was_source(half[0], half[1], under_way ? 0 : JUST_REPLACED);
		}
	}
	return judge(srcpin_judged_facts(&j));
}

/*
 * A TCP socket makes its packets itself, and in no other state one that opens
 * a connection: no need to look at them, and so bulk data pass quickly.
 */
static __always_inline int is_open(struct bpf_sock *sk)
{
	return sk->type == SOCK_STREAM && sk->protocol == IPPROTO_TCP && sk->state != TCP_SYN_SENT;
}

/* SK: full, or NULL. PACKET is all zero before, and after where it was not looked at. */
static __always_inline enum srcpin_reason judge_skb(struct __sk_buff *skb, struct bpf_sock *sk,
						    const struct srcpin_service *service, struct srcpin_packet *packet,
						    __u32 *line)
{
	if (!sk)
		return SRCPIN_DROPPED_STRANGE; /* none such comes here */
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

/* Global: see decide(). A packet that was dropped, or would be with `mode = observe`. TO: protocol << 16 | port */
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
	if (is_idle(service, sk))
		return 1;
	reason = merge(judge_skb(skb, sk, service, &packet, &line));
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
