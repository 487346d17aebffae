// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "host/cgroup_owner.h"

#define WHY 64

static bool is_roots(const struct stat *st, char why[static WHY])
{
	if (st->st_uid)
		snprintf(why, WHY, "belongs to uid %u", st->st_uid);
	else if (st->st_mode & (S_IWGRP | S_IWOTH))
		snprintf(why, WHY, "is for others than root to write");
	else
		return true;
	return false;
}

/* A cgroup that goes away meanwhile is nobody's. */
bool cgroup_is_roots(int dir_fd, char why[static WHY])
{
	struct stat st;

	if (fstat(dir_fd, &st) || !is_roots(&st, why))
		return false;
	return fstatat(dir_fd, "cgroup.procs", &st, AT_SYMLINK_NOFOLLOW) || is_roots(&st, why);
}

/* "trusted." since systemd 236, but only CAP_SYS_ADMIN may read it; "user." since 251 */
bool cgroup_is_delegated(int dir_fd, char why[static WHY])
{
	static const char *const mark[] = { "trusted.delegate", "user.delegate" };

	for (size_t i = 0; i < sizeof(mark) / sizeof(*mark); i++) {
		char value;

		if (fgetxattr(dir_fd, mark[i], &value, 1) != 1 || value != '1')
			continue;
		snprintf(why, WHY, "is delegated");
		return true;
	}
	return false;
}
