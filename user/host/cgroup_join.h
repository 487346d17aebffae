/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Puts the caller into a cgroup. */
#ifndef SRCPIN_CGROUP_JOIN_H
#define SRCPIN_CGROUP_JOIN_H

#include "base/failure.h"
#include "host/cgroup.h"

/* DIR: an fd of its directory. 0, or a negative errno: cgroup_cannot_join() says what it means. */
int cgroup_join(int dir);

/* Returns ERR, with the sentence about it in F. */
int cgroup_cannot_join(const struct cgroup *c, int err, struct failure *f);

#endif
