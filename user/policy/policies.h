/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A whole config: its sections, and the policy of each, which is compiled here and nowhere else. */
#ifndef SRCPIN_POLICIES_H
#define SRCPIN_POLICIES_H

#include <stdbool.h>

#include "base/failure.h"
#include "config/config.h"
#include "policy/policy.h"

struct policies {
	struct config config;
	struct policy *of; /* one for each section of it; that of [doctor] is empty */
};

/*
 * Reads PATH, as config_read() does, and compiles it. 0, or a negative errno
 * with the sentence in F. What is wrong in the text is in D, in the order of
 * the file. RET is to be freed in any case.
 */
int policies_read(const char *path, struct policies *ret, struct diagnostics *d, struct failure *f);

/*
 * From p->config to p->of. The errors of all sections, and of the file as a
 * whole (the same section twice), are in D. True if there are none.
 */
bool policies_compile(struct policies *p, struct diagnostics *d);

/* The policy for a cgroup's last path component, as config_find() finds its section; NULL: there is none. */
const struct policy *policies_find(const struct policies *p, const char *name);

void policies_free(struct policies *p);

#endif
