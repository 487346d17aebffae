/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * UDP sockets that their program has bound to :: or 0.0.0.0. When one connects,
 * nothing else tells it from a socket that got its port by a send: that one
 * must not connect, since the answer comes to the source (rspamd does so, and
 * goes on without the connect). A mark costs a microsecond, once in the life
 * of such a socket.
 */
#ifndef SRCPIN_BPF_WILDCARD_H
#define SRCPIN_BPF_WILDCARD_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "srcpin/decide.h"
#include "maps.h"

/* A bind that is left alone: remembered if the guard will have to judge the socket. Without memory it is not. */
static __always_inline void note_wildcard(const struct srcpin_service *service, struct bpf_sock *sk,
					  const struct srcpin_call *call)
{
	struct srcpin_socket *socket;

	if (call->stream || !(service->flags & SRCPIN_SERVICE_GUARD) || !srcpin_is_any(call->ends.local))
		return;
	socket = bpf_sk_storage_get(&srcpin_sockets, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (socket)
		socket->wildcard = 1;
}

/* MAY_BE: else nothing is looked up. Global: see decide(). */
__attribute__((noinline)) int is_wildcard(struct bpf_sock_addr *ctx, int may_be)
{
	struct srcpin_socket *socket;
	struct bpf_sock *sk = ctx->sk;

	if (!may_be || !sk)
		return 0;
	socket = bpf_sk_storage_get(&srcpin_sockets, sk, NULL, 0);
	return socket ? (int)socket->wildcard : 0;
}

/* A connect: is it of such a socket, and will the guard judge what it sends? Without a branch, as srcpin_facts() */
static __always_inline int is_guarded(const struct srcpin_service *service, struct bpf_sock_addr *ctx,
				      const struct srcpin_call *call)
{
	__u32 has_port = 1 - srcpin_is_zero(call->ends.local_port);
	__u32 guard = 1 - srcpin_is_zero(service->flags & SRCPIN_SERVICE_GUARD);

	return is_wildcard(ctx, (int)((1 - (__u32)call->stream) & has_port & guard));
}

#endif
