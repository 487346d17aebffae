// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/runs.h"
#include "host/leaf.h"
#include "kernel/unload.h"

enum {
	TRIES = 100,
	PAUSE_NS = 10000000,
};

/*
 * First the leaf, then the policy: the kernel removes no cgroup that a process
 * is in, and nobody can enter one that is gone. So no process ever loses its
 * policy.
 */
void runs_clear(void)
{
	struct failure ignored = { "" };

	leaf_clear();
	unload_gone_leaves(&ignored);
}

/*
 * The caller's lock may outlive its end of the pipe for a moment, and another
 * srcpin may have the lock just now, which removes the leaf after we have
 * looked for policies. So they are looked for once more when it is gone. A leaf
 * in which the command has made a cgroup stays.
 */
static void clear_for_good(int leaf)
{
	for (int i = 0; i < TRIES; i++) {
		bool gone;

		leaf_wait(leaf);
		gone = leaf_is_gone(leaf);
		runs_clear();
		if (gone)
			return;
		if (!leaf_is_gone(leaf))
			nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
	}
}

/* ---- in the process that looks after a leaf */

static void close_all_but(int a, int b)
{
	int low = a < b ? a : b, high = a < b ? b : a;

	if (low > 0)
		close_range(0, (unsigned int)low - 1, 0);
	if (high - low > 1)
		close_range((unsigned int)low + 1, (unsigned int)high - 1, 0);
	close_range((unsigned int)high + 1, ~0U, 0);
	/* the lowest that are free: nothing that is opened later gets to be our output */
	for (int fd = 0; fd >= 0 && fd <= STDERR_FILENO;)
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
}

/* systemd ends a unit's processes with a signal. This one ends by itself, soon after the last of the others. */
static void hold_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
}

static void look_after(int leaf, int goes_on)
{
	char byte;

	hold_signals();
	setsid();
	close_all_but(leaf, goes_on);
	if (chdir("/"))
		return;
	while (read(goes_on, &byte, 1) < 0 && errno == EINTR)
		;
	clear_for_good(leaf);
}

/* ---- in the caller */

/*
 * Its parent ends at once: so it is a child of init, and not of the command.
 * It has another description of the leaf than the caller, whose lock goes with
 * the caller.
 */
static pid_t start(const struct cgroup *leaf, const int ends[2])
{
	pid_t first = fork(), second;
	int own;

	if (first)
		return first;
	close(ends[1]);
	own = openat(leaf->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (own < 0 || close(leaf->fd))
		_exit(errno);
	second = fork();
	if (!second)
		look_after(own, ends[0]);
	_exit(second < 0 ? errno : 0);
}

int runs_look_after(const struct cgroup *leaf, int *ret, struct failure *f)
{
	int ends[2], status = 0, err = pipe2(ends, O_CLOEXEC) ? -errno : 0;
	pid_t pid;

	if (!err) {
		pid = start(leaf, ends);
		err = pid < 0 ? -errno : 0;
		close(ends[0]);
		*ret = ends[1];
		while (!err && waitpid(pid, &status, 0) < 0)
			err = errno == EINTR ? 0 : -errno;
		if (!err && status)
			err = WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
	}
	return err ? fail(f, err, "cannot start the process that clears up after the command: %s", strerror(-err)) : 0;
}
