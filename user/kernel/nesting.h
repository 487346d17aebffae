/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pinned cgroups within pinned cgroups: tells the programs of each that it is
 * not alone, and which of them are in force (decided_within() in bpf/nested.h).
 * Part of the loader: libbpf is used here.
 */
#ifndef SRCPIN_NESTING_H
#define SRCPIN_NESTING_H

#include "base/failure.h"
#include "host/cgroup.h"
#include "kernel/objects.h"

/* Where the cgroup stands among the pinned ones. */
struct place {
	uint32_t depth; /* 1 is right below the root */
	bool nested;    /* another pinned cgroup lies in it, or it lies in another one */
};

/* Where a cgroup stands among the pinned ones. 0, or a negative errno with the sentence in F. */
int nesting_place(const struct cgroup *c, struct place *ret, struct failure *f);

/* Before C is put in force: tells the services around and within it. */
int nesting_prepare(const struct objects *o, const struct cgroup *c, struct failure *f);

/*
 * Only the mark of a service that has entered counts; before that, the one
 * around it decides. So a service enters when all its programs are attached,
 * before it is in force. It leaves when it is idle, before one of its programs
 * goes.
 */
int nesting_enter(const struct objects *o, uint64_t id, uint32_t depth, struct failure *f);
void nesting_leave(const struct objects *o, uint64_t id);
bool nesting_has(const struct objects *o, uint64_t id);

/* After services have gone: tells those that have none around or within them any more. */
void nesting_settle(const struct objects *o);

#endif
