/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What there is of a service in bpffs and in the maps: its folder, links and
 * storage. Part of the loader: libbpf is used here.
 */
#ifndef SRCPIN_STORE_H
#define SRCPIN_STORE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "kernel/bpffs.h"
#include "kernel/hooks.h"
#include "kernel/objects.h"
#include "srcpin/abi.h"

#define SERVICES BPFFS_HOME "/services"

enum { SERVICE_PATH_SIZE = 128 };

/* The path of the service's folder, or of ENTRY in it */
void service_path(char ret[static SERVICE_PATH_SIZE], uint64_t id, const char *entry);

/*
 * The name of the symlink to the config. It is another one than that of the
 * generations before and after: so it changes with the policy, in the same
 * step.
 */
const char *service_config_entry(uint32_t generation);

/*
 * Calls FN for each service that has a folder, until FN returns other than 0.
 * Returns that, or 0; or a negative errno if they cannot be listed.
 */
int service_each(int (*fn)(uint64_t id, void *data), void *data, struct failure *f);

/* Is there any service? 1, 0, or a negative errno. */
int service_any(struct failure *f);

/* An fd of a hook's link, or a negative errno. INFO, unless NULL, is what the kernel says of it. */
int service_link(uint64_t id, enum hook h, struct bpf_link_info *info);

/* Which rules are in force; RET is zero if none are. */
int service_storage(const struct objects *o, uint64_t id, struct srcpin_service *ret, struct failure *f);

/*
 * Has the service a policy that decides? Not if S is all zero: what is
 * attached refuses everything. Not if it is idle: it is as if nothing were
 * attached.
 */
bool service_is_in_force(const struct srcpin_service *s);

/* Writes all of S in one step; CGROUP is its path, for the message. */
int service_write(const struct objects *o, const char *cgroup, const struct srcpin_service *s, struct failure *f);

/* Has it a link in bpffs? */
bool service_has_link(uint64_t id);

/* The path of the service's cgroup, as recorded. "" if it is not known. */
int service_cgroup_path(uint64_t id, char ret[static PATH_MAX], struct failure *f);

/*
 * The config that the policy of this generation came from, as recorded. "" if
 * it is not known. Generation 0: the last one, for a cgroup that is gone.
 */
int service_config_path(uint64_t id, uint32_t generation, char ret[static PATH_MAX], struct failure *f);

#endif
