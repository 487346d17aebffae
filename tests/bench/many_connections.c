// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * many_connections NAME MOST CGROUP NETNS plain|bind SOURCE DESTINATION...
 *
 * How many TCP connections there can be at one time from one source to one
 * port of each DESTINATION, one after the other in turns, until the first one
 * fails, or MOST. SOURCE is what the peer must see. "bind": the program binds
 * to it before each connect, so that each takes a local port for itself alone;
 * else the port is chosen once the destination is known.
 *
 * Both ends are on this host, and a process may open so many files only: both
 * have as many processes as it takes. Prints: concurrent, NAME, destinations,
 * connections, seconds, and why it ended: "MOST" or an errno.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"
#include "turns.h"

#define MAX_DESTS 32
#define MAX_PROCESSES 64
#define SPARE 32 /* files that a process needs for itself */

static union address source, dests[MAX_DESTS];
static unsigned int n_dests, share, most;
static int binds;

static unsigned int files_of_a_process(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		bail_out("cannot read RLIMIT_NOFILE");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		bail_out("cannot set RLIMIT_NOFILE");
	return (unsigned int)limit.rlim_cur;
}

/* Accepts its share and keeps it. */
static pid_t start_acceptor(void)
{
	union address from;
	unsigned int i;
	pid_t pid = process_start();

	if (pid)
		return pid;
	for (i = 0; i < share; i++) {
		peer_accept(&from);
		errno = EINVAL;
		if (strcmp(text_of(&from), text_of(&source)) != 0)
			bail_out("the peer saw %s", text_of(&from));
	}
	for (;;)
		pause();
}

static int open_one(const union address *dest)
{
	const struct linger at_once = { .l_onoff = 1 }; /* in the end: no TIME_WAIT that the next run would find */
	int fd = socket(dest->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)))
		bail_out("cannot make a socket");
	if (binds && bind(fd, &source.sa, address_length(&source)))
		return -1;
	return connect(fd, &dest->sa, address_length(dest));
}

/* Opens this process's share; returns how many. PROBE: why the last one failed. */
static double batch(const void *what, int probe)
{
	static int error;
	unsigned int i;

	(void)what;
	if (probe)
		return error;
	for (i = 0; i < share; i++)
		if (open_one(&dests[i % n_dests])) {
			error = errno;
			break;
		}
	return i;
}

int main(int argc, char *argv[])
{
	struct worker workers[MAX_PROCESSES];
	pid_t acceptors[MAX_PROCESSES];
	unsigned int opened = 0, n, i;
	double begin;
	int error = 0;

	if (argc < 8)
		bail_out("usage: many_connections NAME MOST CGROUP NETNS plain|bind SOURCE DESTINATION...");
	most = (unsigned int)atoi(argv[2]);
	binds = strcmp(argv[5], "bind") == 0;
	source = address_of(argv[6], 0);
	for (; n_dests < MAX_DESTS && argv[7 + n_dests]; n_dests++)
		dests[n_dests] = address_of(argv[7 + n_dests], PEER_PORT);
	share = files_of_a_process() - SPARE;
	share -= share % n_dests;
	n = (most + share - 1) / share;
	share = most / n / n_dests * n_dests;
	errno = EMFILE;
	if (n > MAX_PROCESSES)
		bail_out("too few files for each of too many processes");
	peer_open();
	begin = now_ns();
	for (i = 0; i < n && !error; i++) {
		acceptors[i] = start_acceptor();
		workers[i] = worker_start(argv[3], argv[4], 1, batch, NULL);
		opened += (unsigned int)worker_turn(&workers[i], 0);
		error = (int)worker_turn(&workers[i], 1);
	}
	printf("concurrent %s %u %u %.1f %s\n", argv[1], n_dests, opened, (now_ns() - begin) / 1e9,
	       error ? errno_text(error) : "MOST");
	while (i--) {
		worker_end(&workers[i]);
		kill(acceptors[i], SIGKILL);
		waitpid(acceptors[i], NULL, 0);
	}
	return EXIT_SUCCESS;
}
