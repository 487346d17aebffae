/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tells the sender that the guard has dropped its packet, where the kernel
 * does not. send(2) fails with EPERM. But connect(2) of TCP times out only
 * after two minutes, and a ping socket of IPv6 waits in vain. Where the kernel
 * has bpf_icmp_send(), these get the ICMP error "administratively prohibited".
 * It ends a connect when the kernel sends the SYN again, a second later: at
 * the first SYN, connect still holds the socket (tcp_v6_err, tcp_v4_err).
 */
#ifndef SRCPIN_BPF_ANSWER_H
#define SRCPIN_BPF_ANSWER_H

#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "packet.h"
#include "socket.h"

#ifdef HAS_ICMP_SEND

/* RFC 4443, 3.1: the sender gets EACCES; RFC 1812, 5.2.7.1: EHOSTUNREACH */
#define ICMPV6_DEST_UNREACH 1
#define ICMPV6_ADM_PROHIBITED 1
#define ICMP_DEST_UNREACH 3
#define ICMP_PKT_FILTERED 13

extern int bpf_icmp_send(struct __sk_buff *skb, int type, int code) __ksym __weak;

/* Global: see decide(). */
__attribute__((noinline)) int answer(struct __sk_buff *skb)
{
	if (!bpf_icmp_send)
		return 0;
	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		return bpf_icmp_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADM_PROHIBITED);
	return bpf_icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PKT_FILTERED);
}

/* Does the kernel tell the sender? It does not for a corked datagram either, but that looks like any other. */
static __always_inline int is_told(struct bpf_sock *sk)
{
	__u32 type = sk->type, protocol = sk->protocol, state = sk->state;

	barrier(); /* else clang loads through a pointer to either field, which the verifier forbids */
	if (type == SOCK_STREAM)
		return protocol != IPPROTO_TCP || state != TCP_SYN_SENT;
	return type != SOCK_DGRAM || protocol != IPPROTO_ICMPV6;
}

/* SK: a full socket, or NULL */
static __always_inline void tell_sender(struct __sk_buff *skb, struct bpf_sock *sk)
{
	if (sk && !is_told(sk))
		answer(skb);
}

#else

static __always_inline void tell_sender(struct __sk_buff *skb, struct bpf_sock *sk)
{
	(void)skb, (void)sk;
}

#endif

#endif
