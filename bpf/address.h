/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Is an IPv6 address one of this host's own, right now?
 *
 * No helper says so, and udpv6_sendmsg() sends from whatever source the hook
 * writes. What the kernel itself goes by is the local routing table: a /128
 * of type RTN_LOCAL is there exactly as long as the address is usable
 * (inserted by __ipv6_ifa_notify() once duplicate address detection is over,
 * removed with the address). So look there, for the socket's own namespace,
 * as fib6_node_lookup_1() does: down the radix tree, one bit a step.
 *
 * The programs run under rcu_read_lock(), and loads through BTF pointers are
 * checked by the kernel: a change under way reads as one state or the other.
 * Addresses of devices in a VRF live in the VRF's table: not found here.
 */
#ifndef SRCPIN_BPF_ADDRESS_H
#define SRCPIN_BPF_ADDRESS_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define RTN_LOCAL 2          /* rtnetlink(7) */
#define SOCK_BINDADDR_LOCK 4 /* include/net/sock.h */

/* Steps at most. More would take nearly as many addresses, each a power of two apart; then the answer is no. */
#define DEPTH 48

/* NULL where the socket is of a kind that the kernel lets no program look into (MPTCP, UDP-Lite) */
static __always_inline struct sock *kernel_socket(struct bpf_sock *sk)
{
	struct sock *s = (void *)bpf_skc_to_udp6_sock(sk);

	return s ? s : (void *)bpf_skc_to_tcp6_sock(sk);
}

enum host_has {
	HOST_HAS_NOT,
	HOST_HAS,
	HOST_UNKNOWN,
};

/* Bit 0 is the first. Without a branch: each one in the loop below doubles what the verifier has to walk. */
static __always_inline __u64 address_bit(__u64 hi, __u64 lo, __u64 bit)
{
	__u64 half = hi ^ ((hi ^ lo) & -(bit >> 6));

	return half >> (~bit & 63) & 1;
}

/*
 * HI and LO are the address's halves in host order. A global function is
 * verified once and by itself, which makes the load several times faster.
 */
__attribute__((noinline)) int host_has(struct bpf_sock_addr *ctx, __u64 hi, __u64 lo)
{
	struct bpf_sock *sk = ctx->sk;
	struct fib6_table *table;
	struct fib6_node *node;
	struct fib6_info *leaf;
	struct sock *kernel;
	struct net *net;
	int i;

	if (!sk)
		return HOST_UNKNOWN;
	kernel = kernel_socket(sk);
	if (!kernel)
		return HOST_UNKNOWN;
	net = kernel->__sk_common.skc_net.net;
	if (bpf_core_field_exists(net->ipv6.fib6_local_tbl))
		table = net->ipv6.fib6_local_tbl;
	else
		table = net->ipv6.fib6_main_tbl; /* without CONFIG_IPV6_MULTIPLE_TABLES */
	node = hi >> 63 ? table->tb6_root.right : table->tb6_root.left;
	for (i = 0; i < DEPTH && node; i++) {
		__u64 bit = node->fn_bit;
		struct fib6_node *next;

		if (bit > 127)
			break;
		next = address_bit(hi, lo, bit) ? node->right : node->left;
		if (!next)
			break;
		node = next;
	}
	if (!node)
		return HOST_HAS_NOT;
	/* out of steps: then this is the leaf of a shorter prefix, if any */
	leaf = node->leaf;
	if (!leaf || leaf->fib6_type != RTN_LOCAL || leaf->fib6_dst.plen != 128)
		return HOST_HAS_NOT;
	if (leaf->fib6_dst.addr.in6_u.u6_addr32[0] != bpf_htonl(hi >> 32) ||
	    leaf->fib6_dst.addr.in6_u.u6_addr32[1] != bpf_htonl((__u32)hi) ||
	    leaf->fib6_dst.addr.in6_u.u6_addr32[2] != bpf_htonl(lo >> 32) ||
	    leaf->fib6_dst.addr.in6_u.u6_addr32[3] != bpf_htonl((__u32)lo))
		return HOST_HAS_NOT;
	return HOST_HAS;
}

/*
 * Did bind(2) give the socket its address? The kernel's own choice, at a
 * connect, leaves SOCK_BINDADDR_LOCK alone (__ip6_datagram_connect()).
 */
__attribute__((noinline)) int bound_by_program(struct bpf_sock_addr *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	struct sock *kernel = sk ? kernel_socket(sk) : NULL;

	return kernel && (BPF_CORE_READ_BITFIELD(kernel, sk_userlocks) & SOCK_BINDADDR_LOCK);
}

#endif
