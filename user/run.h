/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What another program says. */
#ifndef SRCPIN_RUN_H
#define SRCPIN_RUN_H

#include <stdbool.h>

#include "failure.h"

/*
 * Runs ARGV, of which NULL is the last, found in /usr/sbin, /usr/bin, /sbin or /bin, with an
 * environment that does not depend on ours. RET, to be freed, is what it prints on standard output, and, if ERRORS, on
 * standard error. STATUS is its exit status as of waitpid(2). 0, or a negative errno with the sentence in F.
 */
int run_program(const char *const *argv, bool errors, char **ret, int *status, struct failure *f);

#endif
