// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/attach.h"
#include "kernel/bpffs.h"
#include "kernel/counters.h"
#include "kernel/nesting.h"
#include "kernel/previous.h"
#include "kernel/rules.h"
#include "kernel/service.h"
#include "kernel/store.h"
#include "policy/common.h"

static int record(uint64_t id, const char *entry, const char *target, struct failure *f)
{
	char path[SERVICE_PATH_SIZE];

	service_path(path, id, entry);
	return bpffs_symlink(path, target, f);
}

/* Rules that no policy in force has: of an earlier life, or of a load that was killed. */
static void remove_leftovers(const struct objects *o, const struct srcpin_service *s)
{
	if (!rules_exist(o->map[MAP_RULES], s))
		return;
	rules_wait_for_programs(); /* perhaps they were in force until just now */
	rules_remove(o->map[MAP_RULES], s);
}

/* The folder with the names, before any link: what is attached can always be found and taken out. */
static int make_folder(const struct cgroup *c, uint32_t generation, const char *config, struct failure *f)
{
	char path[SERVICE_PATH_SIZE];
	int err = bpffs_mkdir(SERVICES, f);

	service_path(path, c->id, NULL);
	if (!err)
		err = bpffs_mkdir(path, f);
	if (!err)
		err = record(c->id, "cgroup", c->path, f);
	return err ? err : record(c->id, service_config_entry(generation), config, f);
}

static void remove_entry(uint64_t id, const char *entry)
{
	char path[SERVICE_PATH_SIZE];

	service_path(path, id, entry);
	unlink(path);
}

/* Rules, names and programs of NEW, beside OLD, which stays in force; if that is none, the programs are idle. */
static int prepare(const struct objects *o, const struct cgroup *c, const char *config, const struct policy *p,
		   const struct srcpin_service *old, struct srcpin_service *new, struct attached *done,
		   struct failure *f)
{
	bool replaces = service_is_in_force(old);
	struct srcpin_service held = replaces ? *old : *new;
	int err;

	if (!replaces) {
		held.flags |= SRCPIN_SERVICE_IDLE;
		remove_leftovers(o, &(struct srcpin_service){ .cgroup_id = c->id, .generation = old->generation });
	}
	remove_leftovers(o, new);
	err = replaces ? previous_remember(o, old, new, f) : 0;
	if (!err)
		err = rules_add(o->map[MAP_RULES], new, p, f);
	if (!err)
		err = make_folder(c, new->generation, config, f);
	if (!err && !replaces) /* the storage lives as long as the cgroup: an earlier load may have counted there */
		err = counters_reset(o, c->id, NULL, f);
	if (!err)
		err = attach(o, c, new->hooks, &held, done, f);
	if (!err && (new->flags &SRCPIN_SERVICE_NESTED))
		err = nesting_enter(o, c->id, new->depth, f);
	return err;
}

/* What prepare() did: OLD is in force as before, or nothing. */
static void undo(const struct objects *o, const struct srcpin_service *old, const struct srcpin_service *new,
		 bool existed, const struct attached *done)
{
	struct failure ignored = { "" };
	uint64_t id = new->cgroup_id;
	char path[SERVICE_PATH_SIZE];

	if (!(old->flags & SRCPIN_SERVICE_NESTED) || !service_is_in_force(old))
		nesting_leave(o, id);
	attach_undo(id, done);
	rules_remove(o->map[MAP_RULES], new);
	service_path(path, id, NULL);
	if (existed) {
		remove_entry(id, service_config_entry(new->generation));
	} else {
		bpffs_remove(path, &ignored);
		rmdir(SERVICES);
	}
}

/* NEW is in force, OLD is not any more; nothing here can fail. */
static void clear_old(const struct objects *o, const struct srcpin_service *old, const struct srcpin_service *new)
{
	detach_all_but(new->cgroup_id, new->hooks);
	if (!(new->flags &SRCPIN_SERVICE_NESTED))
		nesting_leave(o, new->cgroup_id);
	remove_entry(new->cgroup_id, service_config_entry(3 - new->generation));
	if (service_is_in_force(old)) {
		rules_wait_for_programs();
		rules_remove(o->map[MAP_RULES], old);
	}
}

uint32_t service_hooks(const struct policy *p, bool nested)
{
	const uint32_t ipv4 = HOOK_BIT(HOOK_BIND4) | HOOK_BIT(HOOK_SENDMSG4) | HOOK_BIT(HOOK_CONNECT4);
	uint32_t all = HOOK_BIT(N_HOOKS) - 1;

	if (nested)
		return all;
	if (!policy_touches_ipv4(p))
		all &= ~ipv4;
	return p->guard ? all : all & ~HOOK_BIT(HOOK_GUARD);
}

/*
 * One write puts it in force. Until then nothing has changed, and after it
 * nothing can fail: so it is all there or not at all, also when this process
 * is killed.
 */
int service_put(const struct objects *o, const struct cgroup *c, const char *config, const struct policy *p,
		const struct place *place, struct failure *f)
{
	_cleanup_(attached_close) struct attached done = { 0 };
	struct srcpin_service old,
		new = { .cgroup_id = c->id, .depth = place->depth, .hooks = service_hooks(p, place->nested) };
	char path[SERVICE_PATH_SIZE];
	bool existed;
	int err;

	err = service_storage(o, c->id, &old, f);
	if (err)
		return err;
	service_path(path, c->id, NULL);
	existed = access(path, F_OK) == 0;
	new.generation = old.generation == 1 ? 2 : 1;
	new.flags = (place->nested ? SRCPIN_SERVICE_NESTED : 0) | (p->observe ? SRCPIN_SERVICE_OBSERVE : 0) |
		    (p->guard ? SRCPIN_SERVICE_GUARD : 0);
	policy_common(p, &policy_ipv6, &new.common[0]);
	policy_common(p, &policy_ipv4, &new.common[1]);
	err = prepare(o, c, config, p, &old, &new, &done, f);
	if (!err)
		err = service_write(o, c->path, &new, f);
	if (err)
		undo(o, &old, &new, existed, &done);
	else
		clear_old(o, &old, &new);
	return err;
}

int service_idle(const struct objects *o, uint64_t id, struct failure *f)
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

int service_remove(const struct objects *o, uint64_t id, struct failure *f)
{
	char path[SERVICE_PATH_SIZE];
	int err;

	/* a cgroup that is gone does not tell which of the two was in force */
	for (__u32 generation = 1; generation <= 2 && o->map[MAP_RULES] >= 0; generation++)
		rules_remove(o->map[MAP_RULES], &(struct srcpin_service){ .cgroup_id = id, .generation = generation });
	service_path(path, id, NULL);
	err = bpffs_remove(path, f);
	if (!err)
		rmdir(SERVICES); /* goes with the last one */
	return err;
}
