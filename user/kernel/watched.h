/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which services there are while they are watched, by the ids of their cgroups. Part of the loader. */
#ifndef SRCPIN_WATCHED_H
#define SRCPIN_WATCHED_H

#include <stdint.h>

#include "base/failure.h"

struct watched_service {
	uint64_t id;
	char *cgroup; /* its path; "" if it is not watched */
	int64_t seen; /* when it was last there, in milliseconds */
};

struct watched {
	const char *name;             /* as in cgroup_is(); NULL: all */
	struct watched_service *item; /* sorted by id */
	size_t n;
	size_t n_now; /* how many of the watched ones are there now */
	int64_t now;  /* when the last look was, in milliseconds */
};

/* Looks at all that is loaded. NOW is in milliseconds. */
int watched_look(struct watched *w, int64_t now, struct failure *f);

/* The path of the cgroup. "" if its service is not called so, or has not been there for a minute. */
const char *watched_cgroup(struct watched *w, uint64_t id);

void watched_free(struct watched *w);

#endif
