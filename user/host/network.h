/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The network namespaces in which the processes of a cgroup are. Its sources
 * have to be there, whatever namespace the caller is in.
 */
#ifndef SRCPIN_NETWORK_H
#define SRCPIN_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/failure.h"

struct network {
	int fd;     /* -1: it is the caller's */
	long pid;   /* a process that is there; 0: the caller's, as there is none */
	bool users; /* a user has made it, and decides which addresses there are */
	dev_t dev;
	ino_t ino;
};

struct networks {
	struct network *item; /* each once; at least one */
	size_t n;
	long left_out; /* a process that is in one which a user has made, and which is not listed; 0: there is none */
};

/*
 * Of the processes in the cgroup with this id and below it. Those that users
 * have made only if there are no others. The caller's, if there is no process
 * that we may look into, or if CGROUP is 0. Aborts if memory is out.
 */
void networks_find(uint64_t cgroup, struct networks *ret);
void networks_free(struct networks *n);

/*
 * Is the network namespace root's? A user may have made it in a user
 * namespace, and then decides which addresses there are.
 */
bool network_is_roots(int fd);

/* Are they all in the caller's? */
bool networks_are_ours(const struct networks *n);

/*
 * Until network_leave(BACK) the caller is in that namespace, with the sockets
 * that it makes and the files of /proc/sys/net that it opens. 0, or a negative
 * errno with the sentence in F: then it has not moved.
 */
int network_enter(const struct network *n, int *back, struct failure *f);
void network_leave(int back);

#endif
