/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who gives the cgroups their names: below one that is not root's alone, anybody may choose any. */
#ifndef SRCPIN_CGROUP_OWNER_H
#define SRCPIN_CGROUP_OWNER_H

#include <stdbool.h>

/* May nobody but root make cgroups in this one, or move processes into it? If not, WHY has it: "belongs to uid 1000".
 */
bool cgroup_is_roots(int dir_fd, char why[static 64]);

/* Has root left what is below to somebody, so that systemd has marked it (Delegate=)? Then WHY has it as well. */
bool cgroup_is_delegated(int dir_fd, char why[static 64]);

#endif
