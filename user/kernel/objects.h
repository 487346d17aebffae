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
	MAP_LISTS,   /* struct srcpin_list_key -> struct srcpin_list */
	MAP_NESTED,  /* cgroup id -> depth, of services in force that lie within or around others */
	MAP_SOCKETS, /* socket storage: struct srcpin_socket */
	MAP_EVENTS,  /* perf events: the buffers of watchers */
	MAP_WATCH,   /* struct srcpin_watch */
	N_MAPS,
};

struct objects {
	int prog[N_HOOKS]; /* -1: not loaded, as no service needs it */
	int hold;          /* the program that decides nothing */
	int map[N_MAPS];
	bool replaced; /* the programs have just taken the place of others */
};

/* The folder of the maps. It is replaced together with them. */
#define MAPS_FOLDER BPFFS_HOME "/maps"

/* What a policy needs of the programs */
struct needs {
	uint32_t hooks;
	bool lists; /* rules with several sources, or a prefix */
};

/*
 * Opens what is held. IN_USE: services are loaded, so their maps must be
 * there. Loads and holds programs if what is held is less than NEEDS, or from
 * another build of the same ABI. The maps stay then, so that what is pinned
 * stays pinned. -EPROTO if the ABI differs. On an error nothing new is held.
 */
int objects_open(bool in_use, struct needs needs, struct objects *ret, struct failure *f);

/* After objects_open(): drops the programs that were replaced, or holds them again. */
void objects_keep(const struct objects *o);
void objects_undo(struct objects *o);

/* Opens only what is held, and loads nothing. On an error RET has what could be opened. */
int objects_open_held(struct objects *ret, struct failure *f);

/* Removes programs and maps from bpffs. What is attached stays attached. */
int objects_drop(struct failure *f);

/* Sets all fds to -1, so that it may be closed. */
void objects_init(struct objects *o);
void objects_close(struct objects *o);

/* Holds what FD is in bpffs. */
int objects_pin(int fd, const char *path, struct failure *f);

#endif
