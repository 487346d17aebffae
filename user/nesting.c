// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "nesting.h"

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

/* What one service of the host is to another cgroup. */
struct search {
	const struct objects *objects;
	const char *path;
	uint64_t id;
	struct failure *f;
};

static bool related(uint64_t id, const struct search *s, char path[static PATH_MAX])
{
	service_cgroup_path(id, path); /* "" where a load was killed before it attached anything */
	if (id == s->id || (!is_below(path, s->path) && !is_below(s->path, path)))
		return false;
	return cgroup_exists(id);
}

int nesting_enter(const struct objects *o, uint64_t id, const struct service_place *place, struct failure *f)
{
	if (!bpf_map_update_elem(o->map[MAP_NESTED], &id, &place->depth, BPF_ANY))
		return 0;
	return fail(f, -errno, "cannot note that pinned cgroups lie in one another: %s", strerror(errno));
}

void nesting_leave(const struct objects *o, uint64_t id)
{
	bpf_map_delete_elem(o->map[MAP_NESTED], &id);
}

/* Its programs are to look for those of others, and to leave their mark. */
static int tell(uint64_t id, void *data)
{
	struct search *s = data;
	struct service_place place;
	struct srcpin_service service;
	char path[PATH_MAX];
	int err;

	if (!related(id, s, path))
		return 0;
	err = service_storage(s->objects, id, &service, s->f);
	if (err || !service.cgroup_id)
		return err; /* has no policy: it refuses everything, and is not in anyone's way */
	if (!(service.flags & SRCPIN_SERVICE_NESTED)) {
		service.flags |= SRCPIN_SERVICE_NESTED;
		err = service_attach_all(s->objects, path, &service, s->f);
		if (!err)
			err = service_write(s->objects, path, &service, s->f);
	}
	place = (struct service_place){ .depth = service.depth };
	if (!err && !(service.flags & SRCPIN_SERVICE_OBSERVE))
		err = nesting_enter(s->objects, id, &place, s->f);
	return err;
}

int nesting_prepare(const struct objects *o, const struct cgroup *c, struct failure *f)
{
	struct search s = { .objects = o, .path = c->path, .id = c->id, .f = f };

	return service_each(tell, &s);
}

static int is_related(uint64_t id, void *data)
{
	char path[PATH_MAX];

	return related(id, data, path);
}

struct service_place nesting_place(const struct cgroup *c)
{
	struct search s = { .path = c->path, .id = c->id };

	return (struct service_place){ .depth = depth_of(c->path), .nested = service_each(is_related, &s) };
}

static int settle_one(uint64_t id, void *data)
{
	const struct objects *o = data;
	struct failure ignored = { "" };
	struct srcpin_service service;
	char path[PATH_MAX];
	struct search s = { .path = path, .id = id };

	service_cgroup_path(id, path);
	if (service_storage(o, id, &service, &ignored) || !(service.flags & SRCPIN_SERVICE_NESTED) ||
	    service_each(is_related, &s))
		return 0;
	/* should it fail, its programs look for others in vain, and decide as they should */
	service.flags &= ~SRCPIN_SERVICE_NESTED;
	service_write(o, path, &service, &ignored);
	nesting_leave(o, id);
	return 0;
}

void nesting_settle(const struct objects *o)
{
	service_each(settle_one, (void *)o);
}
