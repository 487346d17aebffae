// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>

#include "cgroup.h"
#include "cgroup_ids.h"
#include "cgroup_procs.h"
#include "cleanup.h"

/* What goes away meanwhile has no process; of a threaded cgroup they are listed further up (EOPNOTSUPP). */
static int count_in(uint64_t id)
{
	_cleanup_close_ int dir = cgroup_open_id(id);
	_cleanup_fclose_ FILE *in = NULL;
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	int fd, n = 0;

	if (dir < 0)
		return dir == -ESTALE || dir == -ENOENT ? 0 : dir;
	fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENODEV ? 0 : -errno;
	in = fdopen(fd, "r");
	if (!in) {
		close(fd);
		return -ENOMEM;
	}
	/* processes of a pid namespace that we cannot look into are listed as 0 */
	while (getline(&line, &size, in) > 0)
		n += strtol(line, NULL, 10) != getpid();
	return ferror(in) && errno != ENODEV && errno != EOPNOTSUPP ? -errno : n;
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
	return n;
}

bool cgroup_has_processes(int dir_fd)
{
	static int patience_ms = 500; /* of this command, however many are empty */
	_cleanup_close_ int fd = openat(dir_fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
	struct pollfd changed = { .fd = fd, .events = POLLPRI };
	char text[128];
	ssize_t n;

	do {
		n = fd < 0 ? 0 : pread(fd, text, sizeof(text) - 1, 0);
		if (n <= 0)
			return true;
		text[n] = '\0';
		if (!strstr(text, "populated 0"))
			return true;
	} while (poll(&changed, 1, patience_ms) > 0);
	patience_ms = 0;
	return false;
}
