/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How a call gets its source: by bind, as a datagram's source, as the address that bind(2) is to take. */
#ifndef SRCPIN_BPF_SET_H
#define SRCPIN_BPF_SET_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "socket.h"

/* With port 0 the kernel chooses the local port late, by the four-tuple, as with IP_BIND_ADDRESS_NO_PORT. */
static __always_inline long bind6_to(struct bpf_sock_addr *ctx, const __u32 source[4])
{
	struct sockaddr_in6 to;

	__builtin_memset(&to, 0, sizeof(to)); /* clang would put an initializer into a map of its own, .rodata */
	to.sin6_family = AF_INET6;
	__builtin_memcpy(&to.sin6_addr, source, sizeof(to.sin6_addr));
	return bpf_bind(ctx, (struct sockaddr *)&to, sizeof(to));
}

static __always_inline long bind4_to(struct bpf_sock_addr *ctx, const __u32 source[4])
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = source[3] };

	return ctx->sk->family == AF_INET6 ? bind6_to(ctx, source) : bpf_bind(ctx, (struct sockaddr *)&to, sizeof(to));
}

static __always_inline long send6_from(struct bpf_sock_addr *ctx, const __u32 source[4])
{
	ctx->msg_src_ip6[0] = source[0];
	ctx->msg_src_ip6[1] = source[1];
	ctx->msg_src_ip6[2] = source[2];
	ctx->msg_src_ip6[3] = source[3];
	return 0;
}

static __always_inline long send4_from(struct bpf_sock_addr *ctx, const __u32 source[4])
{
	ctx->msg_src_ip4 = source[3];
	return 0;
}

/* Gives bind(2) itself another address to take */
static __always_inline long ask6_for(struct bpf_sock_addr *ctx, const __u32 source[4])
{
	ctx->user_ip6[0] = source[0];
	ctx->user_ip6[1] = source[1];
	ctx->user_ip6[2] = source[2];
	ctx->user_ip6[3] = source[3];
	return 0;
}

static __always_inline long ask4_for(struct bpf_sock_addr *ctx, const __u32 source[4])
{
	ctx->user_ip4 = source[3];
	return 0;
}

#endif
