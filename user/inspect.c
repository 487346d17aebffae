// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The loader's eyes: what is in force, as the kernel tells it. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpffs.h"
#include "build.h"
#include "cleanup.h"
#include "counters.h"
#include "loader.h"
#include "nesting.h"
#include "objects.h"
#include "rules.h"
#include "service.h"

struct listing {
	const struct objects *objects;
	const char *name;
	struct loaded_list *list;
	struct failure *f;
};

static int out_of_memory(struct failure *f)
{
	return fail(f, -ENOMEM, "cannot read what is loaded: out of memory");
}

static int read_policy(const struct objects *o, struct loaded *l, struct failure *f)
{
	char config[PATH_MAX] = "";
	struct srcpin_service s;
	int err = service_storage(o, l->cgroup_id, &s, f);

	if (!err)
		err = service_config_path(l->cgroup_id, s.generation, config, f);
	l->config = err ? NULL : strdup(config);
	if (!err && !l->config)
		err = out_of_memory(f);
	/* what was attached before the storage came to life is gone with the process that was killed */
	l->idle = s.cgroup_id ? s.flags & SRCPIN_SERVICE_IDLE : !l->gone && !service_has_link(l->cgroup_id);
	if (err || l->idle)
		return err;
	err = rules_read(o->map[MAP_RULES], &s, &l->policy, f);
	l->has_policy = l->policy.n_entries;
	l->policy.guard = s.flags & SRCPIN_SERVICE_GUARD;
	l->policy.observe = s.flags & SRCPIN_SERVICE_OBSERVE;
	l->overruled = (s.flags & SRCPIN_SERVICE_NESTED) && !l->policy.observe && !nesting_has(o, l->cgroup_id);
	for (enum hook i = 0; i < N_HOOKS; i++)
		l->hook[i].wanted = s.hooks & HOOK_BIT(i);
	return err;
}

static void read_hook(const struct loaded *l, enum hook h, struct loaded_hook *ret)
{
	static const char *const name[N_HOOKS] = {
		[HOOK_BIND6] = "srcpin_bind6",       [HOOK_BIND4] = "srcpin_bind4",
		[HOOK_SENDMSG6] = "srcpin_sendmsg6", [HOOK_SENDMSG4] = "srcpin_sendmsg4",
		[HOOK_CONNECT6] = "srcpin_connect6", [HOOK_CONNECT4] = "srcpin_connect4",
		[HOOK_GUARD] = "srcpin_guard",
	};
	struct bpf_link_info info = { 0 };
	struct srcpin_build build;
	_cleanup_close_ int fd = service_link(l->cgroup_id, h, &info);

	ret->name = name[h];
	if (fd < 0)
		return;
	ret->program = info.prog_id;
	ret->link = info.id;
	if (!build_of_program(info.prog_id, &build))
		memcpy(ret->version, build.version, sizeof(ret->version));
	ret->attached = !l->gone && info.cgroup.cgroup_id == l->cgroup_id && info.cgroup.attach_type == hook_type[h];
}

struct id_listing {
	const struct objects *objects;
	struct cgroup_ids *ids;
	struct failure *f;
};

/* One that only observes decides for none of its sockets. */
static int add_id(uint64_t id, void *data)
{
	const struct id_listing *listing = data;
	struct srcpin_service s;
	int err = service_storage(listing->objects, id, &s, listing->f);

	if (!err && service_is_in_force(&s) && !(s.flags & SRCPIN_SERVICE_OBSERVE) && service_has_link(id))
		cgroup_ids_add(listing->ids, id);
	return err;
}

/* The lock, shared, and what is held. 1: there is something to read; 0: nothing is loaded; or a negative errno. */
static int open_to_read(int *lock, struct objects *o, struct failure *f)
{
	int any, err;

	objects_init(o);
	err = bpffs_lock(false, lock, f);
	if (err)
		return err == -ENOENT ? 0 : err;
	err = objects_open_held(o, f);
	if (err != -ENOENT)
		return err ? err : 1;
	any = service_any(f);
	return any > 0 ? err : any; /* 0: just a folder */
}

int loader_ids(struct cgroup_ids *ret, struct failure *f)
{
	_cleanup_close_ int lock = -1;
	_cleanup_(objects_close) struct objects o;
	struct id_listing listing = { &o, ret, f };
	int err;

	*ret = (struct cgroup_ids){ 0 };
	err = open_to_read(&lock, &o, f);
	return err <= 0 ? err : service_each(add_id, &listing, f);
}

static int add(uint64_t id, void *data)
{
	const struct listing *listing = data;
	struct loaded_list *list = listing->list;
	struct loaded *l, *grown;
	char path[PATH_MAX];
	int err, exists;

	err = service_cgroup_path(id, path, listing->f);
	if (err)
		return err;
	if (listing->name && !cgroup_is(path, listing->name))
		return 0;
	if (!*path && !service_has_link(id))
		return 0; /* a load was killed before it attached anything */
	grown = reallocarray(list->item, list->n + 1, sizeof(*grown));
	if (!grown)
		return out_of_memory(listing->f);
	list->item = grown;
	l = &list->item[list->n++];
	*l = (struct loaded){ .cgroup_id = id, .cgroup = strdup(path) };
	if (!l->cgroup)
		return out_of_memory(listing->f);
	exists = cgroup_exists(id, listing->f);
	if (exists < 0)
		return exists;
	l->gone = !exists;
	err = read_policy(listing->objects, l, listing->f);
	if (!err)
		err = counters_read(listing->objects, id, &l->counters, listing->f);
	for (enum hook i = 0; !err && i < N_HOOKS; i++)
		read_hook(l, i, &l->hook[i]);
	return err;
}

static int by_path(const void *a, const void *b)
{
	const struct loaded *x = a, *y = b;
	int order = strcmp(x->cgroup, y->cgroup);

	return order ? order : (x->cgroup_id > y->cgroup_id) - (x->cgroup_id < y->cgroup_id);
}

int loader_list(const char *name, struct loaded_list *ret, struct failure *f)
{
	_cleanup_close_ int lock = -1;
	_cleanup_(objects_close) struct objects o;
	struct listing listing = { &o, name, ret, f };
	int err;

	*ret = (struct loaded_list){ 0 };
	err = open_to_read(&lock, &o, f);
	if (err <= 0)
		return err;
	err = cgroup_check_mount(f);
	if (!err)
		err = service_each(add, &listing, f);
	if (err) {
		loaded_list_free(ret);
		return err;
	}
	if (ret->n)
		qsort(ret->item, ret->n, sizeof(*ret->item), by_path);
	return 0;
}

void loaded_list_free(struct loaded_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->item[i].cgroup);
		free(l->item[i].config);
		policy_free(&l->item[i].policy);
	}
	free(l->item);
	*l = (struct loaded_list){ 0 };
}
