// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "host/mounts.h"

bool mounts_are_apart(void)
{
	struct stat ours, hosts;

	return !stat("/proc/self/ns/mnt", &ours) && !stat("/proc/1/ns/mnt", &hosts) &&
	       (ours.st_ino != hosts.st_ino || ours.st_dev != hosts.st_dev);
}

bool mounts_have_alone(const char *path)
{
	char at_host[PATH_MAX];
	struct stat ours, hosts;

	snprintf(at_host, sizeof(at_host), "/proc/1/root%s", path);
	if (!mounts_are_apart() || stat(path, &ours))
		return false;
	if (stat(at_host, &hosts))
		return errno == ENOENT;
	return ours.st_dev != hosts.st_dev;
}
