/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pinned cgroups within pinned cgroups: tells the programs of each that it is
 * not alone, and which of them are in force (decided_within() in bpf/maps.h).
 * Part of the loader: libbpf is used here.
 */
#ifndef SRCPIN_NESTING_H
#define SRCPIN_NESTING_H

#include "cgroup.h"
#include "failure.h"
#include "objects.h"
#include "service.h"

/* Where a cgroup stands among the pinned ones. */
struct service_place nesting_place(const struct cgroup *c);

/*
 * Before C is put in force: the services around and within it are told. Until
 * nesting_enter() the ones around it decide for its sockets.
 */
int nesting_prepare(const struct objects *o, const struct cgroup *c, struct failure *f);

/* From now on the service decides for its sockets; or, from now on, no longer: before its programs go. */
int nesting_enter(const struct objects *o, uint64_t id, const struct service_place *place, struct failure *f);
void nesting_leave(const struct objects *o, uint64_t id);

/* After services have gone: those that have none around or within them any more are told. */
void nesting_settle(const struct objects *o);

#endif
