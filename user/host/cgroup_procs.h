/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which processes are in a cgroup, and in those below it. */
#ifndef SRCPIN_CGROUP_PROCS_H
#define SRCPIN_CGROUP_PROCS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/failure.h"
#include "host/cgroup_ids.h"

/*
 * The numbers of its processes, a line each, to be closed by the caller. A
 * cgroup that goes away meanwhile has none. NULL: none; or, with errno set, it
 * cannot be known.
 */
FILE *cgroup_procs_open(uint64_t id);

/*
 * How many processes other than the caller are in the cgroup with this id and
 * below it. Those of other pid namespaces count; zombies are in no cgroup. At
 * least 1 if a process hides from being counted. 0 if the cgroup is gone; a
 * negative errno with the sentence in F. If there is none, the caller may be
 * in the root cgroup afterwards.
 */
int cgroup_count_others(uint64_t id, struct failure *f);

/*
 * Has a process of these cgroups the socket with this inode open? A process
 * that we may not look into does not count (ptrace(2)).
 */
bool cgroup_has_socket(const struct cgroup_ids *of, uint32_t inode);

/* The names of all processes of these cgroups, as each process likes to be called (/proc/PID/comm), and their users. */
struct process_names {
	struct process_name {
		char comm[16];
		uint32_t uid;
	} * item;
	size_t n;
};

/* Leaves out processes that end meanwhile, and those of other pid namespaces. Aborts if memory is out. */
void cgroup_process_names(const struct cgroup_ids *of, struct process_names *ret);
void process_names_free(struct process_names *names);

/*
 * The network namespace of a process of the cgroup with this id, or else of
 * one below it. An fd, or -ENOENT: there is no process that we may look into.
 * -EPERM: users made all these namespaces, in user namespaces of their own.
 */
int cgroup_open_network(uint64_t id);

/*
 * The same, to be entered: RET is -1 if it is the caller's, or if there is no
 * process. 0, or -EPERM as above.
 */
int cgroup_open_other_network(uint64_t id, int *ret);

/*
 * Is any process in the cgroup that DIR_FD is open on, or below it? Waits a
 * moment for one: systemd leaves it empty between a unit's commands. True also
 * if it cannot be known.
 */
bool cgroup_has_processes(int dir_fd);

#endif
