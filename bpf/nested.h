/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * May this program decide? Not where the service is on its way in or out, or
 * where a pinned cgroup within it decides.
 */
#ifndef SRCPIN_BPF_NESTED_H
#define SRCPIN_BPF_NESTED_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "srcpin/abi.h"
#include "maps.h"

/*
 * Has a service within this one decided? Where pinned cgroups nest, the
 * programs of the innermost run first and those of the outermost last, for
 * each call and packet of a socket. The outer ones would overrule the inner
 * ones. So the service that decides leaves its mark on the socket. A service
 * that finds the mark of a deeper one, which is still in srcpin_nested, leaves
 * the decision to it.
 *
 * A service that is idle, or only observes, takes its own mark away, before
 * the programs of the one around it look for it. So whether a service decides
 * depends on its own storage alone. It enters srcpin_nested when its last
 * program is attached, and leaves before the first one goes. Returns 1, 0, or
 * -1 if it cannot be known.
 */
static __always_inline int decided_within(const struct srcpin_service *service, struct bpf_sock *sk)
{
	struct srcpin_socket *socket;
	__u64 id = service->cgroup_id;
	__u32 *depth;

	if (!(service->flags & SRCPIN_SERVICE_NESTED))
		return 0;
	socket = bpf_sk_storage_get(&srcpin_sockets, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!socket)
		return -1; /* the socket's memory for options is used up (optmem_max): it cannot be known who decides */
	depth = bpf_map_lookup_elem(&srcpin_nested, &socket->owner);
	if (depth && *depth > service->depth)
		return 1;
	if (!(service->flags & SRCPIN_SERVICE_OBSERVE))
		socket->owner = id;
	else if (socket->owner == id)
		socket->owner = 0;
	return 0;
}

/* Is the service on its way in or out? Then it is as if its programs were not there. SK may be NULL. */
static __always_inline int is_idle(const struct srcpin_service *service, struct bpf_sock *sk)
{
	struct srcpin_socket *socket;

	if (!(service->flags & SRCPIN_SERVICE_IDLE))
		return 0;
	if (!sk || !(service->flags & SRCPIN_SERVICE_NESTED))
		return 1;
	socket = bpf_sk_storage_get(&srcpin_sockets, sk, NULL, 0);
	if (socket && socket->owner == service->cgroup_id)
		socket->owner = 0;
	return 1;
}

#endif
