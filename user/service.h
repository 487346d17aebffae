/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One service's entries in bpffs and in the maps. Part of the loader: libbpf is used here. */
#ifndef SRCPIN_SERVICE_H
#define SRCPIN_SERVICE_H

#include <limits.h>
#include <stdint.h>

#include "failure.h"
#include "hooks.h"
#include "loader.h"
#include "objects.h"

#define SERVICES BPFFS_HOME "/services"

/*
 * Calls FN for each service that has a folder, until one returns other than 0;
 * returns that, or 0; or a negative errno, if they cannot be listed.
 */
int service_each(int (*fn)(uint64_t id, void *data), void *data, struct failure *f);

/* Is there any? 1, 0, or a negative errno. */
int service_any(struct failure *f);

/* The link of a hook: its fd and, if INFO is not NULL, what the kernel says of it; or a negative errno. */
int service_link(uint64_t id, enum hook h, struct bpf_link_info *info);

/* Which rules are in force; RET is zero if none are. */
int service_storage(const struct objects *o, uint64_t id, struct srcpin_service *ret, struct failure *f);

/* Has it a policy that decides? All zero: attached without, it refuses everything; idle: as if it were not attached. */
bool service_is_in_force(const struct srcpin_service *s);

/* Writes all of S in one step; CGROUP is its path, for the message. */
int service_write(const struct objects *o, const char *cgroup, const struct srcpin_service *s, struct failure *f);

/* Where the cgroup stands among the pinned ones. */
struct service_place {
	uint32_t depth; /* 1 is right below the root */
	bool nested;    /* another one lies in it, or it in another */
};

/*
 * The hooks that are needed to put P in force. All where cgroups nest: an
 * outer one's program is to find that the inner one has decided, if only that
 * it does nothing.
 */
uint32_t service_hooks(const struct policy *p, bool nested);

/* Attaches to a service in force what is missing of all hooks. */
int service_attach_all(const struct objects *o, const char *path, struct srcpin_service *s, struct failure *f);

int service_put(const struct objects *o, const struct cgroup *c, const char *config, const struct policy *p,
		const struct service_place *place, struct failure *f);

/*
 * Out of force, in one step: from here on its programs decide nothing. Nothing
 * is done for a cgroup that is gone, or was never in force.
 */
int service_idle(const struct objects *o, uint64_t id, struct failure *f);

/*
 * Then the rest, in two steps, so that many can be removed with one wait
 * between (rules_wait_for_programs). O may have maps that are not open, where
 * only folders are left.
 */
void service_detach(uint64_t id);
int service_remove(const struct objects *o, uint64_t id, struct failure *f);

/* Is any of its hooks in bpffs? */
bool service_has_link(uint64_t id);

/* Where the service's cgroup is, as recorded. "" if it is not known. */
int service_cgroup_path(uint64_t id, char ret[static PATH_MAX], struct failure *f);

/* Where the policy of that generation comes from, likewise; 0: of a cgroup that is gone, the last one. */
int service_config_path(uint64_t id, uint32_t generation, char ret[static PATH_MAX], struct failure *f);

#endif
