/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Our folder in bpffs, which is all the state that outlives a command:
 *
 *   /sys/fs/bpf/srcpin/programs/   connect6 bind6 sendmsg6 ... hold build
 *                      maps/       service counts rules ...
 *                      services/ID/ID is the cgroup's; in it
 *                          connect6 bind6 sendmsg6 ...  the links
 *                          cgroup                    a symlink: its path
 *                          config1, config2          a symlink: the config of an odd generation, of an even one
 *
 * A cgroup's id is never used again. So what hangs on a removed cgroup cannot
 * be taken for that of a new cgroup of the same name.
 */
#ifndef SRCPIN_BPFFS_H
#define SRCPIN_BPFFS_H

#include <limits.h>

#include "base/failure.h"
#include "kernel/home.h"

/*
 * Takes the lock that everything shares that changes something (lock.h), and
 * makes the folder. RET is the fd that holds the lock: closing it releases.
 */
int bpffs_lock(int *ret, struct failure *f);

/*
 * For callers that only read. Takes no lock, so no stopped process keeps them
 * waiting. What they see may change while they look. -ENOENT: there is no
 * folder, so nothing is loaded (F is not set).
 */
int bpffs_look(struct failure *f);

int bpffs_mkdir(const char *path, struct failure *f);

/* Makes or replaces a symlink; does nothing if it is right already. */
int bpffs_symlink(const char *path, const char *target, struct failure *f);

/* Target of a symlink; "" if there is none. */
int bpffs_readlink(const char *path, char ret[static PATH_MAX], struct failure *f);

/* Removes a folder and its entries, but no folders in it. It is no error if something is gone already. */
int bpffs_remove(const char *path, struct failure *f);

#endif
