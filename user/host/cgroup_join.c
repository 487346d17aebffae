// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/privilege.h"
#include "host/cgroup_join.h"

int cgroup_join(int dir)
{
	_cleanup_close_ int fd = openat(dir, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, "0", 1) != 1 ? -errno : 0;
}

int cgroup_cannot_join(const struct cgroup *c, int err, struct failure *f)
{
	switch (-err) {
	case EBUSY:
		return fail(
			f, err,
			"cannot put a process into cgroup %s: it hands controllers down (cgroup.subtree_control), and "
			"its processes are in those below (name one of these by its path; systemd-cgls shows them)",
			c->path);
	case EOPNOTSUPP:
		return fail(
			f, err,
			"cannot put a process into cgroup %s: none can be in it, since it lies below a threaded one "
			"(cgroup.type: domain invalid)",
			c->path);
	case ENODEV:
	case ENOENT:
		return fail(f, err, "cannot put a process into cgroup %s: it is gone (is the service running?)",
			    c->path);
	default:
		return fail(f, err, "cannot put a process into cgroup %s: %s%s", c->path, strerror(-err),
			    err == -EACCES || err == -EPERM ? privilege_as_root() : "");
	}
}
