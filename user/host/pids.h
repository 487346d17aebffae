/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which PID namespace the pids belong to that the kernel's programs give. */
#ifndef SRCPIN_PIDS_H
#define SRCPIN_PIDS_H

#include <stdbool.h>

/*
 * They belong to the first PID namespace, the host's. Is that the caller's
 * too? In another one (a container) they cannot be translated.
 */
bool pids_are_ours(void);

#endif
