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
#include "service.h"

enum { PATH_SIZE = 128 };

static void service_path(char ret[static PATH_SIZE], uint64_t id, const char *entry)
{
	snprintf(ret, PATH_SIZE, SERVICES "/%" PRIu64 "%s%s", id, entry ? "/" : "", entry ? entry : "");
}

void service_cgroup_path(uint64_t id, char ret[static PATH_MAX])
{
	char path[PATH_SIZE];

	service_path(path, id, "cgroup");
	bpffs_readlink(path, ret);
}

void service_config_path(uint64_t id, char ret[static PATH_MAX])
{
	char path[PATH_SIZE];

	service_path(path, id, "config");
	bpffs_readlink(path, ret);
}

int service_each(int (*fn)(uint64_t id, void *data), void *data)
{
	_cleanup_closedir_ DIR *dir = opendir(SERVICES);
	const struct dirent *e;
	int r = 0;

	while (dir && !r && (e = readdir(dir))) {
		char *end;
		uint64_t id = strtoull(e->d_name, &end, 10);

		if (end != e->d_name && !*end)
			r = fn(id, data);
	}
	return r;
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

int service_policy(const struct objects *o, uint64_t id)
{
	__u32 map_id;
	int fd;

	if (bpf_map_lookup_elem(o->map[MAP_POLICIES], &id, &map_id))
		return -errno;
	fd = bpf_map_get_fd_by_id(map_id);
	return fd < 0 ? -errno : fd;
}

/* A trie like the held one, types included, so that bpftool can show it; RET is its fd. */
static int make_policy(const struct objects *o, const struct policy *p, int *ret, struct failure *f)
{
	struct bpf_map_info like = { 0 };
	__u32 len = sizeof(like);
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	_cleanup_close_ int btf = -1, fd = -1;

	if (bpf_obj_get_info_by_fd(o->map[MAP_POLICY], &like, &len))
		return fail(f, -errno, "cannot read the layout of policies: %s", strerror(errno));
	btf = bpf_btf_get_fd_by_id(like.btf_id);
	if (btf < 0)
		return fail(f, -errno, "cannot open the types of policies: %s", strerror(errno));
	opts.map_flags = like.map_flags;
	opts.btf_fd = (__u32)btf;
	opts.btf_key_type_id = like.btf_key_type_id;
	opts.btf_value_type_id = like.btf_value_type_id;
	fd = bpf_map_create(like.type, like.name, like.key_size, like.value_size, (__u32)p->n_entries, &opts);
	if (fd < 0)
		return fail(f, -errno, "cannot make a policy of %zu rules: %s", p->n_entries, strerror(errno));
	for (size_t i = 0; i < p->n_entries; i++)
		if (bpf_map_update_elem(fd, &p->entry[i].prefix, &p->entry[i].rule, BPF_NOEXIST))
			return fail(f, -errno, "cannot put a rule into the policy: %s", strerror(errno));
	*ret = steal_fd(&fd);
	return 0;
}

/*
 * The cgroup's storage comes to life, empty, with the first attached program
 * that uses it, and goes with the last. So that none decides before it is
 * filled, the first one is `hold`. Returns its link, to be closed once the
 * others are there.
 */
static int hold_storage(const struct objects *o, const struct cgroup *c, struct failure *f)
{
	struct srcpin_service value = { .policy = c->id };
	_cleanup_close_ int link = bpf_link_create(o->hold, c->fd, BPF_CGROUP_INET6_BIND, NULL);

	if (link < 0)
		return fail(f, -errno, "cannot attach to cgroup %s: %s%s", c->path, strerror(errno),
			    errno == EPERM
				    ? " (CAP_NET_ADMIN is missing, or another program is attached there exclusively)"
				    : "");
	if (bpf_map_update_elem(o->map[MAP_SERVICE], &c->id, &value, BPF_ANY))
		return fail(f, -errno, "cannot write the storage of cgroup %s: %s", c->path, strerror(errno));
	return steal_fd(&link);
}

/* What attach() has done, for the way back. */
struct attached {
	bool made[N_HOOKS];
	int old[N_HOOKS]; /* the program that was replaced in a link, or -1 */
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
		return fail(f, -errno, "cannot replace %s on cgroup %s: %s", hook_name[h], c->path, strerror(errno));
	done->old[h] = steal_fd(&old);
	return 0;
}

/* Attaches what is not attached. */
static int attach(const struct objects *o, const struct cgroup *c, struct attached *done, struct failure *f)
{
	_cleanup_close_ int storage = -1;
	char path[PATH_SIZE];
	int err;

	for (enum hook i = 0; i < N_HOOKS; i++) {
		struct bpf_link_info info = { 0 };
		_cleanup_close_ int link = service_link(c->id, i, &info);

		service_path(path, c->id, hook_name[i]);
		if (link >= 0 && info.cgroup.cgroup_id == c->id && info.cgroup.attach_type == hook_type[i]) {
			err = renew(o, c, i, link, &info, done, f);
			if (err)
				return err;
			continue;
		}
		if (storage < 0) {
			storage = hold_storage(o, c, f);
			if (storage < 0)
				return storage;
		}
		cleanup_close(&link);
		link = bpf_link_create(o->prog[i], c->fd, hook_type[i], NULL);
		if (link < 0)
			return fail(f, -errno, "cannot attach %s to cgroup %s: %s", hook_name[i], c->path,
				    strerror(errno));
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
		_cleanup_close_ int link = done->old[i] < 0 ? -1 : service_link(id, i, NULL);

		if (done->made[i])
			end_link(id, i);
		if (link >= 0)
			bpf_link_update(link, done->old[i], NULL);
	}
}

static void close_attached(struct attached *done)
{
	for (enum hook i = 0; i < N_HOOKS; i++)
		cleanup_close(&done->old[i]);
}

static int put_policy(const struct objects *o, const struct cgroup *c, int policy, struct failure *f)
{
	if (!bpf_map_update_elem(o->map[MAP_POLICIES], &c->id, &policy, BPF_ANY))
		return 0;
	return fail(f, -errno, "cannot put the policy of cgroup %s in force: %s%s", c->path, strerror(errno),
		    errno == E2BIG ? " (as many services as fit are pinned)" : "");
}

/*
 * For a service that has a policy, the new one comes last: until then nothing
 * has changed, and after it nothing can fail. For a new one it comes first:
 * no program is to be there before its policy.
 */
int service_put(const struct objects *o, const struct cgroup *c, const char *config, const struct policy *p,
		struct failure *f)
{
	_cleanup_close_ int policy = -1;
	_cleanup_(close_attached) struct attached done = { .old = { -1, -1, -1 } };
	bool existed, has_policy;
	struct failure ignored = { "" };
	char path[PATH_SIZE];
	__u32 id;
	int err;

	service_path(path, c->id, NULL);
	existed = access(path, F_OK) == 0;
	has_policy = bpf_map_lookup_elem(o->map[MAP_POLICIES], &c->id, &id) == 0;
	err = make_policy(o, p, &policy, f);
	if (err)
		return err;
	err = bpffs_mkdir(SERVICES, f);
	if (!err)
		err = bpffs_mkdir(path, f);
	if (!err && !has_policy)
		err = put_policy(o, c, policy, f);
	if (!err)
		err = attach(o, c, &done, f);
	if (!err)
		err = record(c->id, "cgroup", c->path, f);
	if (!err)
		err = record(c->id, "config", config, f);
	if (!err && has_policy)
		err = put_policy(o, c, policy, f);
	if (!err)
		return 0;

	undo_attach(c->id, &done);
	if (!has_policy)
		bpf_map_delete_elem(o->map[MAP_POLICIES], &c->id);
	if (!existed) {
		bpffs_remove(path, &ignored);
		rmdir(SERVICES);
	}
	return err;
}

int service_remove(const struct objects *o, uint64_t id, struct failure *f)
{
	char path[PATH_SIZE];
	int err;

	for (enum hook i = N_HOOKS; i-- > 0;)
		end_link(id, i);
	if (o->map[MAP_POLICIES] >= 0)
		bpf_map_delete_elem(o->map[MAP_POLICIES], &id);
	service_path(path, id, NULL);
	err = bpffs_remove(path, f);
	if (!err)
		rmdir(SERVICES); /* goes with the last one */
	return err;
}
