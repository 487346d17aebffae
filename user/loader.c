// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bpffs.h"
#include "cleanup.h"
#include "loader.h"
#include "objects.h"
#include "service.h"

struct clear {
	const struct objects *objects;
	const struct cgroup *cgroup;
	struct failure *f;
};

/* Another id of the same path: that cgroup is gone, since the path is now this one's. */
static int clear_predecessor(uint64_t id, void *data)
{
	const struct clear *clear = data;
	char path[PATH_MAX];

	if (id == clear->cgroup->id)
		return 0;
	service_cgroup_path(id, path);
	return strcmp(path, clear->cgroup->path) == 0 ? service_remove(clear->objects, id, clear->f) : 0;
}

static int seen(uint64_t id, void *data)
{
	(void)id;
	(void)data;
	return 1;
}

/* With no service left, nothing else is needed. */
static int drop_if_unused(struct failure *f)
{
	int err;

	if (service_each(seen, NULL))
		return 0;
	rmdir(SERVICES);
	err = objects_drop(f);
	if (err)
		return err;
	if (rmdir(BPFFS_HOME) < 0 && errno != ENOENT)
		return fail(f, -errno, "cannot remove " BPFFS_HOME ": %s", strerror(errno));
	return 0;
}

int loader_put(const struct cgroup *c, const char *config, const struct policy *p, struct failure *f)
{
	_cleanup_close_ int lock = -1;
	_cleanup_(objects_close) struct objects o;
	struct clear clear = { &o, c, f };
	struct failure ignored;
	int err;

	objects_init(&o);
	err = bpffs_lock(true, &lock, f);
	if (err)
		return err;
	err = objects_open(&o, f);
	if (!err)
		err = service_put(&o, c, config, p, f);
	if (!err)
		err = service_each(clear_predecessor, &clear);
	if (err)
		drop_if_unused(&ignored);
	return err;
}

struct removal {
	const struct objects *objects;
	uint64_t id; /* 0: all */
	struct failure *f;
};

static int remove_one(uint64_t id, void *data)
{
	const struct removal *r = data;

	return !r->id || r->id == id ? service_remove(r->objects, id, r->f) : 0;
}

int loader_remove(uint64_t id, struct failure *f)
{
	_cleanup_close_ int lock = -1;
	_cleanup_(objects_close) struct objects o;
	struct removal r = { &o, id, f };
	int err;

	objects_init(&o);
	err = bpffs_lock(true, &lock, f);
	if (err)
		return err;
	objects_open_held(&o); /* without: there is still a folder to remove */
	err = service_each(remove_one, &r);
	if (err)
		return err;
	return drop_if_unused(f);
}
