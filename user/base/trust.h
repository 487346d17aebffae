/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files that nobody but root can change, or put another in the place of. */
#ifndef SRCPIN_TRUST_H
#define SRCPIN_TRUST_H

#include "base/failure.h"

/*
 * Opens PATH, absolute or below the current folder, with FLAGS of open(2), to
 * which O_CLOEXEC, O_NOCTTY and O_NONBLOCK are added: a folder with
 * O_DIRECTORY, else a regular file; with O_NOFOLLOW no link at its end. Each folder from / to it, each symbolic link
 * on the way and what is opened itself must belong to root, and nobody else may
 * write it: neither its group nor others, sticky or not. It goes by
 * descriptors: what was checked is what is opened.
 *
 * An fd, or a negative errno with the sentence in F, which names the part of
 * the path that is at fault. -EPERM: not root's alone, or no regular file.
 */
int trust_open(const char *path, int flags, struct failure *f);

#endif
