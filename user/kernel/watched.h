/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which services there are while they are watched, by the ids of their cgroups. Part of the loader. */
#ifndef SRCPIN_WATCHED_H
#define SRCPIN_WATCHED_H

#include <stdint.h>

#include "base/failure.h"

struct watched_service {
	uint64_t id;
	char *cgroup; /* its path; "" of one that is not watched */
	int64_t seen; /* when it was there last, in milliseconds */
};

struct watched {
	const char *name;             /* as in cgroup_is(); NULL: all */
	struct watched_service *item; /* sorted by id */
	size_t n;
	size_t n_now; /* how many of those that are watched are there now */
	int64_t now;  /* of the last look */
};

/* Looks at all that is loaded. NOW: in milliseconds */
int watched_look(struct watched *w, int64_t now, struct failure *f);

/* The path of the cgroup, "" if it is not of a service that was there a minute ago, or not one of that name. */
const char *watched_cgroup(struct watched *w, uint64_t id);

void watched_free(struct watched *w);

#endif
