// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/privilege.h"
#include "host/cgroup_resolve.h"
#include "kernel/attach.h"
#include "kernel/store.h"

/* errno says why. */
static int attach_failed(enum hook h, const struct cgroup *c, struct failure *f)
{
	char why[PRIVILEGE_STRLEN];
	int err = errno;

	return fail(f, -err, "cannot attach %s to cgroup %s: %s%s", hook_table[h].name, c->path, strerror(err),
		    err == EPERM ? " (CAP_NET_ADMIN is missing, or another program is attached there or above "
				   "exclusively: bpftool cgroup tree)"
				 : privilege_forbidden(err, CAPABILITY(CAP_NET_ADMIN), why));
}

/*
 * The cgroup's storage is created, empty, when the first program that uses it
 * is attached, and stays as long as the cgroup. No program may decide before
 * it is filled: so the first one is `hold`. Returns its link, to be closed
 * once the others are there.
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

/* Puts this build's program into a link that has another. */
static int renew(const struct objects *o, const struct cgroup *c, enum hook h, int link,
		 const struct bpf_link_info *info, struct attached *done, struct failure *f)
{
	struct bpf_prog_info prog = { 0 };
	__u32 len = sizeof(prog);
	_cleanup_close_ int old = -1;
	char why[PRIVILEGE_STRLEN];

	if (bpf_obj_get_info_by_fd(o->prog[h], &prog, &len))
		return fail(f, -errno, "cannot read about program %s: %s", hook_table[h].name, strerror(errno));
	if (prog.id == info->prog_id)
		return 0;
	old = bpf_prog_get_fd_by_id(info->prog_id);
	if (old < 0 || bpf_link_update(link, o->prog[h], NULL)) {
		int err = errno;

		return fail(f, -err, "cannot replace %s on cgroup %s: %s%s", hook_table[h].name, c->path, strerror(err),
			    err == EPERM ? " (CAP_SYS_ADMIN is missing; run srcpin as root)"
					 : privilege_forbidden(err, 0, why));
	}
	done->old[h] = steal_fd(&old);
	done->renewed[h] = true;
	return 0;
}

int attach(const struct objects *o, const struct cgroup *c, uint32_t hooks, const struct srcpin_service *s,
	   struct attached *done, struct failure *f)
{
	_cleanup_close_ int storage = -1;
	char path[SERVICE_PATH_SIZE];
	int err;

	for (enum hook i = 0; i < N_HOOKS; i++) {
		struct bpf_link_info info = { 0 };
		_cleanup_close_ int link = -1;

		if (!(hooks & HOOK_BIT(i)))
			continue;
		link = service_link(c->id, i, &info);
		service_path(path, c->id, hook_table[i].name);
		if (link >= 0 && info.cgroup.cgroup_id == c->id && info.cgroup.attach_type == hook_table[i].type) {
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
		link = bpf_link_create(o->prog[i], c->fd, hook_table[i].type, NULL);
		if (link < 0)
			return attach_failed(i, c, f);
		done->made[i] = true;
		if (unlink(path) < 0 && errno != ENOENT)
			return fail(f, -errno, "cannot remove %s: %s", path, strerror(errno));
		err = objects_pin(link, path, f);
		if (err)
			return err;
	}
	return 0;
}

/* Ends a link and removes it from bpffs. Closing alone would end it only some time later. */
static void end_link(uint64_t id, enum hook h)
{
	char path[SERVICE_PATH_SIZE];
	_cleanup_close_ int link = service_link(id, h, NULL);

	service_path(path, id, hook_table[h].name);
	if (link >= 0)
		bpf_link_detach(link);
	unlink(path);
}

void attach_undo(uint64_t id, const struct attached *done)
{
	for (enum hook i = N_HOOKS; i-- > 0;) {
		_cleanup_close_ int link = done->renewed[i] ? service_link(id, i, NULL) : -1;

		if (done->made[i])
			end_link(id, i);
		if (link >= 0)
			bpf_link_update(link, done->old[i], NULL);
	}
}

void attached_close(struct attached *done)
{
	for (enum hook i = 0; i < N_HOOKS; i++)
		if (done->renewed[i])
			close(done->old[i]);
}

bool attached_anew(const struct attached *done)
{
	for (enum hook i = 0; i < N_HOOKS; i++)
		if (done->renewed[i])
			return true;
	return false;
}

int attach_all(const struct objects *o, const char *path, struct srcpin_service *s, struct failure *f)
{
	_cleanup_(attached_close) struct attached done = { 0 };
	_cleanup_(cgroup_close) struct cgroup c = CGROUP_NONE;
	int err;

	if (s->hooks == HOOK_BIT(N_HOOKS) - 1)
		return 0;
	err = cgroup_resolve(path, &c, f);
	if (!err && c.id != s->cgroup_id)
		return 0; /* the cgroup was made anew: what was attached is gone */
	if (!err)
		err = attach(o, &c, HOOK_BIT(N_HOOKS) - 1, s, &done, f);
	if (err)
		attach_undo(s->cgroup_id, &done);
	else
		s->hooks = HOOK_BIT(N_HOOKS) - 1;
	return err;
}

void detach_all_but(uint64_t id, uint32_t hooks)
{
	for (enum hook i = N_HOOKS; i-- > 0;)
		if (!(hooks & HOOK_BIT(i)))
			end_link(id, i);
}
