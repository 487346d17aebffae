/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Takes policies out of force, and the programs and maps along with the last
 * one. All that return an int return 0 or a negative errno with the sentence
 * in F.
 */
#ifndef SRCPIN_UNLOAD_H
#define SRCPIN_UNLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "host/cgroup.h"
#include "kernel/objects.h"

/* Unloads one service, or all. After an error with one service the others are still unloaded. */
int unload_service(uint64_t id, struct failure *f);
int unload_all(struct failure *f);

/* Unloads what was loaded for leaves that are gone: leaf.h. Takes the lock only if there is something to unload. */
int unload_gone_leaves(struct failure *f);

/* The following are for a load, which has the lock. */

/* Removes programs, maps and folder if no service is left. */
int unload_unused(struct failure *f);

/* Removes what a version of another ABI has loaded, once all its cgroups are gone. -EBUSY: one is there. */
int unload_dead(struct failure *f);

/* Removes what killed commands, or a cgroup of C's path that is gone, have left behind. Was there anything? */
bool unload_leftovers(const struct objects *o, const struct cgroup *c);

#endif
