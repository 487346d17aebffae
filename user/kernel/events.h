/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Live decisions. Gives the services' programs buffers to write them into
 * (srcpin/event.h), and reads the buffers. The kernel takes the buffers away
 * when this process ends, however it ends. Part of the loader: libbpf is used
 * here.
 */
#ifndef SRCPIN_EVENTS_H
#define SRCPIN_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "srcpin/event.h"

struct events;

/*
 * NAME as in cgroup_is(); NULL: all services. FILTER needs no cgroup_id.
 * Watches nothing yet. Aborts if memory is out.
 */
struct events *events_new(const struct srcpin_filter *filter, const char *name);

/* A descriptor to poll for input; then call events_follow() again. -1: there is none. */
int events_fd(const struct events *e);

/*
 * Begins to watch what has been loaded since; call it many times a second. RET
 * is the number of watched services. 0, or a negative errno with the sentence
 * in F.
 */
int events_follow(struct events *e, size_t *ret, struct failure *f);

/*
 * Calls FN for each decision, in the order in which they were made, until it
 * returns other than 0. The rest comes the next time. Returns what FN
 * returned, or 0.
 */
int events_read(struct events *e, int (*fn)(const struct srcpin_event *event, void *data), void *data);

/* How many decisions the buffers had no room for, so far */
uint64_t events_lost(const struct events *e);

/* The path of a service's cgroup, also for a minute after it is gone; "" if it was not watched. */
const char *events_cgroup(struct events *e, uint64_t id);

void events_free(struct events *e);

#endif
