// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "host/cgroup.h"
#include "host/cgroup_ids.h"
#include "host/cgroup_procs.h"
#include "host/network.h"

#define PATIENCE_MS 500

FILE *cgroup_procs_open(uint64_t id)
{
	_cleanup_close_ int dir = cgroup_open_id(id);
	_cleanup_close_ int fd = -1;
	FILE *in;

	if (dir < 0) {
		errno = dir == -ESTALE || dir == -ENOENT ? 0 : -dir;
		return NULL;
	}
	fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		if (errno == ENOENT || errno == ENODEV)
			errno = 0;
		return NULL;
	}
	in = fdopen(fd, "r");
	if (in)
		steal_fd(&fd);
	return in;
}

/* The processes of a threaded cgroup are listed further up (EOPNOTSUPP). */
static int count_in(uint64_t id)
{
	_cleanup_fclose_ FILE *in = cgroup_procs_open(id);
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	int n = 0;

	if (!in)
		return -errno;
	/* a process of a pid namespace that we cannot look into is listed as 0 */
	while (getline(&line, &size, in) > 0)
		n += strtol(line, NULL, 10) != getpid();
	return ferror(in) && errno != ENODEV && errno != EOPNOTSUPP ? -errno : n;
}

static bool process_has(long pid, const char *link)
{
	_cleanup_close_ int dir = -1;
	_cleanup_closedir_ DIR *fds = NULL;
	const struct dirent *e;
	char path[64], to[64];

	snprintf(path, sizeof(path), "/proc/%ld/fd", pid);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fds = dir < 0 ? NULL : fdopendir(dir);
	if (!fds)
		return false;
	steal_fd(&dir);
	while ((e = readdir(fds))) {
		ssize_t n = readlinkat(dirfd(fds), e->d_name, to, sizeof(to) - 1);

		to[n < 0 ? 0 : n] = '\0';
		if (strcmp(to, link) == 0)
			return true;
	}
	return false;
}

bool cgroup_has_socket(const struct cgroup_ids *of, uint32_t inode)
{
	char link[64];

	snprintf(link, sizeof(link), "socket:[%" PRIu32 "]", inode); /* sockfs_dname() */
	for (size_t i = 0; i < of->n; i++) {
		_cleanup_fclose_ FILE *in = cgroup_procs_open(of->id[i]);
		_cleanup_free_ char *line = NULL;
		size_t size = 0;

		while (in && getline(&line, &size, in) > 0)
			if (process_has(strtol(line, NULL, 10), link))
				return true;
	}
	return false;
}

/* The folder is its user's; the files in it are root's once the process has changed its user (task_dump_owner()). */
static bool read_comm(long pid, struct process_name *ret)
{
	_cleanup_close_ int dir = -1, fd = -1;
	struct stat st;
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%ld", pid);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = dir < 0 ? -1 : openat(dir, "comm", O_RDONLY | O_CLOEXEC);
	n = fd < 0 || fstat(dir, &st) ? 0 : read(fd, ret->comm, sizeof(ret->comm));
	if (n <= 0)
		return false;
	ret->uid = st.st_uid;
	ret->comm[n - 1] = '\0'; /* for its newline */
	return true;
}

void cgroup_process_names(const struct cgroup_ids *of, struct process_names *ret)
{
	*ret = (struct process_names){ 0 };
	for (size_t i = 0; i < of->n; i++) {
		_cleanup_fclose_ FILE *in = cgroup_procs_open(of->id[i]);
		_cleanup_free_ char *line = NULL;
		struct process_name name;
		size_t size = 0;

		while (in && getline(&line, &size, in) > 0)
			if (read_comm(strtol(line, NULL, 10), &name))
				ADD_ELEMENT(ret->item, ret->n, name);
	}
}

void process_names_free(struct process_names *names)
{
	free(names->item);
	*names = (struct process_names){ 0 };
}

