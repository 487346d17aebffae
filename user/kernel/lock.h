/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The lock that all writers of a host share: flock(2) of our folder in bpffs.
 * The kernel releases it when its holder ends, but not while the holder is
 * stopped.
 */
#ifndef SRCPIN_LOCK_H
#define SRCPIN_LOCK_H

#include <stdbool.h>

#include "base/failure.h"

/*
 * Locks FD. After a second, says on stderr for whom it waits. Gives up once
 * the same process has held it for ten seconds: -ETIMEDOUT.
 */
int lock_take(int fd, struct failure *f);

/* For readers without the lock, who may see something half done: how long they should look again. */
struct lock_patience {
	int naps;
	int quiet; /* looks during which nobody had the lock */
	bool was_free;
};

/*
 * Naps for a moment. Returns whether to look again: for a second while
 * somebody has the lock (the holder may be stopped), and twice after that.
 */
bool lock_look_again(struct lock_patience *p);

#endif
