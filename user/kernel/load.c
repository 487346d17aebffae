// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The life of a load: begin, prepare, attach, commit, finish. The commit is
 * one write. Before it calls and packets are treated as before, at most by newer
 * programs, and undo() takes back what was done, in reverse order. After it
 * nothing can fail. So the policy is all there or not at all, even if this
 * process is killed. What a killed load leaves behind has a folder, which the
 * next load of any service clears.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/attach.h"
#include "kernel/bpffs.h"
#include "kernel/counters.h"
#include "kernel/load.h"
#include "kernel/nesting.h"
#include "kernel/objects.h"
#include "kernel/previous.h"
#include "kernel/rules.h"
#include "kernel/store.h"
#include "kernel/unheld.h"
#include "kernel/unload.h"
#include "policy/common.h"

/* How far the load came. undo() has a line for each stage. */
enum stage {
	BEGUN,    /* also before begin(); nothing is changed but in objects */
	TOLD,     /* services around and within know of this one, or some of them */
	PREPARED, /* rules, folder and names, or part of them */
	ATTACHED, /* programs, or part of them */
	COMMITTED,
};

struct load {
	const struct cgroup *cgroup;
	const char *config;
	const struct policy *policy;
	bool reload;
	struct failure *f;
	enum stage stage;
	struct objects objects;
	struct place place;
	struct srcpin_service old, new;
	bool replaces; /* old is in force */
	bool existed;  /* the service has a folder already */
	struct attached attached;
};

/*
 * The hooks that the policy needs. All of them where cgroups nest: an outer
 * one's programs must find that the inner one has decided, even if it only
 * decided to do nothing.
 */
static uint32_t needed_hooks(const struct policy *p, bool nested)
{
	const uint32_t ipv4 = HOOK_BIT(HOOK_BIND4) | HOOK_BIT(HOOK_SENDMSG4) | HOOK_BIT(HOOK_CONNECT4);
	uint32_t all = HOOK_BIT(N_HOOKS) - 1;

	if (nested)
		return all;
	if (!policy_touches_ipv4(p))
		all &= ~ipv4;
	return p->guard ? all : all & ~HOOK_BIT(HOOK_GUARD);
}

/* For a reload: since the caller looked, nothing may have been unloaded, or loaded from another file. */
static int check_unchanged(const struct load *l)
{
	char now[PATH_MAX];
	int err = service_config_path(l->cgroup->id, l->old.generation, now, l->f);

	if (err || (service_is_in_force(&l->old) && strcmp(now, l->config) == 0))
		return err;
	return fail(l->f, -ESTALE, "cannot reload %s: it was unloaded, or loaded from another config, meanwhile",
		    l->cgroup->path);
}

static void describe_new(struct load *l)
{
	const struct policy *p = l->policy;

	l->new = (struct srcpin_service){
		.cgroup_id = l->cgroup->id,
		.generation = l->old.generation % SRCPIN_GENERATIONS + 1,
		.depth = l->place.depth,
		.hooks = needed_hooks(p, l->place.nested),
		.flags = (l->place.nested ? SRCPIN_SERVICE_NESTED : 0) | (p->observe ? SRCPIN_SERVICE_OBSERVE : 0) |
			 (p->guard ? SRCPIN_SERVICE_GUARD : 0),
	};
	policy_common(p, &policy_ipv6, &l->new.common[0]);
	policy_common(p, &policy_ipv4, &l->new.common[1]);
}

/* Opens the programs and maps, and reads what there is of this service. */
static int begin(struct load *l)
{
	char path[SERVICE_PATH_SIZE];
	int any = service_any(l->f), err = any < 0 ? any : nesting_place(l->cgroup, &l->place, l->f);

	l->stage = BEGUN;
	if (!err)
		err = objects_open(any,
				   (struct needs){ needed_hooks(l->policy, l->place.nested), l->policy->n_lists > 0 },
				   &l->objects, l->f);
	if (!err)
		err = service_storage(&l->objects, l->cgroup->id, &l->old, l->f);
	if (!err && l->reload)
		err = check_unchanged(l);
	if (err)
		return err;
	l->replaces = service_is_in_force(&l->old);
	service_path(path, l->cgroup->id, NULL);
	l->existed = access(path, F_OK) == 0;
	describe_new(l);
	return 0;
}

/* Removes rules that no policy in force has: from an earlier load of this cgroup, or from one that was killed. */
static void remove_leftovers(const struct load *l)
{
	for (__u32 generation = 1; generation <= SRCPIN_GENERATIONS; generation++)
		if (!l->replaces || generation != l->old.generation)
			rules_retire(&l->objects,
				     &(struct srcpin_service){ .cgroup_id = l->cgroup->id, .generation = generation });
}

static int record(uint64_t id, const char *entry, const char *target, struct failure *f)
{
	char path[SERVICE_PATH_SIZE];

	service_path(path, id, entry);
	return bpffs_symlink(path, target, f);
}

