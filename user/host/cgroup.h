/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A cgroup of the unified hierarchy (cgroup v2), wherever that is mounted: its directory, its id, its path. */
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

/* Is the hierarchy mounted, so that cgroup_exists() can tell? 0, or -ENODEV. */
int cgroup_check_mount(struct failure *f);

/* Opens the root of the hierarchy, as far as this namespace sees it: an fd, or a negative errno. */
int cgroup_open_root(struct failure *f);

/*
 * The mount point of the unified hierarchy, and an fd of it: /sys/fs/cgroup,
 * /sys/fs/cgroup/unified on hybrid hosts, or anywhere. A mount of the whole
 * tree wins over a mount of a part. A mount that another one hides does not
 * count.
 */
int cgroup_find_mount(char mount[static PATH_MAX], int *ret_fd, struct failure *f);

/* Is this the fd of a directory of the hierarchy? */
bool cgroup_is_v2(int fd);

/* Where the hierarchy is mounted, if it is. */
int cgroup_mount_point(char ret[static PATH_MAX], struct failure *f);

/*
 * Opens the cgroup with this id, wherever it is, even if this namespace has no
 * path to it. An fd of its directory, or a negative errno (-ESTALE: it is
 * gone).
 */
int cgroup_open_id(uint64_t id);

/* Is there a cgroup with this id? 1, 0, or a negative errno with the sentence in F. */
int cgroup_exists(uint64_t id, struct failure *f);

/* The id of the cgroup whose directory this is. 0, or a negative errno. */
int cgroup_read_id(int fd, uint64_t *ret);

/*
 * The name of a cgroup's unit, from the last component of its path:
 * "memory.service" for "/system.slice/_memory.service".
 */
const char *cgroup_name(const char *path);

/* What comes before a unit's name in its cgroup's path: "_", or usually "". */
const char *cgroup_escape(const char *name);

/* Is NAME, from cgroup_recorded_name(), the cgroup with this path? */
bool cgroup_is(const char *path, const char *name);

void cgroup_close(struct cgroup *c);

#endif
