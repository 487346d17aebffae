// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "host/cgroup.h"
#include "host/cgroup_ids.h"
#include "host/network.h"

#define OURS "/proc/self/ns/net"

bool network_is_roots(int network)
{
	_cleanup_close_ int owner = ioctl(network, NS_GET_USERNS);
	struct stat its, ours;

	if (owner < 0)
		return errno == EPERM; /* the owner is a user namespace around ours */
	return !fstat(owner, &its) && !stat("/proc/self/ns/user", &ours) && its.st_ino == ours.st_ino;
}

static bool has(const struct networks *n, const struct stat *st)
{
	for (size_t i = 0; i < n->n; i++)
		if (n->item[i].ino == st->st_ino && n->item[i].dev == st->st_dev)
			return true;
	return false;
}

/* A process that ends meanwhile does not count. */
static void add_of_process(struct networks *n, long pid, const struct stat *ours)
{
	struct network one = { .fd = -1, .pid = pid };
	struct stat st;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%ld/ns/net", pid);
	if (stat(path, &st) || has(n, &st))
		return;
	if (st.st_ino != ours->st_ino || st.st_dev != ours->st_dev) {
		one.fd = open(path, O_RDONLY | O_CLOEXEC);
		if (one.fd < 0)
			return;
		if (fstat(one.fd, &st) || has(n, &st)) {
			close(one.fd);
			return;
		}
	}
	one.users = one.fd >= 0 && !network_is_roots(one.fd);
	one.dev = st.st_dev;
	one.ino = st.st_ino;
	ADD_ELEMENT(n->item, n->n, one);
}

static void add_of_cgroup(struct networks *n, uint64_t id, const struct stat *ours)
{
	_cleanup_close_ int dir = cgroup_open_id(id), fd = -1;
	_cleanup_fclose_ FILE *in = NULL;
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	fd = dir < 0 ? -1 : openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	in = fd < 0 ? NULL : fdopen(fd, "r");
	if (!in)
		return;
	steal_fd(&fd);
	/* a process of a pid namespace that we cannot look into is listed as 0 */
	while (getline(&line, &size, in) > 0)
		add_of_process(n, strtol(line, NULL, 10), ours);
}

/* The address that a user gives to a namespace of their own is not to hide that it is missing where root put it. */
static void leave_out_users(struct networks *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n->n; i++)
		kept += !n->item[i].users;
	if (!kept)
		return;
	kept = 0;
	for (size_t i = 0; i < n->n; i++)
		if (n->item[i].users) {
			n->left_out = n->item[i].pid;
			cleanup_close(&n->item[i].fd);
		} else {
			n->item[kept++] = n->item[i];
		}
	n->n = kept;
}

void networks_find(uint64_t cgroup, struct networks *ret)
{
	_cleanup_(cgroup_ids_free) struct cgroup_ids of = { 0 };
	const struct cgroup_ids none = { 0 };
	struct failure ignored = { "" };
	struct stat ours = { 0 };

	*ret = (struct networks){ 0 };
	if (cgroup && !stat(OURS, &ours) && !cgroup_ids_below(cgroup, &none, &of, &ignored))
		for (size_t i = 0; i < of.n; i++)
			add_of_cgroup(ret, of.id[i], &ours);
	leave_out_users(ret);
	if (!ret->n)
		ADD_ELEMENT(ret->item, ret->n, (struct network){ .fd = -1 });
}

void networks_free(struct networks *n)
{
	for (size_t i = 0; i < n->n; i++)
		cleanup_close(&n->item[i].fd);
	free(n->item);
	*n = (struct networks){ 0 };
}

bool networks_are_ours(const struct networks *n)
{
	return n->n == 1 && n->item[0].fd < 0;
}

int network_enter(const struct network *n, int *back, struct failure *f)
{
	int err;

	*back = -1;
	if (n->fd < 0)
		return 0;
	*back = open(OURS, O_RDONLY | O_CLOEXEC);
	if (*back >= 0 && !setns(n->fd, CLONE_NEWNET))
		return 0;
	err = -errno;
	cleanup_close(back);
	*back = -1;
	return fail(f, err, "cannot enter the network namespace of process %ld: %s", n->pid, strerror(-err));
}

/* Nothing that comes later would be true elsewhere. */
void network_leave(int back)
{
	if (back >= 0 && setns(back, CLONE_NEWNET))
		abort();
	cleanup_close(&back);
}
