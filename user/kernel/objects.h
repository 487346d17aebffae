/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The one set of programs and maps of the host, held in bpffs between the
 * first load and the last unload. Part of the loader: libbpf is used here.
 */
#ifndef SRCPIN_OBJECTS_H
#define SRCPIN_OBJECTS_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "kernel/home.h"
#include "kernel/hooks.h"

enum held_map {
	MAP_SERVICE, /* cgroup storage: struct srcpin_service */
	MAP_COUNTS,  /* per-CPU cgroup storage: struct srcpin_counters */
	MAP_RULES,   /* struct srcpin_key -> struct srcpin_rule, of all services */
	MAP_NESTED,  /* cgroup id -> depth, of the services in force that lie within or around others */
	MAP_OWNERS,  /* socket storage: a cgroup id */
	MAP_EVENTS,  /* perf events: the buffers of watchers */
	MAP_WATCH,   /* struct srcpin_watch */
	N_MAPS,
};

struct objects {
	int prog[N_HOOKS]; /* -1: not loaded, as no service needs it */
	int hold;          /* the program that decides nothing */
	int map[N_MAPS];
	bool replaced; /* the programs have just taken the place of those of another build */
};

/* The folder of the maps: another one whenever they are others. */
#define MAPS_FOLDER BPFFS_HOME "/maps"

/*
 * IN_USE says that services are loaded, so that their maps have to be there.
 * HOOKS is a set: the programs that are needed. Opens what is held; loads and
 * holds them if one of them is not, or if it is from another build of the same ABI (the maps stay then, so that what is
 * pinned stays pinned). -EPROTO if the ABI differs. On an error nothing new is held.
 */
int objects_open(bool in_use, uint32_t hooks, struct objects *ret, struct failure *f);

/* After objects_open(): the programs of the other build are not needed any more, or are to be held again. */
void objects_keep(const struct objects *o);
void objects_undo(struct objects *o);

/* Only what is held. Loads nothing. RET has what there is also after an error. */
int objects_open_held(struct objects *ret, struct failure *f);

/* Removes programs and maps from bpffs. What is attached stays attached. */
int objects_drop(struct failure *f);

/* All fds -1; then it may be closed. */
void objects_init(struct objects *o);
void objects_close(struct objects *o);

#endif
