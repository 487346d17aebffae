/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is held, for those who read it without a lock: one set of maps. A load
 * may exchange it for another while they read. Part of the loader.
 */
#ifndef SRCPIN_HELD_H
#define SRCPIN_HELD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/failure.h"
#include "kernel/objects.h"

struct held {
	struct objects objects;
	ino_t folder; /* of the maps */
};

/*
 * 1: there is something to read; 0: nothing is loaded; or a negative errno.
 * RET may be closed with held_close() in each case.
 */
int held_open(struct held *ret, struct failure *f);

/* Are these still the maps of this host? If not, what was read from them may be out of date. */
bool held_is_current(const struct held *h);

void held_close(struct held *h);

/* The inode of the maps' folder. 0: there is none. */
ino_t held_folder(void);

#endif
