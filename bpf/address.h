/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Is an IPv6 address one of this host's own, right now?
 *
 * No helper tells, and udpv6_sendmsg() sends from whatever source the hook
 * writes. The kernel itself goes by the local routing table. An address is
 * usable exactly while the route for it there is of type RTN_LOCAL: a /128
 * that __ipv6_ifa_notify() inserts after duplicate address detection, and
 * removes with the address; or a shorter one that an administrator made (ip -6
 * route add local PREFIX dev lo). So this looks there, for the socket's own
 * namespace, as fib6_node_lookup_1() does: down the radix tree, one bit a
 * step, and up again to the first route that covers the address.
 *
 * The programs run under rcu_read_lock(), and the kernel checks loads through
 * BTF pointers: during a change they read either state. Addresses of devices
 * in a VRF are in the VRF's table, and are not found here.
 */
#ifndef SRCPIN_BPF_ADDRESS_H
#define SRCPIN_BPF_ADDRESS_H

#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "srcpin/decide.h"
#include "srcpin/loop.h"
#include "maps.h"

#define RTN_LOCAL 2 /* rtnetlink(7) */

/*
 * The most steps. No path in the tree has more nodes above its leaf than an
 * address has bits. Unrolled, the verifier allows only 18. A longer path needs
 * nearly as many addresses, each a power of two apart; then the answer is no.
 */
#ifdef UNROLLED
#define DEPTH 18
#else
#define DEPTH 128
#endif

/* NULL: the kernel lets no program look into a socket of this kind (MPTCP, UDP-Lite) */
static __always_inline const void *kernel_socket(struct bpf_sock *sk)
{
	const void *s = bpf_skc_to_udp6_sock(sk);

	return s ? s : bpf_skc_to_tcp6_sock(sk);
}

enum host_has {
	HOST_HAS_NOT,
	HOST_HAS,
	HOST_UNKNOWN,
};

/* Bit 0 is the first. Has no branch: each one in the loop below doubles what the verifier has to walk. */
static __always_inline __u64 address_bit(__u64 hi, __u64 lo, __u64 bit)
{
	__u64 half = hi ^ ((hi ^ lo) & -(bit >> 6));

	return half >> (~bit & 63) & 1;
}

/* A node on the way to the route of an address; HI and LO are the address's halves in host order */
struct descent {
	const void *node;
	__u64 hi, lo;
	int local; /* the route was found, and is local */
};

/*
 * Goes one node down; 1: there is none. No branch here may tell the verifier
 * anything about the address: it would go on once for each thing that it
 * knows.
 */
static long descend(__u32 step, struct descent *d)
{
	const void *left = AT(const void *, d->node, srcpin_layout.node_left);
	const void *right = AT(const void *, d->node, srcpin_layout.node_right);

	(void)step;
	/* choose between the pointers, not between the offsets */
	__asm__("" : "+r"(left), "+r"(right));
	left = address_bit(d->hi, d->lo, AT(const __u16, d->node, srcpin_layout.node_bit)) ? right : left;
	if (!left)
		return 1; /* a leaf; its fn_bit is 128, which is no bit of an address */
	d->node = left;
	return 0;
}

/* The first N bits of X, the others zero. N: 0 to 64. Has no branch, as address_bit(). */
static __always_inline __u64 first_bits(__u64 x, __u64 n)
{
	return x >> ((64 - n) & 63) & -((n | -n) >> 63);
}

/* Does the route's prefix cover the address? */
static __always_inline int covers(const void *route, const struct descent *d)
{
	const __u32 at = srcpin_layout.route_addr;
	__u64 hi = (__u64)bpf_ntohl(AT(const __u32, route, at)) << 32 | bpf_ntohl(AT(const __u32, route, at + 4));
	__u64 lo = (__u64)bpf_ntohl(AT(const __u32, route, at + 8)) << 32 | bpf_ntohl(AT(const __u32, route, at + 12));
	__u64 length = AT(const __u32, route, srcpin_layout.route_plen);
	__u64 beyond = (length - 64) & -((64 - length) >> 63); /* bits of the second half */

	return !(first_bits(hi ^ d->hi, length - beyond) | first_bits(lo ^ d->lo, beyond));
}

/*
 * Looks at a node's route, and goes one node up if it does not cover the
 * address; 1: that was the last. A node without a route of its own has one of
 * those below it, which is as good.
 */
static long ascend(__u32 step, struct descent *d)
{
	const void *route = AT(const void *, d->node, srcpin_layout.node_leaf);

	(void)step;
	if (route && covers(route, d)) {
		d->local = AT(const __u8, route, srcpin_layout.route_type) == RTN_LOCAL;
		return 1;
	}
	d->node = AT(const void *, d->node, srcpin_layout.node_parent);
	return !d->node;
}

static __always_inline int find_local(struct bpf_sock *sk, __u64 hi, __u64 lo)
{
	const void *kernel = kernel_socket(sk), *net, *table;
	struct descent d = { .hi = hi, .lo = lo };

	/* IPv4 is not in this table */
	if (!kernel || srcpin_is_zero((__u32)(hi >> 32) | (__u32)hi | ((__u32)(lo >> 32) ^ 0xffff)))
		return HOST_UNKNOWN;
	net = AT(const void *, kernel, srcpin_layout.sock_net);
	table = AT(const void *, net, srcpin_layout.net_table);
	d.node = (const char *)table + srcpin_layout.table_root; /* its fn_bit is 0 */
	LOOP(DEPTH, descend, &d);
	/* usually it is there; if the steps ran out, this is at most the leaf of a shorter prefix */
	if (!ascend(0, &d)) {
		LOOP(DEPTH, ascend, &d);
	}
	return d.local ? HOST_HAS : HOST_HAS_NOT;
}

/* Global functions are verified once and by themselves, which makes the load several times faster. */
__attribute__((noinline)) int host_has(struct bpf_sock_addr *ctx, __u64 hi, __u64 lo)
{
	return ctx->sk ? find_local(ctx->sk, hi, lo) : HOST_UNKNOWN;
}

__attribute__((noinline)) int host_of_packet_has(struct __sk_buff *ctx, __u64 hi, __u64 lo)
{
	return ctx->sk ? find_local(ctx->sk, hi, lo) : HOST_UNKNOWN;
}

#endif
