/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Workers that take turns. Each is a process of one cgroup and one network
 * namespace, and runs one small batch when it is told to: all of them on one
 * CPU, one at a time, so that what disturbs the host hits all alike.
 */
#ifndef TURNS_H
#define TURNS_H

#include <sys/types.h>

/* One batch; returns what it measured. PROBE: do it once only, to show that it is what it is said to be. */
typedef double batch_fn(const void *what, int probe);

struct worker {
	int fd; /* to talk to it */
	pid_t pid;
	unsigned int n;
	double *samples;
};

/* The calling process, and all workers that it starts, stay on the CPU that it is on. */
void stay_here(void);

/* CGROUP is below the world's, NETNS a file as in /proc/PID/ns/net. Both "-": as the caller. */
struct worker worker_start(const char *cgroup, const char *netns, unsigned int rounds, batch_fn *batch,
			   const void *what);

/* fork(); the child goes when the parent goes. */
pid_t process_start(void);

/* Runs one batch, waits for its end, and returns its sample. */
double worker_turn(struct worker *w, int probe);

/* Likewise, and keeps the sample. */
void worker_measure(struct worker *w);

/* Sends it home, and waits until it has gone. */
void worker_end(const struct worker *w);

/* Prints the samples kept, each with a blank before it, and a newline. */
void worker_print(const struct worker *w);

/* Puts the N indices in an order of chance, the same ones in each run. */
void shuffle(unsigned int *indices, unsigned int n);

/* CLOCK_MONOTONIC, in nanoseconds. */
double now_ns(void);

#endif
