/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One service's policy: put in force, taken out. Part of the loader. */
#ifndef SRCPIN_SERVICE_H
#define SRCPIN_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "host/cgroup.h"
#include "kernel/nesting.h"
#include "kernel/objects.h"
#include "policy/policy.h"

/*
 * The hooks that are needed to put P in force. All where cgroups nest: an
 * outer one's program is to find that the inner one has decided, if only that
 * it does nothing.
 */
uint32_t service_hooks(const struct policy *p, bool nested);

int service_put(const struct objects *o, const struct cgroup *c, const char *config, const struct policy *p,
		const struct place *place, struct failure *f);

/*
 * Out of force, in one step: from here on its programs decide nothing. Nothing
 * is done for a cgroup that is gone, or was never in force.
 */
int service_idle(const struct objects *o, uint64_t id, struct failure *f);

/*
 * The rest of one whose programs are detached (attach.h): rules_wait_for_programs()
 * comes between, once for many. O may have maps that are not open, where only
 * folders are left. 0, or a negative errno with the sentence in F.
 */
int service_remove(const struct objects *o, uint64_t id, struct failure *f);

#endif
