/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What --cgroup means. Where systemd runs, a unit's name means the cgroup that
 * systemd has for it, even if others have that name: anybody with a cgroup of
 * their own can make one of any name.
 *
 * docker:NAME and podman:NAME are containers that run (engine.h).
 *
 * Both return 0 or a negative errno with the sentence in F.
 */
#ifndef SRCPIN_UNIT_CGROUP_H
#define SRCPIN_UNIT_CGROUP_H

#include "base/failure.h"
#include "host/cgroup.h"
#include "host/cgroup_resolve.h"

/* As cgroup_resolve(), but names are units. -ENOENT also if no process of the unit runs; candidates are named. */
int unit_cgroup_resolve(const char *name, struct cgroup *ret, struct failure *f);

/*
 * As cgroup_recorded_name(). For a unit: the path of its cgroup, or the one
 * that it will have once it runs. If systemd knows no such unit, NAME is the
 * last component of what is recorded.
 */
int unit_cgroup_recorded(const char *name, char **ret, struct failure *f);

#endif
