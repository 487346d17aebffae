/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* To be told at once when the first load of a host begins. */
#ifndef SRCPIN_BPFFS_WATCH_H
#define SRCPIN_BPFFS_WATCH_H

#include <stdbool.h>

/*
 * A descriptor that becomes readable when an entry is made in bpffs
 * (inotify(7)), to be closed by close(2). -1 where there can be none: who asks
 * has to look from time to time in any case, as bpffs may be mounted later.
 */
int bpffs_watch_open(void);

/* Takes what there is. Was one of the entries our folder (bpffs.h)? */
bool bpffs_watch_drain(int fd);

#endif
