// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "host/cgroup.h"
#include "host/cgroup_ids.h"

void cgroup_ids_add(struct cgroup_ids *ids, uint64_t id)
{
	ids->id = xreallocarray(ids->id, ids->n + 1, sizeof(*ids->id));
	ids->id[ids->n++] = id;
}

bool cgroup_ids_have(const struct cgroup_ids *ids, uint64_t id)
{
	for (size_t i = 0; i < ids->n; i++)
		if (ids->id[i] == id)
			return true;
	return false;
}

/* It is no error if something goes away while we look at it. */
static int unless_gone(int err)
{
	return err == ENOENT || err == ENODEV ? 0 : -err;
}

/* Takes DIR_FD. */
static int walk(int dir_fd, const struct cgroup_ids *without, struct cgroup_ids *ret)
{
	_cleanup_closedir_ DIR *dir = fdopendir(dir_fd);
	const struct dirent *e;
	uint64_t id;
	int err;

	if (!dir) {
		err = errno;
		close(dir_fd);
		return -err;
	}
	err = cgroup_read_id(dirfd(dir), &id);
	if (err)
		return err;
	if (cgroup_ids_have(without, id))
		return 0;
	cgroup_ids_add(ret, id);
	while (!err && (errno = 0, e = readdir(dir))) {
		int fd;

		if (e->d_type != DT_DIR || strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		fd = openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		err = fd < 0 ? unless_gone(errno) : walk(fd, without, ret);
	}
	return err ? err : unless_gone(errno);
}

int cgroup_ids_below(uint64_t top, const struct cgroup_ids *without, struct cgroup_ids *ret, struct failure *f)
{
	struct cgroup_ids others = { 0 };
	int fd = cgroup_open_id(top), err = fd;

	*ret = (struct cgroup_ids){ 0 };
	for (size_t i = 0; i < without->n; i++)
		if (without->id[i] != top)
			cgroup_ids_add(&others, without->id[i]);
	if (fd >= 0)
		err = walk(fd, &others, ret);
	cgroup_ids_free(&others);
	if (!err)
		return 0;
	cgroup_ids_free(ret);
	return fail(f, err, "cannot list what is below the cgroup with the id %" PRIu64 ": %s", top, strerror(-err));
}

void cgroup_ids_free(struct cgroup_ids *ids)
{
	free(ids->id);
	*ids = (struct cgroup_ids){ 0 };
}
