// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/output.h"

enum {
	FULL = 1 << 20,
	CHUNK_OF_FILE = 1 << 18,
};

static bool is_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

int output_open(int fd, struct output *ret, struct failure *f)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	*ret = OUTPUT_NONE;
	ret->fd = fd;
	ret->chunk = is_file(fd) ? CHUNK_OF_FILE : PIPE_BUF;
	if (sigprocmask(SIG_BLOCK, &ends, NULL))
		return fail(f, -errno, "cannot wait for signals: %s", strerror(errno));
	ret->signals = signalfd(-1, &ends, SFD_CLOEXEC);
	return ret->signals < 0 ? fail(f, -errno, "cannot wait for signals: %s", strerror(errno)) : 0;
}

static bool is_waiting(const struct output *o)
{
	return o->begin < o->end;
}

void output_add(struct output *o, const char *text, size_t length)
{
	if (!is_waiting(o))
		o->begin = o->end = 0;
	if (o->size - o->end < length) {
		o->size = 2 * (o->size + length);
		o->data = realloc(o->data, o->size);
		if (!o->data)
			abort();
	}
	memcpy(o->data + o->end, text, length);
	o->end += length;
}

bool output_is_full(const struct output *o)
{
	return o->end - o->begin > FULL;
}

/* 1; 0: nobody reads any more; or a negative errno */
static int write_some(struct output *o)
{
	size_t n = o->end - o->begin;
	ssize_t written = write(o->fd, o->data + o->begin, n < o->chunk ? n : o->chunk);

	if (written >= 0) {
		o->begin += (size_t)written;
		return 1;
	}
	if (errno == EPIPE)
		return 0;
	return errno == EAGAIN || errno == EINTR ? 1 : -errno;
}

/* As output_wait(). *WRITABLE says whether something could be written, *WOKEN whether WAKE can be read. */
static int turn(struct output *o, int wake, int milliseconds, bool *writable, bool *woken)
{
	struct pollfd p[] = {
		{ .fd = o->signals, .events = POLLIN },
		{ .fd = o->fd, .events = is_waiting(o) ? POLLOUT : 0 },
		{ .fd = wake, .events = POLLIN },
	};

	*writable = *woken = false;
	if (poll(p, 3, milliseconds) < 0)
		return errno == EINTR ? 1 : -errno;
	if (p[0].revents)
		return 0;
	*woken = p[2].revents;
	*writable = p[1].revents & POLLOUT;
	if (*writable)
		return write_some(o);
	return !(p[1].revents & (POLLERR | POLLHUP)); /* an error: the other end of a pipe or terminal is gone */
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int output_wait(struct output *o, int wake, int milliseconds, bool until_written)
{
	int64_t end = now() + milliseconds, left;
	bool writable, woken = false;
	int r = 1;

	for (left = milliseconds; r == 1 && !woken && left > 0 && !(until_written && !is_waiting(o));
	     left = end - now())
		r = turn(o, wake, (int)left, &writable, &woken);
	return r;
}

int output_finish(struct output *o)
{
	bool writable = true, woken;
	int r = 1;

	cleanup_close(&o->signals); /* the signal has been heard */
	o->signals = -1;
	while (r == 1 && writable && is_waiting(o))
		r = turn(o, -1, 0, &writable, &woken);
	return r < 0 ? r : 0;
}

void output_close(struct output *o)
{
	cleanup_close(&o->signals);
	free(o->data);
	*o = OUTPUT_NONE;
}
