// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../kernel/lib/world.h"
#include "turns.h"

double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

void stay_here(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((unsigned int)sched_getcpu(), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		bail_out("cannot stay on one CPU");
}

static void enter(const char *netns)
{
	int fd = open(netns, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET))
		bail_out("cannot enter %s", netns);
	close(fd);
}

static void serve(int fd, batch_fn *batch, const void *what)
{
	char probe;

	while (read(fd, &probe, 1) == 1) {
		double sample = batch(what, probe);

		if (write(fd, &sample, sizeof(sample)) != sizeof(sample))
			bail_out("cannot report");
	}
}

pid_t process_start(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		bail_out("cannot fork");
	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

struct worker worker_start(const char *cgroup, const char *netns, unsigned int rounds, batch_fn *batch,
			   const void *what)
{
	struct worker w = { .samples = calloc(rounds, sizeof(double)) };
	int ends[2];

	if (!w.samples || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		bail_out("no memory");
	w.pid = process_start();
	if (!w.pid) {
		/* what is the parent's alone must not live longer than it, such as the peer's listener */
		if (dup2(ends[1], STDIN_FILENO) != STDIN_FILENO || close_range(STDERR_FILENO + 1, ~0U, 0))
			bail_out("cannot close what is not needed");
		if (strcmp(cgroup, "-") != 0)
			world_join(cgroup);
		if (strcmp(netns, "-") != 0)
			enter(netns);
		serve(STDIN_FILENO, batch, what);
		_exit(EXIT_SUCCESS);
	}
	close(ends[1]);
	w.fd = ends[0];
	return w;
}

double worker_turn(struct worker *w, int probe)
{
	const char order = (char)probe;
	double sample;

	if (write(w->fd, &order, 1) != 1 || read(w->fd, &sample, sizeof(sample)) != sizeof(sample))
		bail_out("a worker is gone");
	return sample;
}

void worker_measure(struct worker *w)
{
	w->samples[w->n++] = worker_turn(w, 0);
}

void worker_end(const struct worker *w)
{
	close(w->fd);
	if (waitpid(w->pid, NULL, 0) != w->pid)
		bail_out("cannot wait for a worker");
}

void worker_print(const struct worker *w)
{
	unsigned int i;

	for (i = 0; i < w->n; i++)
		printf(" %.1f", w->samples[i]);
	printf("\n");
}

void shuffle(unsigned int *indices, unsigned int n)
{
	static unsigned int seed = 1;

	for (; n > 1; n--) {
		unsigned int other = (unsigned int)rand_r(&seed) % n, last = indices[n - 1];

		indices[n - 1] = indices[other];
		indices[other] = last;
	}
}
