// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "host/cgroup.h"
#include "host/cgroup_ids.h"
#include "host/cgroup_procs.h"
#include "kernel/hooks.h"
#include "kernel/lock.h"
#include "kernel/objects.h"
#include "kernel/store.h"
#include "kernel/unheld.h"

enum { MAX_PROGRAMS = 64 }; /* for a cgroup and a hook: BPF_CGROUP_MAX_PROGS */

static bool is_ours(uint32_t id, enum hook h)
{
	_cleanup_close_ int fd = bpf_prog_get_fd_by_id(id);
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	return fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len) && strcmp(info.name, hook_table[h].program) == 0;
}

static bool is_at_hook(int cgroup_fd, uint64_t id, enum hook h)
{
	struct bpf_link_info held;
	_cleanup_close_ int link = service_link(id, h, &held);
	bool one_is_held = link >= 0 && held.cgroup.cgroup_id == id && held.cgroup.attach_type == hook_table[h].type;
	__u32 program[MAX_PROGRAMS], n = MAX_PROGRAMS;

	if (link == -EACCES || link == -EPERM) /* there may be one that is held */
		return false;
	if (bpf_prog_query(cgroup_fd, hook_table[h].type, 0, NULL, program, &n))
		return false;
	for (__u32 i = 0; i < n; i++) {
		if (one_is_held && program[i] == held.prog_id)
			one_is_held = false;
		else if (is_ours(program[i], h))
			return true;
	}
	return false;
}

bool unheld_is_at(int cgroup_fd, uint64_t id)
{
	for (enum hook i = 0; i < N_HOOKS; i++)
		if (is_at_hook(cgroup_fd, id, i))
			return true;
	return false;
}

bool unheld_stays_at(int cgroup_fd, uint64_t id)
{
	struct lock_patience patience = { 0 };

	while (unheld_is_at(cgroup_fd, id))
		if (!lock_look_again(&patience))
			return true;
	return false;
}

/* The cgroups of all links of the host; none, if that is not permitted. */
static void list_linked(struct cgroup_ids *ret)
{
	__u32 id = 0;

	while (!bpf_link_get_next_id(id, &id)) {
		_cleanup_close_ int fd = bpf_link_get_fd_by_id(id);
		struct bpf_link_info info = { 0 };
		__u32 len = sizeof(info);

		if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len) && info.type == BPF_LINK_TYPE_CGROUP &&
		    info.cgroup.cgroup_id && !cgroup_ids_have(ret, info.cgroup.cgroup_id))
			cgroup_ids_add(ret, info.cgroup.cgroup_id);
	}
}

/* Is the process found in that cgroup in our network namespace? No, if there is none. */
static bool is_in_our_network(uint64_t id)
{
	_cleanup_close_ int fd = cgroup_open_network(id);
	struct stat its, ours;

	return fd >= 0 && !fstat(fd, &its) && !stat("/proc/self/ns/net", &ours) && its.st_ino == ours.st_ino;
}

/* The kernel's own name for what was opened, if it is below the mount. */
static bool find_path(int fd, const char *mount, char ret[static PATH_MAX])
{
	char link[64], path[PATH_MAX];
	size_t n = strlen(mount);
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return false;
	path[len] = '\0';
	if (strncmp(path, mount, n) != 0 || path[n] != '/' || !path[n + 1])
		return false;
	snprintf(ret, PATH_MAX, "%s", path + n);
	return true;
}

void unheld_add(struct unheld *u, const char *path)
{
	u->cgroup = xreallocarray(u->cgroup, u->n + 1, sizeof(*u->cgroup));
	u->cgroup[u->n++] = text_clean_copy(path);
}

void unheld_find(struct unheld *ret)
{
	_cleanup_(cgroup_ids_free) struct cgroup_ids linked = { 0 };
	struct failure ignored = { "" };
	char mount[PATH_MAX], path[PATH_MAX];

	*ret = (struct unheld){ 0 };
	if (cgroup_mount_point(mount, &ignored))
		return;
	list_linked(&linked);
	for (size_t i = 0; i < linked.n; i++) {
		_cleanup_close_ int fd = cgroup_open_id(linked.id[i]);

		if (fd >= 0 && find_path(fd, mount, path) && is_in_our_network(linked.id[i]) &&
		    unheld_stays_at(fd, linked.id[i]))
			unheld_add(ret, path);
	}
}

void unheld_free(struct unheld *u)
{
	for (size_t i = 0; i < u->n; i++)
		free(u->cgroup[i]);
	free(u->cgroup);
	*u = (struct unheld){ 0 };
}
