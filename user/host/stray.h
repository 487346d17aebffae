/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Processes of a service that live in another cgroup than the service, so that
 * no policy of the service's is for them. Those in another pinned cgroup are
 * pinned there, and are none.
 */
#ifndef SRCPIN_STRAY_H
#define SRCPIN_STRAY_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/cgroup_ids.h"
#include "host/processes.h"

enum stray_kind {
	STRAY_MAIN,     /* the service's main process */
	STRAY_CHILD,    /* a child of a process of the service */
	STRAY_CLIENT,   /* none itself: it is in the service, and what it asks others to run is not */
	STRAY_NAMESAKE, /* the service is a slice, and it is in another cgroup of the slice's name */
};

struct stray {
	enum stray_kind kind;
	long pid, parent; /* parent: of a child, which is in the service */
	char comm[16];    /* of a client the program's name */
	char parent_comm[16];
	char cgroup[PATH_MAX];    /* that it is in; of a client "" */
	char why[PATH_MAX + 256]; /* what is wrong, as a part of a sentence */
};

struct stray_query {
	uint64_t cgroup;                 /* the service's id */
	const char *path;                /* and its path */
	long main;                       /* the unit's main process; 0: it has none, or there is no unit */
	const struct cgroup_ids *pinned; /* all cgroups that have a policy */
	const struct processes *all;
};

/* The first one, if there is any. Aborts if memory is out. */
bool stray_find(const struct stray_query *q, struct stray *ret);

#endif
