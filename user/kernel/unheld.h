/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Programs of ours that are attached to a cgroup by links which are not held
 * here: a bpffs was mounted over the one that holds them, or that is of
 * another mount namespace. Part of the loader: libbpf is used here.
 *
 * They are known by the names of their programs, which CAP_SYS_ADMIN alone may
 * read; without, there seem to be none.
 */
#ifndef SRCPIN_UNHELD_H
#define SRCPIN_UNHELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/bpffs.h"

/* The end of a sentence about them */
#define UNHELD_REMEDY                                                                                               \
	" (was a bpffs mounted over the one that holds them? umount " BPFFS_MOUNT "; or end each of them: bpftool " \
	"link detach id ID)"

/* Is there one on the cgroup that CGROUP_FD is, and ID the id of? */
bool unheld_is_at(int cgroup_fd, uint64_t id);

/* As that, but for a second: the links of a process that was killed end only some time after it. */
bool unheld_stays_at(int cgroup_fd, uint64_t id);

struct unheld {
	char **cgroup; /* paths below the mount, fit to be shown */
	size_t n;
};

/*
 * On which cgroups there are some, as far as this namespace has paths to them,
 * and processes are in them that have the caller's network: a container, which
 * has another, may have a bpffs of its own. Aborts if memory is out.
 */
void unheld_find(struct unheld *ret);
void unheld_add(struct unheld *u, const char *path);
void unheld_free(struct unheld *u);

#endif
