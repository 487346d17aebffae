// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "kernel/attach.h"
#include "kernel/nesting.h"
#include "kernel/store.h"

static uint32_t depth_of(const char *path)
{
	uint32_t depth = 0;

	while ((path = strchr(path, '/'))) {
		depth++;
		path++;
	}
	return depth;
}

static bool is_below(const char *path, const char *other)
{
	size_t n = strlen(other);

	return n && strncmp(path, other, n) == 0 && path[n] == '/';
}

/* How one service of the host lies to another cgroup */
struct search {
	const struct objects *objects;
	const char *path;
	uint64_t id;
	struct failure *f;
};

/* 1, 0, or a negative errno */
static int related(uint64_t id, const struct search *s, char path[static PATH_MAX])
{
	int err = service_cgroup_path(id, path, s->f); /* "" if a load was killed before it attached anything */

	if (err || id == s->id || (!is_below(path, s->path) && !is_below(s->path, path)))
		return err;
	return cgroup_exists(id, s->f);
}

bool nesting_has(const struct objects *o, uint64_t id)
{
	uint32_t depth;

	return !bpf_map_lookup_elem(o->map[MAP_NESTED], &id, &depth);
}

int nesting_enter(const struct objects *o, uint64_t id, uint32_t depth, struct failure *f)
{
	if (!bpf_map_update_elem(o->map[MAP_NESTED], &id, &depth, BPF_ANY))
		return 0;
	return fail(f, -errno, "cannot note that pinned cgroups lie in one another: %s", strerror(errno));
}

void nesting_leave(const struct objects *o, uint64_t id)
{
	bpf_map_delete_elem(o->map[MAP_NESTED], &id);
}

/* Tells a service's programs to look for the marks of others, and to leave their own. */
static int tell(uint64_t id, void *data)
{
	struct search *s = data;
	struct srcpin_service service;
	char path[PATH_MAX];
	int err = related(id, s, path);

	if (err <= 0)
		return err;
	err = service_storage(s->objects, id, &service, s->f);
	if (err || !service_is_in_force(&service))
		return err; /* it decides nothing, or refuses everything: it is in nobody's way */
	if (service.flags & SRCPIN_SERVICE_NESTED)
		return 0;
	err = attach_all(s->objects, path, &service, s->f);
	if (!err)
		err = nesting_enter(s->objects, id, service.depth, s->f);
	service.flags |= SRCPIN_SERVICE_NESTED;
	return err ? err : service_write(s->objects, path, &service, s->f);
}

int nesting_prepare(const struct objects *o, const struct cgroup *c, struct failure *f)
{
	struct search s = { .objects = o, .path = c->path, .id = c->id, .f = f };

	return service_each(tell, &s, f);
}

static int is_related(uint64_t id, void *data)
{
	char path[PATH_MAX];

	return related(id, data, path);
}

int nesting_place(const struct cgroup *c, struct place *ret, struct failure *f)
{
	struct search s = { .path = c->path, .id = c->id, .f = f };
	int found = service_each(is_related, &s, f);

	*ret = (struct place){ .depth = depth_of(c->path), .nested = found > 0 };
	return found < 0 ? found : 0;
}

static int settle_one(uint64_t id, void *data)
{
	const struct objects *o = data;
	struct failure ignored = { "" };
	struct srcpin_service service;
	char path[PATH_MAX];
	struct search s = { .path = path, .id = id, .f = &ignored };

	/* if something is not known, they go on looking: that costs time and changes nothing */
	if (service_cgroup_path(id, path, &ignored) || service_storage(o, id, &service, &ignored) ||
	    !(service.flags & SRCPIN_SERVICE_NESTED) || service_each(is_related, &s, &ignored))
		return 0;
	/* if this fails, its programs look for others in vain, and still decide as they should */
	service.flags &= ~SRCPIN_SERVICE_NESTED;
	service_write(o, path, &service, &ignored);
	nesting_leave(o, id);
	return 0;
}

void nesting_settle(const struct objects *o)
{
	struct failure ignored = { "" };

	service_each(settle_one, (void *)o, &ignored);
}
