/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From what a user types to a cgroup of the unified hierarchy (cgroup v2),
 * wherever that is mounted.
 */
#ifndef SRCPIN_CGROUP_H
#define SRCPIN_CGROUP_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"

struct cgroup {
	int fd;      /* of its directory */
	uint64_t id; /* as bpf_get_current_cgroup_id() and bpftool show it; never used again */
	char *path;  /* below the mount: "/system.slice/postfix.service" */
};

#define CGROUP_NONE ((struct cgroup){ .fd = -1 })

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

/* Is the hierarchy mounted, so that cgroup_exists() can tell? 0, or -ENODEV. */
int cgroup_check_mount(struct failure *f);

/* The root of the hierarchy, as far as this namespace sees it: an fd of its directory, or a negative errno. */
int cgroup_open_root(struct failure *f);

/* Where, if it is. */
int cgroup_mount_point(char ret[static PATH_MAX], struct failure *f);

/*
 * The cgroup with this id, wherever it is and whether or not this namespace
 * has a path to it: an fd of its directory, or a negative errno (-ESTALE: it
 * is gone).
 */
int cgroup_open_id(uint64_t id);

/* Is there one? False also where none can be looked for. */
int cgroup_exists(uint64_t id, struct failure *f);

/* The id of the cgroup whose directory this is. 0, or a negative errno. */
int cgroup_read_id(int fd, uint64_t *ret);

/* The last component of a cgroup's path, as a unit has it: of "/system.slice/_memory.service" "memory.service". */
const char *cgroup_name(const char *path);

/* What stands before a unit's name in its cgroup's path: "_", or mostly "". */
const char *cgroup_escape(const char *name);

/*
 * NAME as something to look for among recorded paths: the path of a cgroup
 * that is there; of one that is gone, the path that it had; or, without a
 * slash, NAME itself, which is the last component then. RET is to be freed.
 */
int cgroup_recorded_name(const char *name, char **ret, struct failure *f);

/* Does what cgroup_recorded_name() gave mean the cgroup of this path? */
bool cgroup_is(const char *path, const char *name);

void cgroup_close(struct cgroup *c);

#endif
