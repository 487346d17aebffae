// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "host/leaf.h"
#include "kernel/attach.h"
#include "kernel/bpffs.h"
#include "kernel/nesting.h"
#include "kernel/rules.h"
#include "kernel/store.h"
#include "kernel/unload.h"

/* Takes the service out of force in one step: now its programs decide nothing. Does nothing if it is not in force. */
static int make_idle(const struct objects *o, uint64_t id, struct failure *f)
{
	struct srcpin_service s;
	char path[PATH_MAX];
	int err = service_storage(o, id, &s, f);

	if (err || !service_is_in_force(&s))
		return err;
	err = service_cgroup_path(id, path, f);
	s.flags |= SRCPIN_SERVICE_IDLE;
	return err ? err : service_write(o, path, &s, f);
}

/*
 * Removes the rest of a service whose programs are detached. The maps of O may
 * be closed: then only folders are left.
 */
static int remove_rest(const struct objects *o, uint64_t id, struct failure *f)
{
	char path[SERVICE_PATH_SIZE];
	int err;

	/* all: a cgroup that is gone does not tell which one was in force */
	for (__u32 generation = 1; generation <= SRCPIN_GENERATIONS && o->map[MAP_RULES] >= 0; generation++)
		rules_remove(o, &(struct srcpin_service){ .cgroup_id = id, .generation = generation });
	service_path(path, id, NULL);
	err = bpffs_remove(path, f);
	if (!err)
		rmdir(SERVICES); /* succeeds only for the last one */
	return err;
}

/* A service on its way out. */
struct leaving {
	uint64_t id;
	uint32_t depth; /* 0: not known, as the cgroup is gone */
};

struct removal {
	uint64_t id;
	bool all, gone_leaves;
	struct failure *f;
	const struct objects *objects;
	struct leaving *item;
	size_t n;
};

/* Also if its load was killed before it had recorded the path. */
static int is_gone_leaf(uint64_t id, void *data)
{
	struct failure ignored = { "" };
	char path[PATH_MAX];

	(void)data;
	return !service_cgroup_path(id, path, &ignored) && (*path ? leaf_is(path) : !service_has_link(id)) &&
	       !cgroup_exists(id, &ignored);
}

static int note_leaving(uint64_t id, void *data)
{
	struct removal *r = data;
	struct failure ignored = { "" };
	struct srcpin_service s = { 0 };

	if (!r->all && r->id != id && !(r->gone_leaves && is_gone_leaf(id, NULL)))
		return 0;
	r->item = reallocarray(r->item, r->n + 1, sizeof(*r->item));
	if (!r->item)
		return fail(r->f, -ENOMEM, "cannot unload: out of memory");
	service_storage(r->objects, id, &s, &ignored);
	r->item[r->n++] = (struct leaving){ id, s.depth };
	return 0;
}

/* Outermost first: so a service within keeps its own policy until its turn. */
static int by_depth(const void *a, const void *b)
{
	const struct leaving *x = a, *y = b;

	return (x->depth > y->depth) - (x->depth < y->depth);
}

static bool any_have_lists(const struct removal *r)
{
	for (size_t i = 0; i < r->n; i++)
		for (__u32 generation = 1; generation <= SRCPIN_GENERATIONS; generation++)
			if (rules_have_lists(r->objects, &(struct srcpin_service){ .cgroup_id = r->item[i].id,
										   .generation = generation }))
				return true;
	return false;
}

/*
 * Takes each out of force in one step, then removes the rest, which decides
 * nothing any more. USABLE: the maps are of this ABI; if not, the links go one
 * by one. After an error with one service the others are still removed.
 * Returns the first error.
 */
static int remove_noted(const struct removal *r, bool usable)
{
	struct failure f = { "" }, *to = r->f;
	int err = 0, e;

	for (size_t i = 0; i < r->n; i++) {
		e = usable ? make_idle(r->objects, r->item[i].id, &f) : 0;
		if (e) {
			r->item[i].id = 0;
			*to = err ? *to : f;
			err = err ? err : e;
			continue;
		}
		nesting_leave(r->objects, r->item[i].id);
		detach_all_but(r->item[i].id, 0);
	}
	if (any_have_lists(r))
		rules_wait_for_programs();
	for (size_t i = 0; i < r->n; i++) {
		e = r->item[i].id ? remove_rest(r->objects, r->item[i].id, &f) : 0;
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
	usable = !objects_open_held(&o, &ignored); /* if not, there are still folders to remove */
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

int unload_unused(struct failure *f)
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

static int remove_services(const struct removal *what)
{
	_cleanup_close_ int lock = -1;
	int err = bpffs_lock(&lock, what->f);

	if (!err)
		err = remove_locked(what);
	return err ? err : unload_unused(what->f);
}

int unload_service(uint64_t id, struct failure *f)
{
	return remove_services(&(struct removal){ .id = id, .f = f });
}

int unload_all(struct failure *f)
{
	return remove_services(&(struct removal){ .all = true, .f = f });
}

int unload_gone_leaves(struct failure *f)
{
	int any = service_each(is_gone_leaf, NULL, f);

	return any > 0 ? remove_services(&(struct removal){ .gone_leaves = true, .f = f }) : any;
}

static int note_alive(uint64_t id, void *data)
{
	struct failure ignored = { "" };
	bool *alive = data;

	*alive |= cgroup_exists(id, &ignored) != 0;
	return 0;
}

/*
 * What a version of another ABI has loaded cannot be replaced. But it pins
 * nothing once all its cgroups are gone, as after a restart of the only
 * service.
 */
int unload_dead(struct failure *f)
{
	struct failure ignored = { "" };
	bool alive = false;
	int err;

	if (service_each(note_alive, &alive, &ignored) || alive)
		return -EBUSY;
	err = remove_locked(&(struct removal){ .all = true, .f = f });
	return err ? err : objects_drop(f); /* but not the folder, which is locked */
}

/* We have the lock, so nobody is at work here. If nothing is in force, a load or an unload was killed. */
static bool was_killed(const struct objects *o, uint64_t id)
{
	struct failure ignored = { "" };
	struct srcpin_service s;

	if (service_storage(o, id, &s, &ignored))
		return false;
	return s.cgroup_id ? !service_is_in_force(&s) : !service_has_link(id);
}

/* Is it the entry of a cgroup of the same path that is gone? Nothing of it runs. */
static bool is_predecessor(const struct cgroup *c, uint64_t id)
{
	struct failure ignored = { "" };
	char path[PATH_MAX];

	return !service_cgroup_path(id, path, &ignored) && strcmp(path, c->path) == 0 && !cgroup_exists(id, &ignored);
}

struct clearing {
	const struct objects *objects;
	const struct cgroup *cgroup;
	bool cleared;
};

static int clear_leftovers(uint64_t id, void *data)
{
	struct clearing *c = data;
	struct failure ignored = { "" };

	if (id == c->cgroup->id || (!was_killed(c->objects, id) && !is_predecessor(c->cgroup, id)))
		return 0;
	nesting_leave(c->objects, id);
	detach_all_but(id, 0);
	remove_rest(c->objects, id, &ignored); /* if that fails, status shows what is left */
	c->cleared = true;
	return 0;
}

bool unload_leftovers(const struct objects *o, const struct cgroup *c)
{
	struct clearing clearing = { .objects = o, .cgroup = c };
	struct failure ignored = { "" };

	service_each(clear_leftovers, &clearing, &ignored);
	return clearing.cleared;
}
