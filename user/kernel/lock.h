/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The lock that all writers of a host share: flock(2) of our folder in bpffs.
 * The kernel lets it go when its holder ends, but not while that is stopped.
 */
#ifndef SRCPIN_LOCK_H
#define SRCPIN_LOCK_H

#include <stdbool.h>

#include "base/failure.h"

/*
 * Locks FD. Says after a second on stderr for whom it waits, and gives up
 * once the same process has held it for ten: -ETIMEDOUT.
 */
int lock_take(int fd, struct failure *f);

/* For who looks without it, and sees what may be half done: how long it is worth to look again. */
struct lock_patience {
	int naps;
	int quiet; /* looks, before and after which nobody had it */
	bool was_free;
};

/*
 * Naps for a moment, and says whether to look again: while somebody has the
 * lock, for a second (he may be stopped), and twice after that.
 */
bool lock_look_again(struct lock_patience *p);

#endif
