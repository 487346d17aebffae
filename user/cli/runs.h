/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What outlives "srcpin run": who clears up after its command. */
#ifndef SRCPIN_RUNS_H
#define SRCPIN_RUNS_H

#include "base/failure.h"
#include "host/cgroup.h"

/*
 * Starts a process that clears the leaf once nobody is in it, but not before
 * all copies of the fd RET are closed. It is nobody's child, and has neither
 * terminal nor descriptors of the caller's. 0, or a negative errno with the sentence in F.
 */
int runs_look_after(const struct cgroup *leaf, int *ret, struct failure *f);

/* Clears what commands have left whose process of that kind was killed: leaves without processes, and their policies.
 */
void runs_clear(void);

#endif
