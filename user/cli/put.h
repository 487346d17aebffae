/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What load and reload do once a policy is checked, and what they print about it. */
#ifndef SRCPIN_PUT_H
#define SRCPIN_PUT_H

#include <stdbool.h>

#include "host/cgroup.h"
#include "policy/policy.h"

struct put_options {
	bool reload; /* as in load_policy() */
	bool close_stale;
	int wait; /* seconds, for the sources; negative: do not wait */
};

/*
 * Puts P in force for the cgroup, and prints that and its sources. Warns of
 * missing sources, or waits for them. Warns of older connections, or ends
 * them. CONFIG is an absolute path. EXIT_OK, or EXIT_SYSTEM with a message.
 */
int put_in_force(const struct cgroup *cgroup, const char *config, const struct policy *p,
		 const struct put_options *options);

#endif
