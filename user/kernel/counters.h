/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the programs have counted for a cgroup. Part of the loader: libbpf is used here. */
#ifndef SRCPIN_COUNTERS_H
#define SRCPIN_COUNTERS_H

#include <stdint.h>

#include "base/failure.h"
#include "kernel/objects.h"
#include "srcpin/abi.h"

/* The sum over all CPUs, and the last refusal, fit to be shown. Zero for a cgroup that is gone, or was never loaded. */
int counters_read(const struct objects *o, uint64_t id, struct srcpin_counters *ret, struct failure *f);

/* Sets the counters to zero; the caller has the lock. WAS, unless NULL, is what they were just before. */
int counters_zero(const struct objects *o, uint64_t id, struct srcpin_counters *was, struct failure *f);

/*
 * Takes the lock and sets the counters to zero. WAS is what they were. A call
 * that is counted at this very moment may be missing from both. No error if
 * the cgroup is gone.
 */
int counters_reset(uint64_t id, struct srcpin_counters *was, struct failure *f);

#endif
