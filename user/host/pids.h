/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whose numbers of processes the kernel's programs give. */
#ifndef SRCPIN_PIDS_H
#define SRCPIN_PIDS_H

#include <stdbool.h>

/*
 * They are those of the first PID namespace, the host's. Is that the caller's?
 * From within another one (a container) nothing leads from them to its own.
 */
bool pids_are_ours(void);

#endif
