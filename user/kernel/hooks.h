/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The hooks of a pinned cgroup, in the order in which they are attached. */
#ifndef SRCPIN_HOOKS_H
#define SRCPIN_HOOKS_H

/*
 * The connects come late: from then on a socket that was bound elsewhere is
 * refused, and the binds should have had their chance to bind it to the source
 * instead. The guard is last: what it drops, the others should have refused
 * with an errno. The order is also that of the bits in srcpin_service.hooks.
 */
enum hook {
	HOOK_BIND6,
	HOOK_BIND4,
	HOOK_SENDMSG6,
	HOOK_SENDMSG4,
	HOOK_CONNECT6,
	HOOK_CONNECT4,
	HOOK_GUARD,
	N_HOOKS,
};

#define HOOK_BIT(h) (1U << (h)) /* in a set of hooks */

#endif
