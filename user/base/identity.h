/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* As whom a command runs that srcpin starts for its caller. */
#ifndef SRCPIN_IDENTITY_H
#define SRCPIN_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/failure.h"

struct identity {
	uid_t uid;
	gid_t gid;
	gid_t *group; /* those that the user database names */
	int n_groups;
	bool other;                /* not the caller's user */
	char *name, *home, *shell; /* NULL: the user database does not know this uid */
};

/*
 * USER is a name or a number; NULL: the caller of sudo, if root calls, or else
 * the caller. Asks the user database, which may ask the network. 0, or a
 * negative errno with the sentence in F. RET is to be freed.
 */
int identity_find(const char *user, struct identity *ret, struct failure *f);

/*
 * The process becomes that user, in the groups of the user database and no
 * others, with $HOME, $USER, $LOGNAME and $SHELL if it is another user. It has
 * no capability any more, unless it is root, and hands none down. The bounding
 * set stays, or programs that are setuid would not work.
 */
int identity_take(const struct identity *i, struct failure *f);

void identity_free(struct identity *i);

#endif
