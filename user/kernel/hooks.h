/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The hooks of a pinned cgroup, in their only table. */
#ifndef SRCPIN_HOOKS_H
#define SRCPIN_HOOKS_H

#include <linux/bpf.h>

/*
 * X(NAME, name, type), in the order in which they are attached. The connects
 * come late: once they are there, a socket that was bound elsewhere is
 * refused. Before that, the binds should have had their chance to bind it to
 * the source. The guard is last: what it drops, the others should have refused
 * with an errno. The order is also that of the bits in srcpin_service.hooks.
 */
#define HOOKS(X)                                        \
	X(BIND6, bind6, BPF_CGROUP_INET6_BIND)          \
	X(BIND4, bind4, BPF_CGROUP_INET4_BIND)          \
	X(SENDMSG6, sendmsg6, BPF_CGROUP_UDP6_SENDMSG)  \
	X(SENDMSG4, sendmsg4, BPF_CGROUP_UDP4_SENDMSG)  \
	X(CONNECT6, connect6, BPF_CGROUP_INET6_CONNECT) \
	X(CONNECT4, connect4, BPF_CGROUP_INET4_CONNECT) \
	X(GUARD, guard, BPF_CGROUP_INET_EGRESS)

enum hook {
#define X(NAME, name, type) HOOK_##NAME,
	HOOKS(X)
#undef X
		N_HOOKS,
};

#define HOOK_BIT(h) (1U << (h)) /* in a set of hooks */

struct hook_entry {
	const char *name;    /* of the link in bpffs: "connect6" */
	const char *program; /* "srcpin_connect6" */
	enum bpf_attach_type type;
};

extern const struct hook_entry hook_table[N_HOOKS];

#endif
