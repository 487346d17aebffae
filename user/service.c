// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpffs.h"
#include "cleanup.h"
#include "counters.h"
#include "nesting.h"
#include "previous.h"
#include "rules.h"
#include "service.h"

enum { PATH_SIZE = 128 };

static void service_path(char ret[static PATH_SIZE], uint64_t id, const char *entry)
{
	snprintf(ret, PATH_SIZE, SERVICES "/%" PRIu64 "%s%s", id, entry ? "/" : "", entry ? entry : "");
}

int service_cgroup_path(uint64_t id, char ret[static PATH_MAX], struct failure *f)
{
	char path[PATH_SIZE];

	service_path(path, id, "cgroup");
	return bpffs_readlink(path, ret, f);
}

/* One for each generation: so it changes with the policy, in the same step. */
static const char *config_entry(uint32_t generation)
{
	return generation == 2 ? "config2" : "config1";
}

int service_config_path(uint64_t id, uint32_t generation, char ret[static PATH_MAX], struct failure *f)
{
	char path[PATH_SIZE];
	int err;

	service_path(path, id, config_entry(generation));
	err = bpffs_readlink(path, ret, f);
	if (err || *ret || generation)
		return err;
	service_path(path, id, config_entry(2));
	return bpffs_readlink(path, ret, f);
}

int service_each(int (*fn)(uint64_t id, void *data), void *data, struct failure *f)
{
	_cleanup_closedir_ DIR *dir = opendir(SERVICES);
	const struct dirent *e;
	int r = 0;

	if (!dir)
		return errno == ENOENT ? 0 : fail(f, -errno, "cannot list " SERVICES ": %s", strerror(errno));
	while (!r && (errno = 0, e = readdir(dir))) {
		char *end;
		uint64_t id = strtoull(e->d_name, &end, 10);

		/* as we write them: no sign, no blank, no leading zero */
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && !*end)
			r = fn(id, data);
	}
	return !r && errno ? fail(f, -errno, "cannot list " SERVICES ": %s", strerror(errno)) : r;
}

static int seen(uint64_t id, void *data)
{
	(void)id;
	(void)data;
	return 1;
}

int service_any(struct failure *f)
{
	return service_each(seen, NULL, f);
}

