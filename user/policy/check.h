/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Is a whole config right? No I/O. */
#ifndef SRCPIN_CHECK_H
#define SRCPIN_CHECK_H

#include <stdbool.h>

#include "config/config.h"

/* The errors of all sections, and of the file as a whole (the same section twice). True if there are none. */
bool policy_check(const struct config *c, struct diagnostics *d);

#endif
