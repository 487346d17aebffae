/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tells at once when the first load of a host begins. */
#ifndef SRCPIN_BPFFS_WATCH_H
#define SRCPIN_BPFFS_WATCH_H

#include <stdbool.h>

/*
 * A descriptor that becomes readable when an entry is made in bpffs
 * (inotify(7)), to be closed by close(2). -1: there can be none. The caller
 * must look from time to time anyway, as bpffs may be mounted later.
 */
int bpffs_watch_open(void);

/* Reads what is waiting. Was one of the entries our folder (bpffs.h)? */
bool bpffs_watch_drain(int fd);

#endif
