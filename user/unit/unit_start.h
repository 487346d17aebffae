/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How the cgroup of a service is pinned again when it is made anew: at each start of the service. */
#ifndef SRCPIN_UNIT_START_H
#define SRCPIN_UNIT_START_H

#include <stdbool.h>

/* Is CGROUP, a path, that of a unit that `srcpin install` takes, a service or a slice? A scope is none, nor is what no
 * unit has made. */
bool unit_start_installs(const char *cgroup);

/* Is it a slice of the system's? It stays when nothing runs in it. */
bool unit_start_is_slice(const char *cgroup);

/* What to do, for a remedy; to be freed. Without systemd, the names decide. */
char *unit_start_advice(const char *cgroup);

#endif
