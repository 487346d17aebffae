/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What --cgroup means. Where systemd runs, the name of a unit means the cgroup
 * that systemd has for it, whatever others are called: anybody who has a cgroup
 * of their own can make one of any name.
 *
 * Both return 0 or a negative errno with the sentence in F.
 */
#ifndef SRCPIN_UNIT_CGROUP_H
#define SRCPIN_UNIT_CGROUP_H

#include "base/failure.h"
#include "host/cgroup.h"
#include "host/cgroup_resolve.h"

/* As cgroup_resolve(), but for that. -ENOENT also: no process of the unit runs; candidates are named. */
int unit_cgroup_resolve(const char *name, struct cgroup *ret, struct failure *f);

/*
 * As cgroup_recorded_name(): of a unit the path that its cgroup has, or, while
 * it does not run, will have. A name of which systemd knows no unit is the last
 * component of what is recorded.
 */
int unit_cgroup_recorded(const char *name, char **ret, struct failure *f);

#endif
