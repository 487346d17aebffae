/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From what a user types to a cgroup of the unified hierarchy (cgroup v2),
 * wherever that is mounted.
 */
#ifndef SRCPIN_CGROUP_H
#define SRCPIN_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "failure.h"

struct cgroup {
	int fd;      /* of its directory */
	uint64_t id; /* as bpf_get_current_cgroup_id() and bpftool show it; never used again */
	char *path;  /* below the mount: "/system.slice/postfix.service" */
};

#define CGROUP_NONE ((struct cgroup){ .fd = -1 })

/*
 * NAME is the name of a unit (the last component of exactly one cgroup), a
 * path (with a slash: absolute with or without the mount point, or below it)
 * or "self", the caller's own. 0, or with the sentence in F: -ENOENT (no such
 * cgroup; candidates are named), -ENOTUNIQ (more than one: they are listed),
 * -ENODEV (no cgroup2 mounted), -EINVAL (the root, or not a cgroup2), or what
 * open(2) says.
 */
int cgroup_resolve(const char *name, struct cgroup *ret, struct failure *f);

/* The same for a path as in struct cgroup only. */
int cgroup_open(const char *path, struct cgroup *ret, struct failure *f);

/* The last component of a cgroup's path. */
const char *cgroup_name(const char *path);

/* Does NAME, as typed for cgroup_resolve(), mean the cgroup of this path? Also when that is gone. */
bool cgroup_is(const char *path, const char *name);

void cgroup_close(struct cgroup *c);

#endif
