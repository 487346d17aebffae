/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A whole config: its sections, and the policy of each. This is the only place that compiles them. */
#ifndef SRCPIN_POLICIES_H
#define SRCPIN_POLICIES_H

#include <stdbool.h>

#include "base/failure.h"
#include "config/config.h"
#include "policy/policy.h"

struct policies {
	struct config config;
	struct policy *of; /* one for each section of config; that of [doctor] is empty */
};

/*
 * Reads PATH, as config_read() does, and compiles it. 0, or a negative errno
 * with the sentence in F. Errors in the text are in D, in the order of the
 * file. RET is to be freed in any case.
 */
int policies_read(const char *path, struct policies *ret, struct diagnostics *d, struct failure *f);

/*
 * Fills p->of from p->config. Errors of all sections, and of the file as a
 * whole (the same section twice), are in D. True if there are none.
 */
bool policies_compile(struct policies *p, struct diagnostics *d);

/* The policy for a cgroup's last path component; its section is found as by config_find(). NULL: there is none. */
const struct policy *policies_find(const struct policies *p, const char *name);

void policies_free(struct policies *p);

#endif
