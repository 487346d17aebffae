/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who names the cgroups. Below a cgroup that is not root's alone, anybody may choose any name. */
#ifndef SRCPIN_CGROUP_OWNER_H
#define SRCPIN_CGROUP_OWNER_H

#include <stdbool.h>

/* May only root make cgroups in this one, or move processes into it? If not, WHY says "belongs to uid 1000". */
bool cgroup_is_roots(int dir_fd, char why[static 64]);

/* Has root delegated what is below (Delegate=)? Then systemd has marked it, and WHY says so. */
bool cgroup_is_delegated(int dir_fd, char why[static 64]);

#endif
