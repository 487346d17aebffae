// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reads what is in force, as the kernel tells it, without a lock. So it may
 * change meanwhile: other maps, another policy, or a load or an unload that is
 * half done. Then it is read again.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/build.h"
#include "kernel/counters.h"
#include "kernel/held.h"
#include "kernel/loaded.h"
#include "kernel/lock.h"
#include "kernel/nesting.h"
#include "kernel/objects.h"
#include "kernel/rules.h"
#include "kernel/store.h"
#include "kernel/unheld.h"

enum { TRIES = 100 }; /* a try takes microseconds, a change milliseconds */

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

static int always_changing(struct failure *f)
{
	return fail(f, -EAGAIN, "cannot read what is loaded: it is being changed all the time (try again)");
}

static void read_hook(const struct loaded *l, enum hook h, struct loaded_hook *ret)
{
	struct bpf_link_info info = { 0 };
	struct srcpin_build build;
	_cleanup_close_ int fd = service_link(l->cgroup_id, h, &info);

	*ret = (struct loaded_hook){ .name = hook_table[h].program };
	if (fd < 0)
		return;
	ret->program = info.prog_id;
	ret->link = info.id;
	if (!build_of_program(info.prog_id, &build))
		memcpy(ret->version, build.version, sizeof(ret->version));
	ret->attached =
		!l->gone && info.cgroup.cgroup_id == l->cgroup_id && info.cgroup.attach_type == hook_table[h].type;
}

static int read_config_path(uint32_t generation, struct loaded *l, struct failure *f)
{
	char path[PATH_MAX];
	int err = service_config_path(l->cgroup_id, generation, path, f);

	free(l->config);
	l->config = err ? NULL : strdup(path);
	return err ? err : l->config ? 0 : out_of_memory(f);
}

/* Reads what S names, and what there is of it. -ENOENT: some of its rules are being removed. */
static int read_policy(const struct objects *o, const struct srcpin_service *s, struct loaded *l, struct failure *f)
{
	int err = read_config_path(s->generation, l, f);

	/* no storage and no link: a load was killed before it attached anything */
	l->idle = s->cgroup_id ? s->flags & SRCPIN_SERVICE_IDLE : !l->gone && !service_has_link(l->cgroup_id);
	if (!err && !l->idle)
		err = rules_read(o, s, &l->policy, f);
	l->has_policy = l->policy.n_entries;
	l->policy.guard = s->flags & SRCPIN_SERVICE_GUARD;
	l->policy.observe = s->flags & SRCPIN_SERVICE_OBSERVE;
	l->overruled = (s->flags & SRCPIN_SERVICE_NESTED) && !l->policy.observe && !nesting_has(o, l->cgroup_id);
	for (enum hook i = 0; i < N_HOOKS; i++) {
		read_hook(l, i, &l->hook[i]);
		l->hook[i].wanted = !l->idle && (s->hooks & HOOK_BIT(i));
	}
	return err;
}

/* A load may replace the policy while it is read. Then the service's storage differs before and after. */
static int read_service(const struct objects *o, struct loaded *l, struct failure *f)
{
	struct srcpin_service before, after;
	int err = service_storage(o, l->cgroup_id, &after, f);

	for (int i = 0; !err && i < TRIES; i++) {
		int read;

		before = after;
		read = read_policy(o, &before, l, f);
		err = service_storage(o, l->cgroup_id, &after, f);
		if (!err && read != -ENOENT && !memcmp(&before, &after, sizeof(before)))
			return read;
		policy_free(&l->policy);
	}
	return err ? err : always_changing(f);
}

struct id_listing {
	const struct objects *objects;
	struct cgroup_ids *ids;
	struct failure *f;
};

/* A service that only observes decides for none of its sockets. */
static int add_id(uint64_t id, void *data)
{
	const struct id_listing *listing = data;
	struct srcpin_service s;
	int err = service_storage(listing->objects, id, &s, listing->f);

	if (!err && service_is_in_force(&s) && !(s.flags & SRCPIN_SERVICE_OBSERVE) && service_has_link(id))
		cgroup_ids_add(listing->ids, id);
	return err;
}

