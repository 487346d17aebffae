/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The hooks of a pinned cgroup, in the order in which they are attached. */
#ifndef SRCPIN_HOOKS_H
#define SRCPIN_HOOKS_H

/*
 * connect6 is last: from then on a socket that was bound elsewhere is refused,
 * and bind6 should have had its chance to bind it to the source instead.
 */
enum hook {
	HOOK_BIND6,
	HOOK_SENDMSG6,
	HOOK_CONNECT6,
	N_HOOKS,
};

#endif
