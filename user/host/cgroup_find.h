/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Search of a hierarchy of directories for a unit's name. */
#ifndef SRCPIN_CGROUP_FIND_H
#define SRCPIN_CGROUP_FIND_H

#include "base/failure.h"

/*
 * The one directory below ROOT_FD whose name is NAME, and no other than root
 * may have chosen it (cgroup_owner.h); RET_PATH ("/a/b", to be
 * freed) is set on success only. -ENOENT names others with the same stem
 * ("postfix" of postfix@-.service), also where the one that matches has no
 * process in it; -ENOTUNIQ those that match; eight at the most.
 */
int cgroup_find(int root_fd, const char *name, char **ret_path, struct failure *f);

#endif
