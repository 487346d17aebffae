/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The socket's own end, as a 16-byte address: IPv4 as v4-mapped. */
#ifndef SRCPIN_BPF_SOCKET_H
#define SRCPIN_BPF_SOCKET_H

#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define IPV4_BITS 96 /* ::ffff:0:0/96 */
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define AF_INET 2
#define AF_INET6 10
#define TCP_SYN_SENT 2
#define TCP_ESTABLISHED 1 /* of a datagram socket: connected */

/*
 * A field of the context, or of a socket, with its offset in the instruction.
 * The verifier forbids to go by a pointer to the field, as clang may do where
 * two ways read the same.
 */
#define FIELD32(p, field)                                                                     \
	({                                                                                    \
		__u64 field_;                                                                 \
		__asm__ volatile("%0 = *(u32 *)(%1 + %2)"                                     \
				 : "=r"(field_)                                               \
				 : "r"(p), "i"(__builtin_offsetof(__typeof__(*(p)), field))); \
		(__u32) field_;                                                               \
	})

/* In two halves, as in memory */
static __always_inline void address_halves(const __u32 address[4], __u64 ret[2])
{
	__builtin_memcpy(ret, address, 2 * sizeof(*ret));
}

static __always_inline void set_mapped(__u32 to[4], __u32 ipv4)
{
	to[0] = 0;
	to[1] = 0;
	to[2] = bpf_htonl(0xffff);
	to[3] = ipv4;
}

static __always_inline void local_ipv6(__u32 to[4], struct bpf_sock *sk)
{
	to[0] = sk->src_ip6[0];
	to[1] = sk->src_ip6[1];
	to[2] = sk->src_ip6[2];
	to[3] = sk->src_ip6[3];
}

static __always_inline void local_address(__u32 to[4], struct bpf_sock *sk)
{
	if (sk->family == AF_INET6) {
		local_ipv6(to, sk);
		barrier(); /* else clang loads through a pointer to either field, which the verifier forbids */
	} else {
		set_mapped(to, sk->src_ip4);
	}
}

/* The address that the socket is connected to; :: or 0.0.0.0 if it is not */
static __always_inline void remote_address(__u32 to[4], struct bpf_sock *sk)
{
	if (sk->family == AF_INET6) {
		to[0] = sk->dst_ip6[0];
		to[1] = sk->dst_ip6[1];
		to[2] = sk->dst_ip6[2];
		to[3] = sk->dst_ip6[3];
		barrier(); /* as in local_address() */
	} else {
		set_mapped(to, sk->dst_ip4);
	}
}

#endif