/* 0; 1: the maps were exchanged meanwhile; or a negative errno */
static int ids_once(struct cgroup_ids *ret, struct failure *f)
{
	_cleanup_(held_close) struct held h;
	struct id_listing listing = { &h.objects, ret, f };
	int r = held_open(&h, f);

	if (r <= 0)
		return r;
	r = service_each(add_id, &listing, f);
	return r ? r : !held_is_current(&h);
}

int loaded_ids(struct cgroup_ids *ret, struct failure *f)
{
	for (int i = 0; i < TRIES; i++) {
		int r;

		*ret = (struct cgroup_ids){ 0 };
		r = ids_once(ret, f);
		if (r <= 0)
			return r;
		cgroup_ids_free(ret);
	}
	return always_changing(f);
}

static int add(uint64_t id, void *data)
{
	const struct listing *listing = data;
	struct loaded_list *list = listing->list;
	struct loaded *l, *grown;
	_cleanup_close_ int fd = -1;
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
	err = read_service(listing->objects, l, listing->f);
	fd = err || l->gone ? -1 : cgroup_open_id(id);
	l->unheld = fd >= 0 && unheld_is_at(fd, id);
	return err ? err : counters_read(listing->objects, id, &l->counters, listing->f);
}

static int by_path(const void *a, const void *b)
{
	const struct loaded *x = a, *y = b;
	int order = strcmp(x->cgroup, y->cgroup);

	return order ? order : (x->cgroup_id > y->cgroup_id) - (x->cgroup_id < y->cgroup_id);
}

/* 0; 1: the maps were exchanged meanwhile; or a negative errno */
static int list_once(const char *name, struct loaded_list *ret, struct failure *f)
{
	_cleanup_(held_close) struct held h;
	struct listing listing = { &h.objects, name, ret, f };
	int r = held_open(&h, f);

	if (r <= 0)
		return r;
	r = cgroup_check_mount(f);
	if (!r)
		r = service_each(add, &listing, f);
	return r ? r : !held_is_current(&h);
}

/* Does it look as in the middle of a load or an unload, or after one that was killed? */
static bool is_half_done(const struct loaded *l)
{
	bool complete = l->has_policy && !l->overruled && !l->unheld && *l->config && *l->cgroup;

	for (enum hook i = 0; i < N_HOOKS; i++)
		complete &= l->hook[i].attached || !l->hook[i].wanted;
	return !l->gone && !complete;
}

static bool has_half_done(const struct loaded_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (is_half_done(&l->item[i]))
			return true;
	return false;
}

int loaded_read(const char *name, struct loaded_list *ret, struct failure *f)
{
	struct lock_patience patience = { 0 };
	int r, exchanged = 0;

	*ret = (struct loaded_list){ 0 };
	while ((r = list_once(name, ret, f)) >= 0) {
		if (r && ++exchanged > TRIES)
			r = always_changing(f);
		if (r < 0 || (!r && !(has_half_done(ret) && lock_look_again(&patience))))
			break;
		loaded_list_free(ret);
	}
	if (r < 0)
		loaded_list_free(ret);
	else if (ret->n)
		qsort(ret->item, ret->n, sizeof(*ret->item), by_path);
	return r;
}

static bool is_at_or_below(const char *path, const char *above)
{
	size_t n = strlen(above);

	return !strncmp(path, above, n) && (!path[n] || path[n] == '/');
}

const struct loaded *loaded_deciding(const struct loaded_list *l, const char *path)
{
	const struct loaded *enforced = NULL, *observed = NULL;

	for (size_t i = 0; i < l->n; i++) {
		const struct loaded *item = &l->item[i], **best = item->policy.observe ? &observed : &enforced;

		if (item->gone || !item->has_policy || !is_at_or_below(path, item->cgroup))
			continue;
		if (!*best || strlen(item->cgroup) > strlen((*best)->cgroup))
			*best = item;
	}
	return enforced ? enforced : observed;
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
