// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bpffs.h"
#include "cleanup.h"
#include "counters.h"
#include "loader.h"
#include "nesting.h"
#include "objects.h"
#include "rules.h"
#include "service.h"

struct put {
	const struct objects *objects;
	const struct cgroup *cgroup;
};

/* What a cgroup of the same path, which is gone, has left: nothing runs for it. */
static int clear_predecessor(uint64_t id, void *data)
{
	const struct put *put = data;
	struct failure ignored = { "" };
	char path[PATH_MAX];

	if (id == put->cgroup->id)
		return 0;
	if (service_cgroup_path(id, path, &ignored) || strcmp(path, put->cgroup->path) != 0 ||
	    cgroup_exists(id, &ignored))
		return 0;
	nesting_leave(put->objects, id);
	service_detach(id);
	service_remove(put->objects, id, &ignored); /* or status shows what is left of it */
	return 0;
}

/* With no service left, nothing else is needed. */
static int drop_if_unused(struct failure *f)
{
	int err;

	if (service_any())
		return 0;
	rmdir(SERVICES);
	err = objects_drop(f);
	if (err)
		return err;
	if (rmdir(BPFFS_HOME) < 0 && errno != ENOENT)
		return fail(f, -errno, "cannot remove " BPFFS_HOME ": %s", strerror(errno));
	return 0;
}

/* For a reload: nothing has been unloaded, or loaded from elsewhere, since the caller looked. */
static int check_unchanged(const struct cgroup *c, const char *config, struct failure *f)
{
	char now[PATH_MAX];
	int err = service_config_path(c->id, now, f);

	if (err || strcmp(now, config) == 0)
		return err;
	return fail(f, -ESTALE, "cannot reload %s: it was unloaded, or loaded from another config, meanwhile", c->path);
}

static int put_locked(const struct cgroup *c, const char *config, const struct policy *p, struct objects *o,
		      struct failure *f)
{
	struct put put = { o, c };
	struct failure ignored = { "" };
	struct service_place place;
	int err = nesting_place(c, &place, f);

	if (!err)
		err = objects_open(service_any(), service_hooks(p, place.nested), o, f);
	if (err)
		return err;
	err = nesting_prepare(o, c, f);
	if (!err)
		err = service_put(o, c, config, p, &place, f);
	if (err)
		nesting_settle(o);
	else
		service_each(clear_predecessor, &put, &ignored);
	return err;
}

int loader_reset(uint64_t id, struct srcpin_counters *was, struct failure *f)
{
	_cleanup_close_ int lock = -1;
	_cleanup_(objects_close) struct objects o;
	int err;

	objects_init(&o);
	err = bpffs_lock(true, &lock, f);
	if (!err)
		err = objects_open_held(&o, f);
	return err ? err : counters_reset(&o, id, was, f);
}

struct removal {
	const struct objects *objects;
	uint64_t id;
	bool all;
	int err; /* the first; the others are removed all the same */
	struct failure *f;
};

static int detach_one(uint64_t id, void *data)
{
	const struct removal *r = data;

	if (r->all || r->id == id) {
		nesting_yield(r->objects, id);
		service_detach(id);
	}
	return 0;
}

static int remove_one(uint64_t id, void *data)
{
	struct failure f = { "" };
	struct removal *r = data;
	int err = r->all || r->id == id ? service_remove(r->objects, id, &f) : 0;

	if (err && !r->err) {
		r->err = err;
		*r->f = f;
	}
	return 0;
}

static int remove_locked(const struct removal *what)
{
	_cleanup_(objects_close) struct objects o;
	struct failure ignored = { "" };
	struct removal r = *what;
	int err;

	objects_init(&o);
	objects_open_held(&o, &ignored); /* without: there are still folders to remove */
	r.objects = &o;
	err = service_each(detach_one, &r, r.f);
	if (err)
		return err;
	rules_wait_for_programs();
	err = service_each(remove_one, &r, r.f);
	nesting_settle(&o);
	return err ? err : r.err;
}

static int remove_services(const struct removal *what)
{
	_cleanup_close_ int lock = -1;
	int err = bpffs_lock(true, &lock, what->f);

	if (!err)
		err = remove_locked(what);
	return err ? err : drop_if_unused(what->f);
}

int loader_remove(uint64_t id, struct failure *f)
{
	return remove_services(&(struct removal){ .id = id, .f = f });
}

int loader_remove_all(struct failure *f)
{
	return remove_services(&(struct removal){ .all = true, .f = f });
}

static int note_alive(uint64_t id, void *data)
{
	struct failure ignored = { "" };
	bool *alive = data;

	*alive |= cgroup_exists(id, &ignored) != 0;
	return 0;
}

/*
 * What a version of another ABI has loaded cannot be replaced; but once all its
 * cgroups are gone, as after a restart of the only service, it pins nothing.
 */
static int remove_what_is_dead(struct failure *f)
{
	struct failure ignored = { "" };
	bool alive = false;
	int err;

	if (service_each(note_alive, &alive, &ignored) || alive)
		return -EBUSY;
	err = remove_locked(&(struct removal){ .all = true, .f = f });
	return err ? err : objects_drop(f); /* and not the folder, which is locked */
}

int loader_put(const struct cgroup *c, const char *config, const struct policy *p, bool reload, struct failure *f)
{
	_cleanup_close_ int lock = -1;
	_cleanup_(objects_close) struct objects o;
	struct failure ignored = { "" };
	int err;

	objects_init(&o);
	err = bpffs_lock(true, &lock, f);
	if (err)
		return err;
	err = reload ? check_unchanged(c, config, f) : 0;
	if (!err)
		err = put_locked(c, config, p, &o, f);
	if (err == -EPROTO && !remove_what_is_dead(f))
		err = put_locked(c, config, p, &o, f);
	if (err) {
		objects_undo(&o);
		drop_if_unused(&ignored);
		return err;
	}
	objects_keep(&o);
	return 0;
}
