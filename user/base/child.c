// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"
#include "base/cleanup.h"
#include "base/text.h"

#define PATIENCE_MS 1000 /* to wait for a child that was killed */

/* What the child reports, in memory that it shares with the parent; gone once it runs another program. */
struct complaint {
	int err;
	struct failure f;
};

struct running {
	pid_t pid;
	int pid_fd, out;
	int64_t deadline; /* of now() */
	char *said;
	size_t n, size;
};

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* 0: FD is ready; -ETIMEDOUT */
static int wait_for(int fd, int64_t deadline)
{
	struct pollfd one = { .fd = fd, .events = POLLIN };
	int64_t left;
	int n;

	do {
		left = deadline - now();
		n = poll(&one, 1, left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left);
	} while (n < 0 && errno == EINTR);
	return n > 0 ? 0 : n ? -errno : -ETIMEDOUT;
}

/* ---- in the child */

static int set_descriptors(const struct child *c, int out, struct failure *f)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* first move it away from 0 to 3, where it may be now */
	out = fcntl(out, F_DUPFD_CLOEXEC, CHILD_FD + 1);
	if (null < 0 || out < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(c->errors ? out : null, STDERR_FILENO) < 0)
		return fail(f, -errno, "%s: %s", c->what, strerror(errno));
	if (c->fd >= 0 && c->fd != CHILD_FD && dup3(c->fd, CHILD_FD, O_CLOEXEC) < 0)
		return fail(f, -errno, "%s: %s", c->what, strerror(errno));
	if (dup2(out, STDOUT_FILENO) < 0 || close_range(c->fd >= 0 ? CHILD_FD + 1 : CHILD_FD, ~0U, 0))
		return fail(f, -errno, "%s: %s", c->what, strerror(errno));
	return 0;
}

static int set_limits(const struct child *c, struct failure *f)
{
	const struct rlimit none = { 0, 0 }, cpu = { c->seconds, c->seconds };

	if (setrlimit(RLIMIT_CORE, &none) || setrlimit(RLIMIT_FSIZE, &none) || setrlimit(RLIMIT_CPU, &cpu))
		return fail(f, -errno, "%s: cannot set limits: %s", c->what, strerror(errno));
	return 0;
}

static int live(const struct child *c, int out, pid_t parent, struct failure *f)
{
	int err;

	setsid();
	umask(077);
	err = chdir("/") ? fail(f, -errno, "%s: %s", c->what, strerror(errno)) : set_descriptors(c, out, f);
	if (!err)
		err = set_limits(c, f);
	if (!err && c->keep != ALL_CAPABILITIES)
		err = rights_give_up(c->as, c->keep, f);
	/* last, as a change of the uid undoes it */
	if (!err && (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent))
		err = fail(f, -ESRCH, "%s: %s", c->what, strerror(ESRCH));
	return err ? err : c->run(c->data, f);
}

int child_say(const void *bytes, size_t n, struct failure *f)
{
	for (size_t done = 0; done < n;) {
		ssize_t written = write(STDOUT_FILENO, (const char *)bytes + done, n - done);

		if (written < 0 && errno != EINTR)
			return fail(f, -errno, "cannot write to a pipe: %s", strerror(errno));
		done += written > 0 ? (size_t)written : 0;
	}
	return 0;
}

/* ---- in the parent */

static int start(const struct child *c, struct complaint *shared, struct running *r, struct failure *f)
{
	pid_t parent = getpid();
	int ends[2];

	signal(SIGCHLD, SIG_DFL); /* if the caller ignores it, there would be nothing to wait for */
	if (pipe2(ends, O_CLOEXEC))
		return fail(f, -errno, "%s: %s", c->what, strerror(errno));
	r->out = ends[0];
	r->pid = fork();
	if (!r->pid) {
		shared->err = live(c, ends[1], parent, &shared->f);
		_exit(shared->err ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	close(ends[1]);
	if (r->pid < 0)
		return fail(f, -errno, "%s: %s", c->what, strerror(errno));
	r->pid_fd = pidfd_open(r->pid, 0);
	return r->pid_fd < 0 ? fail(f, -errno, "%s: %s", c->what, strerror(errno)) : 0;
}

static int grow(struct running *r)
{
	char *larger;

	if (r->size - r->n > 1)
		return 0;
	larger = realloc(r->said, r->size ? 2 * r->size : 4096);
	if (!larger)
		return -ENOMEM;
	r->size = r->size ? 2 * r->size : 4096;
	r->said = larger;
	return 0;
}

static int listen_to(struct running *r)
{
	ssize_t n;

	do {
		int err = grow(r);

		if (!err)
			err = wait_for(r->out, r->deadline);
		if (err)
			return err;
		n = read(r->out, r->said + r->n, r->size - r->n - 1);
		if (n < 0 && errno != EINTR)
			return -errno;
		r->n += n > 0 ? (size_t)n : 0;
		if (r->n > CHILD_BYTES)
			return -EFBIG;
	} while (n);
	r->said[r->n] = '\0';
	return wait_for(r->pid_fd, r->deadline);
}

/*
 * Ends the child, and all that it started and that is still in its process
 * group. If it hangs in the kernel, leaves it.
 */
static void end(struct running *r, int *status)
{
	kill(-r->pid, SIGKILL);
	kill(r->pid, SIGKILL);
	*status = -1;
	if (r->pid_fd < 0 || !wait_for(r->pid_fd, now() + PATIENCE_MS))
		while (waitpid(r->pid, status, 0) < 0 && errno == EINTR)
			;
}

static int explain(const struct child *c, int err, struct failure *f)
{
	if (err == -ETIMEDOUT)
		return fail(f, err, "%s: it did not end within %u s, and was killed", c->what, c->seconds);
	if (err == -EFBIG)
		return fail(f, err, "%s: it says more than %zu KiB, and was killed", c->what, CHILD_BYTES >> 10);
	return fail(f, err, "%s: %s", c->what, strerror(-err));
}

static int attend(const struct child *c, struct complaint *shared, struct running *r, int *status, struct failure *f)
{
	int err = start(c, shared, r, f);

	if (!err) {
		err = listen_to(r);
		if (err)
			explain(c, err, f);
	}
	if (r->pid > 0)
		end(r, status);
	if (err || !shared->err)
		return err;
	shared->f.text[sizeof(shared->f.text) - 1] = '\0';
	return fail(f, shared->err < 0 ? shared->err : -EIO, "%s", text_clean(shared->f.text));
}

int child_run(const struct child *c, char **ret, size_t *n, int *status, struct failure *f)
{
	struct complaint *shared =
		mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct running r = { .pid = -1, .pid_fd = -1, .out = -1, .deadline = now() + (int64_t)c->seconds * 1000 };
	int err;

	if (shared == MAP_FAILED)
		return fail(f, -errno, "%s: %s", c->what, strerror(errno));
	err = attend(c, shared, &r, status, f);
	cleanup_close(&r.pid_fd);
	cleanup_close(&r.out);
	munmap(shared, sizeof(*shared));
	if (!err) {
		*ret = steal_string(&r.said);
		*n = r.n;
	}
	free(r.said);
	return err;
}