/* Makes the folder with the names, before any link. So what is attached can always be found and taken out. */
static int make_folder(const struct load *l)
{
	char path[SERVICE_PATH_SIZE];
	int err = bpffs_mkdir(SERVICES, l->f);

	service_path(path, l->cgroup->id, NULL);
	if (!err)
		err = bpffs_mkdir(path, l->f);
	if (!err)
		err = record(l->cgroup->id, "cgroup", l->cgroup->path, l->f);
	return err ? err : record(l->cgroup->id, service_config_entry(l->new.generation), l->config, l->f);
}

/* Adds the new rules and names, beside the old ones. */
static int prepare(struct load *l)
{
	const struct objects *o = &l->objects;
	int err;

	l->stage = TOLD;
	err = nesting_prepare(o, l->cgroup, l->f);
	if (err)
		return err;
	l->stage = PREPARED;
	remove_leftovers(l);
	if (l->new.generation < l->old.generation) /* no program may still go by the policy that had this one before */
		rules_wait_for_programs();
	err = l->replaces ? previous_remember(o, &l->old, &l->new, l->policy, l->f) : 0;
	if (!err) /* first: after a kill, what has a folder is found and cleared */
		err = make_folder(l);
	if (!err)
		err = rules_add(o, &l->new, l->policy, l->f);
	if (!err && !l->replaces) /* the storage lives as long as the cgroup: an earlier load may have counted there */
		err = counters_zero(o, l->cgroup->id, NULL, l->f);
	return err;
}

/* Attaches the programs. They go by the old policy; if there is none, they are idle. */
static int attach_programs(struct load *l)
{
	struct srcpin_service until_commit = l->replaces ? l->old : l->new;
	int err;

	if (!l->replaces)
		until_commit.flags |= SRCPIN_SERVICE_IDLE;
	l->stage = ATTACHED;
	err = attach(&l->objects, l->cgroup, l->new.hooks, &until_commit, &l->attached, l->f);
	if (!err && l->place.nested)
		err = nesting_enter(&l->objects, l->cgroup->id, l->new.depth, l->f);
	return err;
}

/* The one write: all programs of the cgroup go by this storage. */
static int commit(struct load *l)
{
	int err;

	if (attached_anew(&l->attached)) /* the programs before may not know what the new policy has */
		rules_wait_for_programs();
	err = service_write(&l->objects, l->cgroup->path, &l->new, l->f);

	if (!err)
		l->stage = COMMITTED;
	return err;
}

static void remove_entry(uint64_t id, const char *entry)
{
	char path[SERVICE_PATH_SIZE];

	service_path(path, id, entry);
	unlink(path);
}

static void undo_folder(const struct load *l)
{
	struct failure ignored = { "" };
	char path[SERVICE_PATH_SIZE];

	if (l->existed) {
		remove_entry(l->cgroup->id, service_config_entry(l->new.generation));
		return;
	}
	service_path(path, l->cgroup->id, NULL);
	bpffs_remove(path, &ignored);
	rmdir(SERVICES);
}

/* Leaves the old policy in force as before, or none. */
static void undo(struct load *l)
{
	if (l->stage >= ATTACHED) {
		if (!l->replaces || !(l->old.flags & SRCPIN_SERVICE_NESTED)) /* else the old policy counts as nested */
			nesting_leave(&l->objects, l->cgroup->id);
		attach_undo(l->cgroup->id, &l->attached);
	}
	if (l->stage >= PREPARED) {
		rules_remove(&l->objects, &l->new);
		undo_folder(l);
	}
	if (l->stage >= TOLD)
		nesting_settle(&l->objects);
	objects_undo(&l->objects);
	unload_unused(&(struct failure){ "" });
}

/* Removes what the old policy had, and what others left behind. */
static void finish(struct load *l)
{
	const struct objects *o = &l->objects;

	detach_all_but(l->cgroup->id, l->new.hooks);
	if (!l->place.nested)
		nesting_leave(o, l->cgroup->id);
	remove_entry(l->cgroup->id, service_config_entry(l->new.generation + 1));
	if (l->replaces)
		rules_retire(o, &l->old);
	if (unload_leftovers(o, l->cgroup))
		nesting_settle(o);
	objects_keep(o);
}

static void load_end(struct load *l)
{
	attached_close(&l->attached);
	objects_close(&l->objects);
}

int load_policy(const struct cgroup *c, const char *config, const struct policy *p, bool reload, struct failure *f)
{
	_cleanup_close_ int lock = -1;
	_cleanup_(load_end) struct load l = { .cgroup = c, .config = config, .policy = p, .reload = reload, .f = f };
	int err;

	objects_init(&l.objects);
	err = bpffs_lock(&lock, f);
	if (err)
		return err;
	if (unheld_stays_at(c->fd, c->id)) /* else there would be a second set beside them that does not know of them */
		err = fail(f, -EEXIST,
			   "cannot load %s: programs of srcpin are attached to it already, and not held in " BPFFS_HOME
				   UNHELD_REMEDY,
			   c->path);
	if (!err)
		err = begin(&l);
	if (err == -EPROTO && !unload_dead(f)) /* of another ABI, and all its cgroups are gone */
		err = begin(&l);
	if (!err)
		err = prepare(&l);
	if (!err)
		err = attach_programs(&l);
	if (!err)
		err = commit(&l);
	if (err)
		undo(&l);
	else
		finish(&l);
	return err;
}
