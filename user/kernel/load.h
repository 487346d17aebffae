/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Puts a policy in force for a service. No process stays behind. */
#ifndef SRCPIN_LOAD_H
#define SRCPIN_LOAD_H

#include <stdbool.h>

#include "base/failure.h"
#include "host/cgroup.h"
#include "policy/policy.h"

/*
 * Puts P in force for C. Replaces in one step what is in force there: each
 * call of the service meets either the old policy or the new one. On an error
 * the old one stays. Clears what a cgroup of the same path that is gone has
 * left behind. CONFIG is recorded for later commands. RELOAD: only if C is
 * loaded, and from CONFIG. 0, or a negative errno with the sentence in F.
 */
int load_policy(const struct cgroup *c, const char *config, const struct policy *p, bool reload, struct failure *f);

#endif
