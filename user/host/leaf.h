/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The cgroups that "srcpin run" makes for its commands: leaves, called
 * srcpin-run-PID. Who makes one has its directory locked (flock(2)) until the
 * command runs in it. From then on anybody may clear it, once no process is in
 * it.
 */
#ifndef SRCPIN_LEAF_H
#define SRCPIN_LEAF_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/failure.h"
#include "host/cgroup.h"

/* Is this the path of a leaf? */
bool leaf_is(const char *path);

/*
 * Where a leaf goes that is in no service: into the caller's cgroup, so that
 * its limits hold and its end ends the command. If others than root may move
 * processes there, it goes above that: else the command could be moved out.
 * RET's path is "" if that is the root.
 */
int leaf_find_place(struct cgroup *ret, struct failure *f);

/* Makes one in PLACE. RET's fd holds the lock. 0, or a negative errno with the sentence in F. */
int leaf_make(const struct cgroup *place, struct cgroup *ret, struct failure *f);

/*
 * As fork(2), but the child is in the leaf from the first. The kernel does that
 * at once: to move a process it waits for all CPUs, which takes some 10 ms.
 */
pid_t leaf_fork(const struct cgroup *leaf, struct failure *f);

/* LEAF: an fd of its directory. Waits until no process is in it, or it is gone. */
void leaf_wait(int leaf);

/* Was the cgroup of the directory LEAF, an fd, removed? */
bool leaf_is_gone(int leaf);

/* Removes each leaf that is not just being made, and that no process is in. */
void leaf_clear(void);

#endif
