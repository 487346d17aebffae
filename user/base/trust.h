/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files that only root can change or replace. */
#ifndef SRCPIN_TRUST_H
#define SRCPIN_TRUST_H

#include "base/failure.h"

/*
 * Opens PATH, absolute or below the current folder. FLAGS are those of
 * open(2); O_CLOEXEC, O_NOCTTY and O_NONBLOCK are added. With O_DIRECTORY it
 * must be a folder, else a regular file. With O_NOFOLLOW its last part must
 * not be a link.
 *
 * Each folder from / to it, each symbolic link on the way, and what is opened
 * must belong to root. Nobody else may write them: neither their group nor
 * others, sticky or not. It goes by descriptors, so what was checked is what
 * is opened.
 *
 * An fd, or a negative errno with the sentence in F, which names the part of
 * the path that is at fault. -EPERM: it is not root's alone, or not a regular
 * file.
 */
int trust_open(const char *path, int flags, struct failure *f);

#endif
