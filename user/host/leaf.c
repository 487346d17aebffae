// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "host/cgroup_join.h"
#include "host/cgroup_owner.h"
#include "host/leaf.h"

#define PREFIX "srcpin-run-"

enum {
	TRIES = 100,
	DEEPEST = 100, /* users may make cgroups as deep as they like */
	RECHECK_MS = 1000,
};

static bool is_leaf_name(const char *name)
{
	return strncmp(name, PREFIX, strlen(PREFIX)) == 0;
}

bool leaf_is(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && is_leaf_name(slash + 1);
}

static int read_own_path(char ret[static PATH_MAX], struct failure *f)
{
	_cleanup_fclose_ FILE *in = fopen("/proc/self/cgroup", "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;

	if (!in)
		return fail(f, -errno, "cannot read /proc/self/cgroup: %s", strerror(errno));
	*ret = '\0';
	while (getline(&line, &size, in) > 0)
		if (strncmp(line, "0::", 3) == 0)
			snprintf(ret, PATH_MAX, "%.*s", (int)strcspn(line + 3, "\n"), line + 3);
	return 0;
}

int leaf_find_place(struct cgroup *ret, struct failure *f)
{
	_cleanup_close_ int fd = -1;
	char mount[PATH_MAX], path[PATH_MAX], below[PATH_MAX] = "", ignored[64], *save = NULL;
	int err = cgroup_find_mount(mount, &fd, f);

	if (!err)
		err = read_own_path(path, f);
	if (err)
		return err;
	for (char *name = strtok_r(path, "/", &save); name; name = strtok_r(NULL, "/", &save)) {
		int next = strcmp(name, "..") == 0 ? -1
						   : openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		size_t n = strlen(below);

		if (next < 0 || !cgroup_is_roots(next, ignored)) {
			cleanup_close(&next);
			break;
		}
		cleanup_close(&fd);
		fd = next;
		snprintf(below + n, sizeof(below) - n, "/%s", name);
	}
	*ret = (struct cgroup){ .fd = steal_fd(&fd), .path = xstrdup(below) };
	return 0;
}

/* Opens the directory NAME, and locks it. -EAGAIN: it is being cleared. */
static int open_locked(int place, const char *name)
{
	_cleanup_close_ int fd = openat(place, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	if (flock(fd, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	return leaf_is_gone(fd) ? -EAGAIN : steal_fd(&fd);
}

/* Others may clear it before we have locked it, or there is one of this name with a process left. Then the next. */
static int make(const struct cgroup *place, char name[static 64])
{
	int fd = -EAGAIN;

	for (int i = 0; i < TRIES && fd == -EAGAIN; i++) {
		snprintf(name, 64, i ? PREFIX "%d.%d" : PREFIX "%d", getpid(), i);
		if (!mkdirat(place->fd, name, 0755))
			fd = open_locked(place->fd, name);
		else if (errno != EEXIST)
			return -errno;
	}
	return fd;
}

int leaf_make(const struct cgroup *place, struct cgroup *ret, struct failure *f)
{
	char name[64];
	int err;

	*ret = CGROUP_NONE;
	ret->fd = make(place, name);
	err = ret->fd < 0 ? ret->fd : cgroup_read_id(ret->fd, &ret->id);
	if (err)
		return fail(f, err, "cannot make a cgroup in %s: %s%s", *place->path ? place->path : "/",
			    strerror(-err), err == -ENOENT || err == -ENODEV ? " (is the service running?)" : "");
	ret->path = xasprintf("%s/%s", place->path, name);
	return 0;
}

/* Where the cgroup around it is threaded, it has to be that, too (cgroup.type: domain invalid). */
static int make_threaded(int leaf)
{
	_cleanup_close_ int fd = openat(leaf, "cgroup.type", O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, "threaded", strlen("threaded")) < 0 ? -errno : 0;
}

static pid_t fork_into(int dir)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
		.cgroup = (unsigned int)dir,
	};
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	return pid < 0 ? -errno : (pid_t)pid;
}

pid_t leaf_fork(const struct cgroup *leaf, struct failure *f)
{
	pid_t pid = fork_into(leaf->fd);

	if (pid == -EOPNOTSUPP && !make_threaded(leaf->fd))
		pid = fork_into(leaf->fd);
	return pid < 0 ? cgroup_cannot_join(leaf, pid, f) : pid;
}

/*
 * The kernel tells of a change at most each 10 ms, and later tells what it has
 * put off; but not once the cgroup is removed (cgroup_file_notify and
 * cgroup_rm_file). Anyone may remove it: so nobody may ever be told.
 */
void leaf_wait(int leaf)
{
	_cleanup_close_ int events = openat(leaf, "cgroup.events", O_RDONLY | O_CLOEXEC);
	struct pollfd changed = { .fd = events, .events = POLLPRI };
	char text[128];
	ssize_t n;

	while ((n = pread(events, text, sizeof(text) - 1, 0)) > 0) {
		text[n] = '\0';
		if (!strstr(text, "populated 1"))
			break;
		poll(&changed, 1, RECHECK_MS);
	}
}

bool leaf_is_gone(int leaf)
{
	return faccessat(leaf, "cgroup.procs", F_OK, 0);
}

/* The kernel removes no cgroup that a process is in. */
static void remove_unless_locked(int parent, const char *name)
{
	_cleanup_close_ int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st) && !st.st_uid && !flock(fd, LOCK_EX | LOCK_NB))
		unlinkat(parent, name, AT_REMOVEDIR);
}

/* Depth first, as a command may run another. Takes DIR_FD. */
static void clear_below(int dir_fd, int depth)
{
	_cleanup_closedir_ DIR *dir = fdopendir(dir_fd);
	const struct dirent *e;

	if (!dir) {
		cleanup_close(&dir_fd);
		return;
	}
	while ((e = readdir(dir))) {
		int fd = -1;

		if (e->d_type != DT_DIR || strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (depth < DEEPEST)
			fd = openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0)
			clear_below(fd, depth + 1);
		if (is_leaf_name(e->d_name))
			remove_unless_locked(dirfd(dir), e->d_name);
	}
}

void leaf_clear(void)
{
	struct failure ignored = { "" };
	int root = cgroup_open_root(&ignored);

	if (root >= 0)
		clear_below(root, 0);
}
