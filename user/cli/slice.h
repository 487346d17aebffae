/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* install and uninstall of a slice: with all that runs in it, whoever starts that. */
#ifndef SRCPIN_SLICE_H
#define SRCPIN_SLICE_H

#include <stdbool.h>

#include "cli/options.h"

/* Is this the name of a slice? */
bool slice_is(const char *name);

/* Exit statuses */
int slice_install(const struct options *o);
int slice_uninstall(const struct options *o);

#endif
