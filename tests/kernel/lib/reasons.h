/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The counters, as `srcpin status --json` tells them. */
#ifndef REASONS_H
#define REASONS_H

#include <jansson.h>
#include <stddef.h>

/* counters.reasons of the test's cgroup; to be released with json_decref(). */
json_t *reasons_now(void);

/* counters.dropped of it: packets that the guard dropped; 0 if nothing is loaded */
long long dropped_now(void);

/* What grew from BEFORE to AFTER: "pinned_bind pinned_already*2", in the order of the names; "none" */
void reasons_grown(json_t *before, json_t *after, char *text, size_t size);

#endif
