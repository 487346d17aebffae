/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For status: where the processes of services really are. */
#ifndef SRCPIN_PLACES_H
#define SRCPIN_PLACES_H

#include "cli/options.h"
#include "kernel/loaded.h"
#include "report/report.h"

/*
 * Adds to HEALTH, one for each of L, what lives elsewhere. PINNED: the cgroups
 * that have a policy.
 */
void places_examine(const struct options *o, const struct loaded_list *l, const struct cgroup_ids *pinned,
		    struct health *health, struct not_pinned_list *ret);
void places_free(struct not_pinned_list *n);

#endif