/* An fd, -ENOENT, or -EPERM: they all belong to other users. */
static int open_network_in(uint64_t id)
{
	_cleanup_fclose_ FILE *in = cgroup_procs_open(id);
	_cleanup_free_ char *line = NULL;
	int found = -ENOENT;
	size_t size = 0;

	while (in && getline(&line, &size, in) > 0) {
		char path[64];
		int fd;

		snprintf(path, sizeof(path), "/proc/%ld/ns/net", strtol(line, NULL, 10));
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && network_is_roots(fd))
			return fd;
		if (fd >= 0)
			found = -EPERM;
		cleanup_close(&fd);
	}
	return found;
}

int cgroup_open_network(uint64_t id)
{
	_cleanup_(cgroup_ids_free) struct cgroup_ids of = { 0 };
	const struct cgroup_ids none = { 0 };
	struct failure ignored = { "" };
	int fd = open_network_in(id), found = fd;

	if (fd < 0 && cgroup_ids_below(id, &none, &of, &ignored))
		return found;
	for (size_t i = 0; fd < 0 && i < of.n; i++) {
		fd = open_network_in(of.id[i]);
		found = fd == -EPERM ? fd : found;
	}
	return fd < 0 ? found : fd;
}

int cgroup_open_other_network(uint64_t id, int *ret)
{
	_cleanup_close_ int fd = cgroup_open_network(id);
	struct stat theirs, ours;

	*ret = -1;
	if (fd == -EPERM)
		return fd;
	if (fd < 0 || fstat(fd, &theirs) || stat("/proc/self/ns/net", &ours) ||
	    (theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev))
		return 0;
	*ret = steal_fd(&fd);
	return 0;
}

static bool is_populated(int events)
{
	char text[128];
	ssize_t n = events < 0 ? 0 : pread(events, text, sizeof(text) - 1, 0);

	text[n < 0 ? 0 : n] = '\0';
	return n <= 0 || !strstr(text, "populated 0");
}

/*
 * Moves the caller to the root cgroup. Any process may be there, but not in a
 * container's root; and only root can move it back.
 */
static bool leave(void)
{
	struct failure ignored = { "" };
	_cleanup_close_ int root = cgroup_open_root(&ignored);
	_cleanup_close_ int fd = root < 0 ? -1 : openat(root, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, "0", 1) == 1;
}

/*
 * Does a process hide from being counted? Whoever a cgroup is delegated to may
 * move it, while we count, to where we have counted already. The kernel knows
 * at once whether there is any process in all of the cgroups. But it counts
 * the caller too, who has to leave first. A process that is just ending gets a
 * moment.
 */
static bool hides(uint64_t id)
{
	_cleanup_close_ int dir = cgroup_open_id(id);
	_cleanup_close_ int events = dir < 0 ? -1 : openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
	struct pollfd changed = { .fd = events, .events = POLLPRI };

	if (events < 0 || !is_populated(events) || !leave())
		return false;
	while (is_populated(events))
		if (poll(&changed, 1, PATIENCE_MS) <= 0)
			return true;
	return false;
}

int cgroup_count_others(uint64_t id, struct failure *f)
{
	_cleanup_(cgroup_ids_free) struct cgroup_ids of = { 0 };
	const struct cgroup_ids none = { 0 };
	int n = 0, err = cgroup_ids_below(id, &none, &of, f);

	if (err)
		return err == -ESTALE || err == -ENOENT ? 0 : err;
	for (size_t i = 0; i < of.n; i++) {
		int in = count_in(of.id[i]);

		if (in < 0)
			return fail(f, in, "cannot list the processes of the cgroup with the id %" PRIu64 ": %s",
				    of.id[i], strerror(-in));
		n += in;
	}
	return n || !hides(id) ? n : 1;
}

bool cgroup_has_processes(int dir_fd)
{
	static int patience_ms = PATIENCE_MS; /* for this whole command, however many cgroups are empty */
	_cleanup_close_ int fd = openat(dir_fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
	struct pollfd changed = { .fd = fd, .events = POLLPRI };

	do {
		if (is_populated(fd))
			return true;
	} while (poll(&changed, 1, patience_ms) > 0);
	patience_ms = 0;
	return false;
}
