// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/cgroup_find.h"
#include "host/cgroup_owner.h"
#include "host/cgroup_resolve.h"

/* SHOWN: what the user calls the cgroup. Takes DIR. */
static int describe(int dir, const char *mount, const char *shown, struct cgroup *ret, struct failure *f)
{
	_cleanup_close_ int fd = dir;
	char link[64], path[PATH_MAX];
	size_t n = strlen(mount);
	uint64_t id = 0;
	ssize_t len;
	int err;

	if (!cgroup_is_v2(fd))
		return fail(f, -EINVAL,
			    "cannot use %s: it is not a cgroup of the cgroup2 hierarchy, which is mounted on %s", shown,
			    mount);
	err = cgroup_read_id(fd, &id);
	if (err)
		return fail(f, err, "cannot read the id of cgroup %s: %s", shown, strerror(-err));
	/* the kernel's own name for what was opened: no links, no "..", no doubled slashes */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return fail(f, -errno, "cannot read the path of cgroup %s: %s", shown, strerror(errno));
	path[len] = '\0';
	if (strncmp(path, mount, n) != 0 || (path[n] && path[n] != '/'))
		return fail(f, -EINVAL, "cannot use %s: it is not below %s", shown, mount);
	if (!path[n] || strcmp(path + n, "/") == 0)
		return fail(f, -EINVAL, "cannot use the root cgroup: every process of the host is in it");
	ret->path = strdup(path + n);
	if (!ret->path)
		return fail(f, -ENOMEM, "cannot use cgroup %s: out of memory", shown);
	ret->id = id;
	ret->fd = steal_fd(&fd);
	return 0;
}

/*
 * The part of PATH below the mount point, or all of PATH if it is not below
 * it. Always one leading slash, never a trailing one.
 */
static char *below_mount(const char *path, const char *mount)
{
	size_t n = strlen(mount), len;
	char *below;

	if (strncmp(path, mount, n) == 0 && (path[n] == '/' || !path[n]))
		path += n;
	path += strspn(path, "/");
	len = strlen(path);
	while (len && path[len - 1] == '/')
		len--;
	return asprintf(&below, "/%.*s", (int)len, path) < 0 ? NULL : below;
}

static int open_path(const char *path, const char *mount, int mount_fd, struct cgroup *ret, struct failure *f)
{
	_cleanup_free_ char *below = below_mount(path, mount);
	int fd, err;

	if (!below)
		return fail(f, -ENOMEM, "cannot use cgroup %s: out of memory", path);
	fd = openat(mount_fd, below[1] ? below + 1 : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* an absolute path that is not below the mount may still be some other directory: then say so */
	if (fd < 0 && path[0] == '/')
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = errno;
	if (fd >= 0)
		return describe(fd, mount, path, ret, f);
	if (err == ENOENT)
		return fail(f, -ENOENT, "cannot find cgroup %s below %s (is the service running?)", path, mount);
	if (err == ENOTDIR || err == ENAMETOOLONG || err == ELOOP)
		return fail(f, -EINVAL, "cannot use %s as a cgroup: %s", path, strerror(err));
	return fail(f, -err, "cannot open cgroup %s: %s", path, strerror(err));
}

/*
 * Whoever a cgroup is delegated to may move any process in it to any cgroup
 * below, even one of root's. So only the delegated cgroup itself is surely the
 * caller's.
 */
static void leave_delegated(int mount_fd, char *path)
{
	for (char *end = strchr(path + 1, '/'); end; end = strchr(end + 1, '/')) {
		_cleanup_close_ int fd = -1;
		char ignored[64];

		*end = '\0';
		fd = openat(mount_fd, path + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && (!cgroup_is_roots(fd, ignored) || cgroup_is_delegated(fd, ignored)))
			return;
		*end = '/';
	}
}

/* In a unit with Delegate=, systemd runs ExecCondition= and the like in a cgroup below the unit's. */
static void leave_control(char *path)
{
	size_t n = strlen(path), last = strlen("/.control");

	if (n > last && strcmp(path + n - last, "/.control") == 0)
		path[n - last] = '\0';
}

static int open_self(const char *mount, int mount_fd, struct cgroup *ret, struct failure *f)
{
	_cleanup_fclose_ FILE *in = fopen("/proc/self/cgroup", "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	if (!in)
		return fail(f, -errno, "cannot read /proc/self/cgroup: %s", strerror(errno));
	while (getline(&line, &size, in) > 0) {
		if (strncmp(line, "0::", 3) != 0)
			continue;
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line + 3, "/..", 3) == 0)
			return fail(f, -ENOENT,
				    "cannot use self: this process's cgroup lies outside its cgroup namespace (%s)",
				    line + 3);
		if (strcmp(line + 3, "/") == 0)
			return fail(f, -EINVAL,
				    "cannot use self: this process is in the root cgroup (self is for the commands of "
				    "a unit)");
		leave_delegated(mount_fd, line + 3);
		leave_control(line + 3);
		return open_path(line + 3, mount, mount_fd, ret, f);
	}
	return fail(f, -ENOENT, "cannot use self: this process is in no cgroup of the cgroup2 hierarchy");
}

int cgroup_resolve(const char *name, struct cgroup *ret, struct failure *f)
{
	_cleanup_close_ int mount_fd = -1;
	_cleanup_free_ char *path = NULL;
	char mount[PATH_MAX];
	int err;

	err = cgroup_find_mount(mount, &mount_fd, f);
	if (err)
		return err;
	if (strcmp(name, "self") == 0)
		return open_self(mount, mount_fd, ret, f);
	if (strchr(name, '/'))
		return open_path(name, mount, mount_fd, ret, f);
	err = cgroup_find(mount_fd, name, &path, f);
	if (err)
		return err;
	return open_path(path, mount, mount_fd, ret, f);
}

int cgroup_recorded_name(const char *name, char **ret, struct failure *f)
{
	_cleanup_(cgroup_close) struct cgroup c = CGROUP_NONE;
	_cleanup_close_ int mount_fd = -1;
	struct failure ignored = { "" };
	char mount[PATH_MAX];
	int err = 0;

	*ret = NULL;
	if (strcmp(name, "self") == 0) {
		err = cgroup_resolve(name, &c, f);
	} else if (strchr(name, '/')) {
		err = cgroup_find_mount(mount, &mount_fd, f);
		if (!err && open_path(name, mount, mount_fd, &c, &ignored))
			c.path = below_mount(name, mount); /* a cgroup that is gone has no other name */
	} else {
		c.path = strdup(name);
	}
	if (err)
		return err;
	if (!c.path)
		return fail(f, -ENOMEM, "cannot use cgroup %s: out of memory", name);
	*ret = steal_string(&c.path);
	return 0;
}
