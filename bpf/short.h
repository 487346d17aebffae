/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The short way: what is usual is decided by a few facts. All common addresses
 * of the family are pinned to one source, whatever the port; the service lies
 * within no other; nobody watches; and the source is there. Each function
 * returns 1 if it has decided, counted and acted. Else the long way decides
 * (call.h, guard.h), which would have decided the same: both_ways.t compares
 * the two.
 */
#ifndef SRCPIN_BPF_SHORT_H
#define SRCPIN_BPF_SHORT_H

#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "srcpin/abi.h"
#include "srcpin/decide.h"
#include "address.h"
#include "count.h"
#include "maps.h"
#include "packet.h"
#include "set.h"
#include "socket.h"
#include "tell.h"

#ifndef LONG_WAY_ONLY
#define LONG_WAY_ONLY 0 /* 1: for the test that compares the two ways */
#endif

/* The rule for all common addresses of a family (0: IPv6, 1: IPv4), or NULL: the service must go the long way. */
static __always_inline const struct srcpin_rule *short_rule(const struct srcpin_service *service, __u32 family)
{
	const struct srcpin_rule *rule = &service->common[family];

	if (LONG_WAY_ONLY || (service->flags & ~SRCPIN_SERVICE_GUARD) || !(rule->flags & SRCPIN_RULE_SHORT))
		return NULL;
	return rule;
}

static __always_inline int source6_is_there(struct bpf_sock_addr *ctx, const struct srcpin_rule *rule)
{
	__u64 half[2];

	__builtin_memcpy(half, rule->source, sizeof(half));
	return host_has(ctx, bpf_be64_to_cpu(half[0]), bpf_be64_to_cpu(half[1])) == HOST_HAS;
}

/* 2000::/3; FIRST: its first four bytes, as in memory */
static __always_inline int is_global6(__u32 first)
{
	return (first & bpf_htonl(0xe0000000)) == bpf_htonl(0x20000000);
}

static __always_inline int is_global4(__u32 addr)
{
	return !srcpin_apart_ipv4(bpf_ntohl(addr));
}

static __always_inline int is_unbound6(struct bpf_sock *sk)
{
	return !(FIELD32(sk, src_ip6[0]) | FIELD32(sk, src_ip6[1]) | FIELD32(sk, src_ip6[2]) | FIELD32(sk, src_ip6[3]));
}

static __always_inline int short_connect6(struct bpf_sock_addr *ctx, struct bpf_sock *sk,
					  const struct srcpin_service *service)
{
	const struct srcpin_rule *rule = short_rule(service, 0);

	if (!rule || !is_global6(FIELD32(ctx, user_ip6[0])) || FIELD32(sk, src_port) || !is_unbound6(sk) ||
	    is_watched() || !source6_is_there(ctx, rule) || bind6_to(ctx, (const __u32 *)rule->source))
		return 0;
	count(service, SRCPIN_PINNED_CONNECT);
	return 1;
}

static __always_inline int short_connect4(struct bpf_sock_addr *ctx, struct bpf_sock *sk,
					  const struct srcpin_service *service)
{
	const struct srcpin_rule *rule = short_rule(service, 1);

	if (!rule || FIELD32(sk, family) != AF_INET || !is_global4(FIELD32(ctx, user_ip4)) || FIELD32(sk, src_port) ||
	    FIELD32(sk, src_ip4) || is_watched() || bind4_to(ctx, (const __u32 *)rule->source))
		return 0;
	count(service, SRCPIN_PINNED_CONNECT);
	return 1;
}

static __always_inline int short_sendmsg6(struct bpf_sock_addr *ctx, struct bpf_sock *sk,
					  const struct srcpin_service *service)
{
	const struct srcpin_rule *rule = short_rule(service, 0);

	if (!rule || FIELD32(ctx, user_family) != AF_INET6 || !is_global6(FIELD32(ctx, user_ip6[0])) ||
	    !is_unbound6(sk) || is_watched() || !source6_is_there(ctx, rule))
		return 0;
	send6_from(ctx, (const __u32 *)rule->source);
	count(service, SRCPIN_PINNED_DATAGRAM);
	return 1;
}

static __always_inline int short_sendmsg4(struct bpf_sock_addr *ctx, struct bpf_sock *sk,
					  const struct srcpin_service *service)
{
	const struct srcpin_rule *rule = short_rule(service, 1);

	if (!rule || FIELD32(ctx, user_family) != AF_INET || FIELD32(sk, family) != AF_INET ||
	    !is_global4(FIELD32(ctx, user_ip4)) || FIELD32(sk, src_ip4) || is_watched())
		return 0;
	send4_from(ctx, (const __u32 *)rule->source);
	count(service, SRCPIN_PINNED_DATAGRAM);
	return 1;
}

