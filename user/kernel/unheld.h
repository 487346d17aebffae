/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Programs of ours that are attached to a cgroup by links which are not held
 * here. A bpffs was mounted over the one that holds them, or it belongs to
 * another mount namespace. Part of the loader: libbpf is used here.
 *
 * They are known by the names of the programs. Only CAP_SYS_ADMIN may read
 * these; without it, there seem to be none.
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

/* Is there one on this cgroup? CGROUP_FD is open on it, and ID is its id. */
bool unheld_is_at(int cgroup_fd, uint64_t id);

/* The same, but waits for a second: a killed process's links end some time after it. */
bool unheld_stays_at(int cgroup_fd, uint64_t id);

struct unheld {
	char **cgroup; /* paths below the mount, fit to be shown */
	size_t n;
};

/*
 * The cgroups that have some. Only those to which this namespace has a path,
 * and with a process in the caller's network: a container with another network
 * may have a bpffs of its own. Aborts if memory is out.
 */
void unheld_find(struct unheld *ret);
void unheld_add(struct unheld *u, const char *path);
void unheld_free(struct unheld *u);

#endif