int service_link(uint64_t id, enum hook h, struct bpf_link_info *info)
{
	char path[PATH_SIZE];
	__u32 len = sizeof(*info);
	int fd, err;

	service_path(path, id, hook_name[h]);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return -errno;
	if (!info)
		return fd;
	memset(info, 0, sizeof(*info));
	if (bpf_obj_get_info_by_fd(fd, info, &len)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

int service_storage(const struct objects *o, uint64_t id, struct srcpin_service *ret, struct failure *f)
{
	*ret = (struct srcpin_service){ 0 };
	if (!bpf_map_lookup_elem(o->map[MAP_SERVICE], &id, ret) || errno == ENOENT)
		return 0;
	return fail(f, -errno, "cannot read the storage of the cgroup with the id %" PRIu64 ": %s", id,
		    strerror(errno));
}

bool service_is_in_force(const struct srcpin_service *s)
{
	return s->cgroup_id && !(s->flags & SRCPIN_SERVICE_IDLE);
}

bool service_has_link(uint64_t id)
{
	for (enum hook i = 0; i < N_HOOKS; i++) {
		_cleanup_close_ int fd = service_link(id, i, NULL);

		if (fd >= 0)
			return true;
	}
	return false;
}

int service_write(const struct objects *o, const char *cgroup, const struct srcpin_service *s, struct failure *f)
{
	if (!bpf_map_update_elem(o->map[MAP_SERVICE], &s->cgroup_id, s, BPF_ANY))
		return 0;
	return fail(f, -errno, "cannot write the storage of cgroup %s: %s", cgroup, strerror(errno));
}

/* errno says why. */
static int attach_failed(enum hook h, const struct cgroup *c, struct failure *f)
{
	return fail(f, -errno, "cannot attach %s to cgroup %s: %s%s", hook_name[h], c->path, strerror(errno),
		    errno == EPERM ? " (CAP_NET_ADMIN is missing, or another program is attached there or above "
				     "exclusively: bpftool cgroup tree)"
				   : "");
}

/*
 * The cgroup's storage comes to life, empty, with the first attached program
 * that uses it, and stays as long as the cgroup. So that none decides before
 * it is filled, the first one is `hold`. Returns its link, to be closed once
 * the others are there.
 */
static int hold_storage(const struct objects *o, const struct cgroup *c, const struct srcpin_service *s,
			struct failure *f)
{
	_cleanup_close_ int link = bpf_link_create(o->hold, c->fd, BPF_CGROUP_INET6_BIND, NULL);
	int err;

	if (link < 0)
		return attach_failed(HOOK_BIND6, c, f);
	err = service_write(o, c->path, s, f);
	return err ? err : steal_fd(&link);
}

/* What attach() has done, for the way back. */
struct attached {
	bool made[N_HOOKS];
	bool renewed[N_HOOKS];
	int old[N_HOOKS]; /* the program that was replaced in a link, if renewed */
};

/* Puts this build's program into a link that has another. */
static int renew(const struct objects *o, const struct cgroup *c, enum hook h, int link,
		 const struct bpf_link_info *info, struct attached *done, struct failure *f)
{
	struct bpf_prog_info prog = { 0 };
	__u32 len = sizeof(prog);
	_cleanup_close_ int old = -1;

	if (bpf_obj_get_info_by_fd(o->prog[h], &prog, &len))
		return fail(f, -errno, "cannot read about program %s: %s", hook_name[h], strerror(errno));
	if (prog.id == info->prog_id)
		return 0;
	old = bpf_prog_get_fd_by_id(info->prog_id);
	if (old < 0 || bpf_link_update(link, o->prog[h], NULL))
		return fail(f, -errno, "cannot replace %s on cgroup %s: %s%s", hook_name[h], c->path, strerror(errno),
			    errno == EPERM ? " (CAP_SYS_ADMIN is missing; run srcpin as root)" : "");
	done->old[h] = steal_fd(&old);
	done->renewed[h] = true;
	return 0;
}

/* Attaches those of HOOKS that are not attached, to go by the rules of S. */
static int attach(const struct objects *o, const struct cgroup *c, uint32_t hooks, const struct srcpin_service *s,
		  struct attached *done, struct failure *f)
{
	_cleanup_close_ int storage = -1;
	char path[PATH_SIZE];
	int err;

	for (enum hook i = 0; i < N_HOOKS; i++) {
		struct bpf_link_info info = { 0 };
		_cleanup_close_ int link = -1;

		if (!(hooks & HOOK_BIT(i)))
			continue;
		link = service_link(c->id, i, &info);
		service_path(path, c->id, hook_name[i]);
		if (link >= 0 && info.cgroup.cgroup_id == c->id && info.cgroup.attach_type == hook_type[i]) {
			err = renew(o, c, i, link, &info, done, f);
			if (err)
				return err;
			continue;
		}
		if (storage < 0) {
			storage = hold_storage(o, c, s, f);
			if (storage < 0)
				return storage;
		}
		cleanup_close(&link);
		link = bpf_link_create(o->prog[i], c->fd, hook_type[i], NULL);
		if (link < 0)
			return attach_failed(i, c, f);
		done->made[i] = true;
		if ((unlink(path) < 0 && errno != ENOENT) || bpf_obj_pin(link, path))
			return fail(f, -errno, "cannot write %s: %s", path, strerror(errno));
	}
	return 0;
}

static int record(uint64_t id, const char *entry, const char *target, struct failure *f)
{
	char path[PATH_SIZE];

	service_path(path, id, entry);
	return bpffs_symlink(path, target, f);
}

/* Ends a link and removes it from bpffs. Closing alone would end it only some time later. */
static void end_link(uint64_t id, enum hook h)
{
	char path[PATH_SIZE];
	_cleanup_close_ int link = service_link(id, h, NULL);

	service_path(path, id, hook_name[h]);
	if (link >= 0)
		bpf_link_detach(link);
	unlink(path);
}

static void undo_attach(uint64_t id, const struct attached *done)
{
	for (enum hook i = N_HOOKS; i-- > 0;) {
		_cleanup_close_ int link = done->renewed[i] ? service_link(id, i, NULL) : -1;

		if (done->made[i])
			end_link(id, i);
		if (link >= 0)
			bpf_link_update(link, done->old[i], NULL);
	}
}

static void close_attached(struct attached *done)
{
	for (enum hook i = 0; i < N_HOOKS; i++)
		if (done->renewed[i])
			close(done->old[i]);
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

int service_attach_all(const struct objects *o, const char *path, struct srcpin_service *s, struct failure *f)
{
	_cleanup_(close_attached) struct attached done = { 0 };
	_cleanup_(cgroup_close) struct cgroup c = CGROUP_NONE;
	int err;

	if (s->hooks == HOOK_BIT(N_HOOKS) - 1)
		return 0;
	err = cgroup_resolve(path, &c, f);
	if (!err && c.id != s->cgroup_id)
		return 0; /* made anew: what was attached is gone */
	if (!err)
		err = attach(o, &c, HOOK_BIT(N_HOOKS) - 1, s, &done, f);
	if (err)
		undo_attach(s->cgroup_id, &done);
	else
		s->hooks = HOOK_BIT(N_HOOKS) - 1;
	return err;
}

/* Those that the policy before had, and this one does without. */
static void detach_unwanted(uint64_t id, uint32_t hooks)
{
	for (enum hook i = N_HOOKS; i-- > 0;)
		if (!(hooks & HOOK_BIT(i)))
			end_link(id, i);
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
	char path[PATH_SIZE];
	int err = bpffs_mkdir(SERVICES, f);

	service_path(path, c->id, NULL);
	if (!err)
		err = bpffs_mkdir(path, f);
	if (!err)
		err = record(c->id, "cgroup", c->path, f);
	return err ? err : record(c->id, config_entry(generation), config, f);
}

static void remove_entry(uint64_t id, const char *entry)
{
	char path[PATH_SIZE];

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
	char path[PATH_SIZE];

	if (!(old->flags & SRCPIN_SERVICE_NESTED) || !service_is_in_force(old))
		nesting_leave(o, id);
	undo_attach(id, done);
	rules_remove(o->map[MAP_RULES], new);
	service_path(path, id, NULL);
	if (existed) {
		remove_entry(id, config_entry(new->generation));
	} else {
		bpffs_remove(path, &ignored);
		rmdir(SERVICES);
	}
}

/* NEW is in force, OLD is not any more; nothing here can fail. */
static void clear_old(const struct objects *o, const struct srcpin_service *old, const struct srcpin_service *new)
{
	detach_unwanted(new->cgroup_id, new->hooks);
	if (!(new->flags &SRCPIN_SERVICE_NESTED))
		nesting_leave(o, new->cgroup_id);
	remove_entry(new->cgroup_id, config_entry(3 - new->generation));
	if (service_is_in_force(old)) {
		rules_wait_for_programs();
		rules_remove(o->map[MAP_RULES], old);
	}
}

/*
 * One write puts it in force. Until then nothing has changed, and after it
 * nothing can fail: so it is all there or not at all, also when this process
 * is killed.
 */
int service_put(const struct objects *o, const struct cgroup *c, const char *config, const struct policy *p,
		const struct service_place *place, struct failure *f)
{
	_cleanup_(close_attached) struct attached done = { 0 };
	struct srcpin_service old,
		new = { .cgroup_id = c->id, .depth = place->depth, .hooks = service_hooks(p, place->nested) };
	char path[PATH_SIZE];
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

void service_detach(uint64_t id)
{
	for (enum hook i = N_HOOKS; i-- > 0;)
		end_link(id, i);
}

int service_remove(const struct objects *o, uint64_t id, struct failure *f)
{
	char path[PATH_SIZE];
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