/* A bind to the source: it needs nothing. */
static __always_inline int short_bind6(struct bpf_sock_addr *ctx, struct bpf_sock *sk,
				       const struct srcpin_service *service)
{
	const struct srcpin_rule *rule = short_rule(service, 0);
	__u32 source[4];

	(void)sk;
	if (!rule || is_watched())
		return 0;
	__builtin_memcpy(source, rule->source, sizeof(source));
	if ((source[0] ^ FIELD32(ctx, user_ip6[0])) | (source[1] ^ FIELD32(ctx, user_ip6[1])) |
	    (source[2] ^ FIELD32(ctx, user_ip6[2])) | (source[3] ^ FIELD32(ctx, user_ip6[3])))
		return 0;
	count(service, SRCPIN_EXEMPT_BIND);
	return 1;
}

static __always_inline int short_bind4(struct bpf_sock_addr *ctx, struct bpf_sock *sk,
				       const struct srcpin_service *service)
{
	const struct srcpin_rule *rule = short_rule(service, 1);
	const __u32 *source;

	(void)sk;
	if (!rule || is_watched())
		return 0;
	source = (const __u32 *)rule->source;
	if (source[3] != FIELD32(ctx, user_ip4))
		return 0;
	count(service, SRCPIN_EXEMPT_BIND);
	return 1;
}

/* UDP or TCP, up to the ports, without extension headers or options */
struct start6 {
	struct ipv6_header ip;
	__u32 ports;
};

struct start4 {
	struct ipv4_header ip;
	__u32 ports;
};

/* Is it a SYN without ACK? The TCP header is at OFFSET. */
static __always_inline int is_first(struct __sk_buff *skb, __u32 offset)
{
	__u8 flags = 0;

	bpf_skb_load_bytes(skb, offset + __builtin_offsetof(struct tcp_start, flags), &flags, sizeof(flags));
	return (flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static __always_inline int short_packet6(struct __sk_buff *skb, const struct srcpin_service *service, __u32 protocol)
{
	const struct srcpin_rule *rule = short_rule(service, 0);
	__u64 source[2], half[2];
	struct start6 start;

	if (!rule || bpf_skb_load_bytes(skb, 0, &start, sizeof(start)))
		return 0;
	address_halves(start.ip.source, source);
	__builtin_memcpy(half, rule->source, sizeof(half));
	if ((source[0] ^ half[0]) | (source[1] ^ half[1]))
		return 0;
	if (start.ip.version_class >> 4 != 6 || start.ip.next != protocol || !is_global6(start.ip.dest[0]))
		return 0;
	if (protocol == IPPROTO_TCP)
		return is_first(skb, sizeof(start.ip));
	return host_of_packet_has(skb, bpf_be64_to_cpu(half[0]), bpf_be64_to_cpu(half[1])) == HOST_HAS;
}

static __always_inline int short_packet4(struct __sk_buff *skb, const struct srcpin_service *service, __u32 protocol)
{
	const struct srcpin_rule *rule = short_rule(service, 1);
	struct start4 start;

	if (!rule || bpf_skb_load_bytes(skb, 0, &start, sizeof(start)))
		return 0;
	if (start.ip.version_length != 0x45 || start.ip.protocol != protocol ||
	    (start.ip.fragment & bpf_htons(0x1fff)) || start.ip.source != ((const __u32 *)rule->source)[3] ||
	    !is_global4(start.ip.dest))
		return 0;
	return protocol == IPPROTO_UDP || is_first(skb, sizeof(start.ip));
}

/* The transport protocol of a socket that may take the short way: UDP, or TCP that opens a connection. Else 0. */
static __always_inline __u32 short_protocol(struct bpf_sock *sk)
{
	__u32 type, protocol;

	if (!sk)
		return 0;
	type = FIELD32(sk, type);
	protocol = FIELD32(sk, protocol);
	if (type == SOCK_DGRAM)
		return protocol == IPPROTO_UDP ? IPPROTO_UDP : 0;
	return type == SOCK_STREAM && protocol == IPPROTO_TCP && FIELD32(sk, state) == TCP_SYN_SENT ? IPPROTO_TCP : 0;
}

/* A datagram of UDP, or a SYN, from the source. SK: a full socket, or NULL */
static __always_inline int short_packet(struct __sk_buff *skb, struct bpf_sock *sk,
					const struct srcpin_service *service)
{
	__u32 family = FIELD32(skb, protocol), protocol;

	protocol = short_protocol(sk);
	if (!protocol || service->flags != SRCPIN_SERVICE_GUARD)
		return 0;
	if (family == bpf_htons(ETH_P_IPV6) ? !short_packet6(skb, service, protocol)
					    : family != bpf_htons(ETH_P_IP) || !short_packet4(skb, service, protocol))
		return 0;
	count(service, SRCPIN_PASSED_SOURCE);
	return 1;
}

#endif
