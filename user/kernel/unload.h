/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Takes policies out of force, and with the last one the programs and maps.
 * All that return an int return 0 or a negative errno with the sentence in F.
 */
#ifndef SRCPIN_UNLOAD_H
#define SRCPIN_UNLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "host/cgroup.h"
#include "kernel/objects.h"

/* One service, or all. An error with one of them keeps none of the others in. */
int unload_service(uint64_t id, struct failure *f);
int unload_all(struct failure *f);

/* The following are for a load, which has the lock. */

/* With no service left: programs, maps and folder. */
int unload_unused(struct failure *f);

/* What a version of another ABI has loaded, once all its cgroups are gone. -EBUSY: one is there. */
int unload_dead(struct failure *f);

/* What killed commands have left behind, or a cgroup of C's path that is gone. Was there any? */
bool unload_leftovers(const struct objects *o, const struct cgroup *c);

#endif
