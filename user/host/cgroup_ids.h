/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sets of cgroup ids: a cgroup and those below it. */
#ifndef SRCPIN_CGROUP_IDS_H
#define SRCPIN_CGROUP_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

struct cgroup_ids {
	uint64_t *id; /* in no order */
	size_t n;
};

/*
 * The cgroup with the id TOP and all below it. Leaves out each cgroup in
 * WITHOUT, with all below it, but never TOP itself. 0, or a negative errno
 * with the sentence in F.
 */
int cgroup_ids_below(uint64_t top, const struct cgroup_ids *without, struct cgroup_ids *ret, struct failure *f);

/* Aborts if memory is out. */
void cgroup_ids_add(struct cgroup_ids *ids, uint64_t id);

bool cgroup_ids_have(const struct cgroup_ids *ids, uint64_t id);
void cgroup_ids_free(struct cgroup_ids *ids);

#endif
