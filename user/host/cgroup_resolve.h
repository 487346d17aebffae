/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From what a user types to a cgroup. */
#ifndef SRCPIN_CGROUP_RESOLVE_H
#define SRCPIN_CGROUP_RESOLVE_H

#include "base/failure.h"
#include "host/cgroup.h"
#include "host/cgroup_resolve.h"

/*
 * NAME is the last component of exactly one cgroup that root has named, in
 * which processes are (where systemd runs, its answer is what a name means:
 * unit_cgroup.h), a path (with a slash: absolute with or without the
 * mount point, or below it) or "self", the caller's own, which in a unit with
 * Delegate= is the unit's. 0, or with the sentence in F: -ENOENT (no such
 * cgroup, or an empty one; candidates are named), -ENOTUNIQ (more than one: they are listed),
 * -ENODEV (no cgroup2 mounted), -EINVAL (the root, or not a cgroup2), or what
 * open(2) says.
 */
int cgroup_resolve(const char *name, struct cgroup *ret, struct failure *f);

/*
 * NAME as something to look for among recorded paths: the path of a cgroup
 * that is there; of one that is gone, the path that it had; or, without a
 * slash, NAME itself, which is the last component then. RET is to be freed.
 */
int cgroup_recorded_name(const char *name, char **ret, struct failure *f);

#endif
