/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From what a user types to the cgroup that it means. */
#ifndef SRCPIN_CGROUP_RESOLVE_H
#define SRCPIN_CGROUP_RESOLVE_H

#include "base/failure.h"
#include "host/cgroup.h"
#include "host/cgroup_resolve.h"

/*
 * NAME is one of three. A name: the last component of exactly one cgroup that
 * root has named and that has processes (where systemd runs, it says what a
 * name means: unit_cgroup.h). A path, with a slash: absolute, with or without
 * the mount point, or below it. Or "self", the caller's own; in a unit with
 * Delegate= that is the unit's.
 *
 * 0, or with the sentence in F: -ENOENT (no such cgroup, or an empty one;
 * candidates are named), -ENOTUNIQ (more than one: they are listed), -ENODEV
 * (no cgroup2 mounted), -EINVAL (the root, or not a cgroup2), or the errno of
 * open(2).
 */
int cgroup_resolve(const char *name, struct cgroup *ret, struct failure *f);

/*
 * What to look for among recorded paths. For a path: the path of that cgroup,
 * or the path that it had if it is gone. Without a slash: NAME itself, which
 * is then the last component. RET is to be freed.
 */
int cgroup_recorded_name(const char *name, char **ret, struct failure *f);

#endif
