// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "kernel/home.h"
#include "kernel/lock.h"

enum {
	ROUNDS = 10,         /* for one holder; each is a second */
	SHORTEST_NAP = 1000, /* microseconds */
	LONGEST_NAP = 16000,
	COMMAND_LENGTH = 120,
	LOOKS = 200, /* in a second, at most */
	QUIET = 2,
};

struct holder {
	int pid; /* 0: not known */
	bool others;
	bool stopped; /* by SIGSTOP and the like */
	char command[COMMAND_LENGTH];
};

/* Opens a file of /proc/PID. NULL: it is not there, or not ours to read. */
static FILE *open_of(int pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return fopen(path, "re");
}

/* What the process calls itself: its arguments with blanks between, or its name. False: there is no such pid. */
static bool read_command(struct holder *h)
{
	_cleanup_fclose_ FILE *arguments = open_of(h->pid, "cmdline");
	_cleanup_fclose_ FILE *name = open_of(h->pid, "comm");
	size_t n = arguments ? fread(h->command, 1, sizeof(h->command) - 1, arguments) : 0;

	if (!n && name)
		n = fread(h->command, 1, sizeof(h->command) - 1, name);
	while (n && (!h->command[n - 1] || h->command[n - 1] == '\n'))
		n--;
	for (size_t i = 0; i < n; i++)
		if (!h->command[i])
			h->command[i] = ' ';
	h->command[n] = '\0';
	text_clean(h->command);
	return arguments || name;
}

static bool is_stopped(int pid)
{
	_cleanup_fclose_ FILE *in = open_of(pid, "status");
	char line[256], state = '?';

	while (in && fgets(line, sizeof(line), in) && sscanf(line, "State: %c", &state) != 1)
		;
	return state == 'T' || state == 't';
}

/* Reads /proc/locks. Those who wait have "->" before FLOCK there; those of other PID namespaces have no line. */
static void find_holder(int fd, struct holder *ret)
{
	_cleanup_fclose_ FILE *in = fopen("/proc/locks", "re");
	unsigned int device[2];
	unsigned long inode;
	struct stat st;
	char line[256];
	int pid;

	*ret = (struct holder){ 0 };
	if (!in || fstat(fd, &st) < 0)
		return;
	while (fgets(line, sizeof(line), in)) {
		if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%lu", &pid, &device[0], &device[1], &inode) != 4 ||
		    pid <= 0 || device[0] != major(st.st_dev) || device[1] != minor(st.st_dev) || inode != st.st_ino)
			continue;
		if (ret->pid)
			ret->others = true;
		else
			ret->pid = pid;
	}
	if (!ret->pid)
		return;
	ret->stopped = is_stopped(ret->pid);
	if (!read_command(ret))
		ret->pid = 0; /* it has ended, and left the lock to a process that it started */
}

static int64_t microseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Tries for a second. 1: it is locked; 0: another has it; or a negative errno. */
static int try(int fd)
{
	int64_t end = microseconds() + 1000000;

	for (long nap = SHORTEST_NAP;; nap = nap * 2 < LONGEST_NAP ? nap * 2 : LONGEST_NAP) {
		if (!flock(fd, LOCK_EX | LOCK_NB))
			return 1;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (microseconds() >= end)
			return 0;
		nanosleep(&(struct timespec){ .tv_nsec = nap * 1000 }, NULL);
	}
}

static const char *and_others(const struct holder *h)
{
	return h->others ? " and others" : "";
}

static void tell(const struct holder *h)
{
	if (h->pid)
		log_info("waiting for '%s' (pid %d)%s, which has " BPFFS_HOME " locked", h->command, h->pid,
			 and_others(h));
	else
		log_info("waiting for a process that cannot be seen from here, which has " BPFFS_HOME " locked");
}

static int give_up(const struct holder *h, struct failure *f)
{
	if (!h->pid)
		return fail(f, -ETIMEDOUT,
			    "cannot lock " BPFFS_HOME ": a process that cannot be seen from here has held it for more "
			    "than %d s (it is of another PID namespace, or has the lock from one that has ended: "
			    "fuser -v " BPFFS_HOME " on the host shows it)",
			    ROUNDS);
	if (h->stopped)
		return fail(f, -ETIMEDOUT,
			    "cannot lock " BPFFS_HOME ": '%s' (pid %d)%s has held it for more than %d s, and is "
			    "stopped (kill -CONT %d lets it go on)",
			    h->command, h->pid, and_others(h), ROUNDS, h->pid);
	return fail(f, -ETIMEDOUT,
		    "cannot lock " BPFFS_HOME
		    ": '%s' (pid %d)%s has held it for more than %d s (does it hang, or is its "
		    "cgroup frozen? kill -KILL %d ends it)",
		    h->command, h->pid, and_others(h), ROUNDS, h->pid);
}

int lock_take(int fd, struct failure *f)
{
	struct holder now, before = { 0 };
	bool told = false;
	int r, rounds = 0;

	while (!(r = try(fd))) {
		find_holder(fd, &now);
		rounds = now.pid == before.pid ? rounds + 1 : 1; /* a new holder counts from one: we do get our turn */
		before = now;
		if (!told)
			tell(&now);
		told = true;
		if (rounds >= ROUNDS)
			return give_up(&now, f);
	}
	return r < 0 ? fail(f, r, "cannot lock " BPFFS_HOME ": %s", strerror(-r)) : 0;
}

static bool is_held(void)
{
	_cleanup_close_ int fd = open(BPFFS_HOME, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct holder h = { 0 };

	if (fd >= 0)
		find_holder(fd, &h);
	return h.pid;
}

bool lock_look_again(struct lock_patience *p)
{
	p->quiet = p->was_free && !is_held() ? p->quiet + 1 : 0;
	if (p->quiet == QUIET || p->naps++ == LOOKS)
		return false;
	nanosleep(&(struct timespec){ .tv_nsec = 1000000000 / LOOKS }, NULL);
	p->was_free = !is_held();
	return true;
}
