/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Giving up rights, for good: before what others name or say is looked at. */
#ifndef SRCPIN_RIGHTS_H
#define SRCPIN_RIGHTS_H

#include <stdint.h>
#include <sys/types.h>

#include "base/failure.h"
#include "base/privilege.h"

struct account {
	char name[64];
	uid_t uid;
	gid_t gid;
};

/*
 * The first of NAMES, of which NULL is the last, that this host has. One that
 * is root by another name is none. -ENOENT, or another negative errno.
 */
int account_find(const char *const *names, struct account *ret, struct failure *f);

/*
 * One that has no rights, and whose processes no user can stop or end: a uid
 * that nobody has, or, in a user namespace without it, that of nobody. Of a caller who is not root: his own.
 */
struct account account_spare(void);

/*
 * The process becomes AS (NULL: it stays who it is), in no other group, with
 * none but the capabilities KEEP of those that it has, also in the bounding
 * set, and without a way to more (no_new_privs). 0, or a negative errno: then it may have any part of what it had.
 */
int rights_give_up(const struct account *as, uint64_t keep, struct failure *f);

#endif
