/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Searches a hierarchy of directories for a unit's name. */
#ifndef SRCPIN_CGROUP_FIND_H
#define SRCPIN_CGROUP_FIND_H

#include "base/failure.h"

/*
 * Finds the only directory below ROOT_FD that is called NAME, and that nobody
 * but root may have named (cgroup_owner.h). RET_PATH ("/a/b", to be freed) is
 * set only on success. -ENOENT: F names others with the same stem ("postfix"
 * of postfix@-.service); also if the one that matches has no process in it.
 * -ENOTUNIQ: F names those that match. F names eight at most.
 */
int cgroup_find(int root_fd, const char *name, char **ret_path, struct failure *f);

#endif
