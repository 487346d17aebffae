/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Gives up rights for good, before looking at names or words of others. */
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
 * Finds the first of NAMES that this host has; NULL ends the list. An account
 * with root's uid does not count. -ENOENT, or another negative errno.
 */
int account_find(const char *const *names, struct account *ret, struct failure *f);

/*
 * An account without rights, whose processes no user can stop or end: a uid
 * that nobody has. In a user namespace without that uid, it is nobody's. If
 * the caller is not root, it is the caller's own.
 */
struct account account_spare(void);

/* Of its capabilities the process keeps only KEEP, and hands none down. 0, or a negative errno. */
int rights_keep_only(uint64_t keep);

/*
 * The process becomes AS (NULL: it stays who it is), and is in no other group.
 * Of its capabilities it keeps only KEEP, also in the bounding set, and cannot
 * get more (no_new_privs). 0, or a negative errno: then it may still have any
 * part of its rights.
 */
int rights_give_up(const struct account *as, uint64_t keep, struct failure *f);

#endif
