/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Attaches the programs to a service's cgroup, replaces and detaches them, and
 * undoes that. Part of the loader: libbpf is used here.
 */
#ifndef SRCPIN_ATTACH_H
#define SRCPIN_ATTACH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "host/cgroup.h"
#include "kernel/hooks.h"
#include "kernel/objects.h"
#include "srcpin/abi.h"

/* What attach() has done, so that it can be undone; to be closed */
struct attached {
	bool made[N_HOOKS];
	bool renewed[N_HOOKS];
	int old[N_HOOKS]; /* the program that was in the link, if renewed */
};

/*
 * Attaches those of HOOKS that are not attached yet; these go by the rules of
 * S. Puts this build's program into the others. 0, or a negative errno with
 * the sentence in F; DONE tells how far it came.
 */
int attach(const struct objects *o, const struct cgroup *c, uint32_t hooks, const struct srcpin_service *s,
	   struct attached *done, struct failure *f);
void attach_undo(uint64_t id, const struct attached *done);
void attached_close(struct attached *done);

/* Has it put this build's programs in the place of others? */
bool attached_anew(const struct attached *done);

/* Attaches the hooks that a service in force lacks. */
int attach_all(const struct objects *o, const char *path, struct srcpin_service *s, struct failure *f);

/* Detaches all hooks of the service with this id, except those in HOOKS. */
void detach_all_but(uint64_t id, uint32_t hooks);

#endif
