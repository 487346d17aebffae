// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/attach.h"
#include "kernel/bpffs.h"
#include "kernel/counters.h"
#include "kernel/loader.h"
#include "kernel/nesting.h"
#include "kernel/objects.h"
#include "kernel/rules.h"
#include "kernel/service.h"
#include "kernel/store.h"
#include "kernel/unheld.h"

struct put {
	const struct objects *objects;
	const struct cgroup *cgroup;
	bool cleared; /* something that was left of another */
};

/* Nothing is in force, and nobody is at it, as we have the lock: a load or an unload was killed. */
static bool was_killed(const struct objects *o, uint64_t id)
{
	struct failure ignored = { "" };
	struct srcpin_service s;

	if (service_storage(o, id, &s, &ignored))
		return false;
	return s.cgroup_id ? !service_is_in_force(&s) : !service_has_link(id);
}

/* Of what a cgroup of the same path, which is gone, has left, nothing runs. */
static bool is_predecessor(const struct cgroup *c, uint64_t id)
{
	struct failure ignored = { "" };
	char path[PATH_MAX];

	return !service_cgroup_path(id, path, &ignored) && strcmp(path, c->path) == 0 && !cgroup_exists(id, &ignored);
}

static int clear_leftovers(uint64_t id, void *data)
{
	struct put *put = data;
	struct failure ignored = { "" };

	if (id == put->cgroup->id || (!was_killed(put->objects, id) && !is_predecessor(put->cgroup, id)))
		return 0;
	nesting_leave(put->objects, id);
	detach_all_but(id, 0);
	service_remove(put->objects, id, &ignored); /* or status shows what is left of it */
	put->cleared = true;
	return 0;
}

/* With no service left, nothing else is needed. */
static int drop_if_unused(struct failure *f)
{
	int any = service_any(f), err;

	if (any)
		return any < 0 ? any : 0;
	rmdir(SERVICES);
	err = objects_drop(f);
	if (err)
		return err;
	if (rmdir(BPFFS_HOME) < 0 && errno != ENOENT)
		return fail(f, -errno, "cannot remove " BPFFS_HOME ": %s", strerror(errno));
	return 0;
}

/* For a reload: nothing has been unloaded, or loaded from elsewhere, since the caller looked. */
static int check_unchanged(const struct objects *o, const struct cgroup *c, const char *config, struct failure *f)
{
	char now[PATH_MAX];
	struct srcpin_service s;
	int err = service_storage(o, c->id, &s, f);

	if (!err)
		err = service_config_path(c->id, s.generation, now, f);
	if (err || (service_is_in_force(&s) && strcmp(now, config) == 0))
		return err;
	return fail(f, -ESTALE, "cannot reload %s: it was unloaded, or loaded from another config, meanwhile", c->path);
}

static int put_locked(const struct cgroup *c, const char *config, const struct policy *p, bool reload,
		      struct objects *o, struct failure *f)
{
	struct put put = { .objects = o, .cgroup = c };
	struct failure ignored = { "" };
	struct place place;
	int any = service_any(f), err = any < 0 ? any : nesting_place(c, &place, f);

	if (!err)
		err = objects_open(any, service_hooks(p, place.nested), o, f);
	if (!err && reload)
		err = check_unchanged(o, c, config, f);
	if (err)
		return err;
	err = nesting_prepare(o, c, f);
	if (!err)
		err = service_put(o, c, config, p, &place, f);
	if (!err)
		service_each(clear_leftovers, &put, &ignored);
	if (err || put.cleared)
		nesting_settle(o);
	return err;
}

int loader_reset(uint64_t id, struct srcpin_counters *was, struct failure *f)
{
	_cleanup_close_ int lock = -1;
	_cleanup_(objects_close) struct objects o;
	int err;

	objects_init(&o);
	err = bpffs_lock(&lock, f);
	if (!err)
		err = objects_open_held(&o, f);
	return err ? err : counters_reset(&o, id, was, f);
}

/* A service on its way out. */
struct leaving {
	uint64_t id;
	uint32_t depth; /* 0: not known, as its cgroup is gone */
};

struct removal {
	uint64_t id;
	bool all;
	struct failure *f;
	const struct objects *objects;
	struct leaving *item;
	size_t n;
};

static int note_leaving(uint64_t id, void *data)
{
	struct removal *r = data;
	struct failure ignored = { "" };
	struct srcpin_service s = { 0 };

	if (!r->all && r->id != id)
		return 0;
	r->item = reallocarray(r->item, r->n + 1, sizeof(*r->item));
	if (!r->item)
		return fail(r->f, -ENOMEM, "cannot unload: out of memory");
	service_storage(r->objects, id, &s, &ignored);
	r->item[r->n++] = (struct leaving){ id, s.depth };
	return 0;
}

/* Outermost first: so what lies within keeps its own policy until it goes itself. */
static int by_depth(const void *a, const void *b)
{
	const struct leaving *x = a, *y = b;

	return (x->depth > y->depth) - (x->depth < y->depth);
}

/*
 * Each out of force in one step, and then the rest, which decides nothing any
 * more. USABLE: the maps are of this ABI; else the links go one by one. An
 * error with one of them keeps none of the others in; the first one is returned.
 */
static int remove_noted(const struct removal *r, bool usable)
{
	struct failure f = { "" }, *to = r->f;
	int err = 0, e;

	for (size_t i = 0; i < r->n; i++) {
		e = usable ? service_idle(r->objects, r->item[i].id, &f) : 0;
		if (e) {
			r->item[i].id = 0;
			*to = err ? *to : f;
			err = err ? err : e;
			continue;
		}
		nesting_leave(r->objects, r->item[i].id);
		detach_all_but(r->item[i].id, 0);
	}
	rules_wait_for_programs();
	for (size_t i = 0; i < r->n; i++) {
		e = r->item[i].id ? service_remove(r->objects, r->item[i].id, &f) : 0;
		*to = err || !e ? *to : f;
		err = err ? err : e;
	}
	return err;
}

static int remove_locked(const struct removal *what)
{
	_cleanup_(objects_close) struct objects o;
	struct failure ignored = { "" };
	struct removal r = *what;
	bool usable;
	int err;

	objects_init(&o);
	usable = !objects_open_held(&o, &ignored); /* without: there are still folders to remove */
	r.objects = &o;
	err = service_each(note_leaving, &r, r.f);
	if (!err && r.n)
		qsort(r.item, r.n, sizeof(*r.item), by_depth);
	if (!err)
		err = remove_noted(&r, usable);
	free(r.item);
	nesting_settle(&o);
	return err;
}

static int remove_services(const struct removal *what)
{
	_cleanup_close_ int lock = -1;
	int err = bpffs_lock(&lock, what->f);

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
	err = bpffs_lock(&lock, f);
	if (err)
		return err;
	if (unheld_stays_at(c->fd, c->id)) /* not a second set beside them, which knows nothing of them */
		err = fail(f, -EEXIST,
			   "cannot load %s: programs of srcpin are attached to it already, and not held in " BPFFS_HOME
				   UNHELD_REMEDY,
			   c->path);
	if (!err)
		err = put_locked(c, config, p, reload, &o, f);
	if (err == -EPROTO && !remove_what_is_dead(f))
		err = put_locked(c, config, p, reload, &o, f);
	if (err) {
		objects_undo(&o);
		drop_if_unused(&ignored);
		return err;
	}
	objects_keep(&o);
	return 0;
}
