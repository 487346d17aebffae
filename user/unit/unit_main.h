/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The main process of a unit, wherever it is (MainPID). */
#ifndef SRCPIN_UNIT_MAIN_H
#define SRCPIN_UNIT_MAIN_H

#include <stddef.h>

#include "base/failure.h"

/*
 * For N cgroups, by their paths: the main process of the unit that systemd has
 * for it. RET: 0 if there is none. Asks systemd once, and not at all if no
 * path is that of a service, or systemd does not run here. 0, or as
 * systemctl(). Aborts if memory is out.
 */
int unit_main_pids(const char *const *cgroup, size_t n, long *ret, struct failure *f);

#endif
