/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who lives in a cgroup, and in those below it. */
#ifndef SRCPIN_CGROUP_PROCS_H
#define SRCPIN_CGROUP_PROCS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "host/cgroup_ids.h"

/*
 * How many processes other than the caller are in the cgroup with this id and
 * below it, those of other pid namespaces too; zombies are in none. 1 also where
 * there is one that hides from being counted. 0 if it is gone, a negative errno
 * with the sentence in F. Where it finds none, the caller may be in the root
 * cgroup afterwards.
 */
int cgroup_count_others(uint64_t id, struct failure *f);

/* Has a process of these cgroups the socket with this inode open? Not where it may not be looked into (ptrace(2)). */
bool cgroup_has_socket(const struct cgroup_ids *of, uint32_t inode);

/*
 * The network namespace of a process of the cgroup with this id, or else of
 * one below it: an fd, or -ENOENT where there is none that can be looked into.
 * -EPERM: all that there are were made by users in user namespaces of their own.
 */
int cgroup_open_network(uint64_t id);

/*
 * Is any process in the cgroup whose directory this is, or below it? Waits a
 * moment for one: between the commands of a unit systemd leaves it empty.
 * True also where that cannot be known.
 */
bool cgroup_has_processes(int dir_fd);

#endif
