// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hammer SOURCE...
 *
 * Four processes of the pinned cgroup connect to the peer as fast as they can,
 * two with TCP and two with UDP, until stdin ends. Says "ready" once each has
 * been through, and at the end how often each SOURCE was seen here and by the
 * peer. Fails if any connect failed or any other address was seen.
 */
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

#define WORKERS 4
#define SOURCES 4
#define PORT 25

struct shared {
	atomic_bool stop;
	atomic_bool closing; /* of the peer, when the workers are through */
	atomic_ulong done[WORKERS];
	atomic_ulong here[SOURCES];
	atomic_ulong there[SOURCES];
	atomic_ulong failed;
	atomic_ulong strange;
	char first_bad[256];
};

static struct shared *shared;
static char **sources;
static int n_sources;

static void bad(atomic_ulong *count, const char *what, const char *which)
{
	if (!atomic_fetch_add(count, 1))
		snprintf(shared->first_bad, sizeof(shared->first_bad), "%s %s", what, which);
}

static void saw(atomic_ulong *counts, const union address *from, const char *who)
{
	const char *text = text_of(from);
	int i;

	for (i = 0; i < n_sources; i++)
		if (!strcmp(sources[i], text)) {
			atomic_fetch_add(&counts[i], 1);
			return;
		}
	bad(&shared->strange, who, text);
}

static void connect_once(int type)
{
	const struct linger at_once = { .l_onoff = 1 }; /* no TIME_WAIT: the ports must last */
	union address to = address_of(PEER, PORT), from = { 0 };
	socklen_t length = sizeof(from);
	int fd = socket(AF_INET6, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		bail_out("cannot make a socket");
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	if (connect(fd, &to.sa, address_length(&to)))
		bad(&shared->failed, type == SOCK_STREAM ? "TCP" : "UDP", errno_text(errno));
	else if (!getsockname(fd, &from.sa, &length))
		saw(shared->here, &from, "a socket had");
	if (type == SOCK_DGRAM)
		(void)!send(fd, "x", 1, MSG_NOSIGNAL);
	close(fd);
}

static void work(int i)
{
	world_join("");
	while (!atomic_load(&shared->stop)) {
		connect_once(i % 2 ? SOCK_DGRAM : SOCK_STREAM);
		atomic_fetch_add(&shared->done[i], 1);
	}
}

static int open_at_peer(int type)
{
	union address any = address_of("::", PORT);
	int fd = world_peer_socket(AF_INET6, type | SOCK_NONBLOCK, 0);

	if (bind(fd, &any.sa, address_length(&any)) || (type == SOCK_STREAM && listen(fd, 4096)))
		bail_out("the peer cannot listen");
	return fd;
}

static void serve(void)
{
	struct pollfd p[2] = { { .events = POLLIN }, { .events = POLLIN } };

	p[0].fd = open_at_peer(SOCK_STREAM);
	p[1].fd = open_at_peer(SOCK_DGRAM);
	shared->done[0] = 1; /* open for business */
	while (!atomic_load(&shared->closing)) {
		union address from = { 0 };
		socklen_t length = sizeof(from);
		char byte;
		int fd;

		if (poll(p, 2, 100) <= 0)
			continue;
		while ((fd = accept(p[0].fd, &from.sa, &length)) >= 0) {
			saw(shared->there, &from, "the peer saw");
			close(fd);
			length = sizeof(from);
		}
		while (recvfrom(p[1].fd, &byte, 1, 0, &from.sa, &length) == 1) {
			saw(shared->there, &from, "the peer saw");
			length = sizeof(from);
		}
	}
}

static pid_t start(int worker)
{
	pid_t pid = fork();

	if (pid < 0)
		bail_out("cannot fork");
	if (pid)
		return pid;
	if (worker < 0)
		serve();
	else
		work(worker);
	_exit(EXIT_SUCCESS);
}

static void wait_for(atomic_ulong *done)
{
	while (!atomic_load(done)) {
		errno = ECHILD;
		if (waitpid(-1, NULL, WNOHANG) > 0)
			bail_out("a process is gone");
		usleep(1000);
	}
}

int main(int argc, char *argv[])
{
	pid_t worker[WORKERS], peer;
	char byte;
	int i;

	sources = argv + 1;
	n_sources = argc - 1 < SOURCES ? argc - 1 : SOURCES;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		bail_out("no memory");
	peer = start(-1);
	wait_for(&shared->done[0]);
	atomic_store(&shared->done[0], 0);
	for (i = 0; i < WORKERS; i++)
		worker[i] = start(i);
	for (i = 0; i < WORKERS; i++)
		wait_for(&shared->done[i]);
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	atomic_store(&shared->stop, true);
	for (i = 0; i < WORKERS; i++)
		waitpid(worker[i], NULL, 0);
	atomic_store(&shared->closing, true);
	waitpid(peer, NULL, 0);
	for (i = 0; i < n_sources; i++)
		printf("%s here %lu there %lu, ", sources[i], shared->here[i], shared->there[i]);
	printf("failed %lu, strange %lu%s%s\n", shared->failed, shared->strange, *shared->first_bad ? ": " : "",
	       shared->first_bad);
	return shared->failed || shared->strange ? EXIT_FAILURE : EXIT_SUCCESS;
}
