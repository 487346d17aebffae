/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is in force, as the kernel tells it, read without a lock. All functions
 * return 0 or a negative errno with the sentence in F.
 */
#ifndef SRCPIN_LOADED_H
#define SRCPIN_LOADED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "host/cgroup.h"
#include "host/cgroup_ids.h"
#include "kernel/hooks.h"
#include "policy/policy.h"
#include "srcpin/abi.h"

struct loaded_hook {
	const char *name; /* of the program: "srcpin_connect6" */
	uint32_t program; /* ids of the kernel; 0: none */
	uint32_t link;
	bool wanted;      /* by the policy: IPv4's only if it says something about IPv4, the guard unless it is off */
	bool attached;    /* to this cgroup, at this hook */
	char version[16]; /* the version of srcpin that the program is from; "" if not known */
};

struct loaded {
	uint64_t cgroup_id;
	char *cgroup; /* path below the cgroup2 mount */
	char *config; /* path of the file that the policy came from */
	bool gone;    /* the cgroup was removed, even if there is a new one of that path */
	bool idle;    /* nothing of it is in force: a load or an unload is under way, or was killed */
	bool unheld;  /* programs of ours that are not held here are attached to it, too */
	bool has_policy;
	bool overruled; /* others lie around it, and the marks of its programs do not count */
	struct policy policy;
	struct srcpin_counters counters; /* of all CPUs; last: the last one of all, `when` is 0 if there is none */
	struct loaded_hook hook[N_HOOKS];
};

struct loaded_list {
	struct loaded *item; /* sorted by path */
	size_t n;
};

/* What is loaded. NAME as in cgroup_is(), NULL: everything. An empty list is no error. */
int loaded_read(const char *name, struct loaded_list *ret, struct failure *f);
void loaded_list_free(struct loaded_list *l);

/*
 * Whose policy decides for the cgroup with this path: the innermost of L that
 * it is in. One that only observes leaves it to those around. NULL: none.
 */
const struct loaded *loaded_deciding(const struct loaded_list *l, const char *path);

/* The ids of all cgroups that have links of ours, even of those that are gone. */
int loaded_ids(struct cgroup_ids *ret, struct failure *f);

#endif
