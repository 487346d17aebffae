// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * mixed CALLS
 *
 * Two processes of the pinned cgroup, each on a CPU of its own if there are
 * two, together make CALLS calls that come to a hook: connect, bind and
 * sendto, of TCP and UDP, IPv6, IPv4 and v4-mapped, pinned, exempt and
 * refused. Checks the outcome of each (getsockname, errno). Prints how many
 * there were for each reason, and how many packets, as one JSON object.
 * Meanwhile the kernel counts the runs of all BPF programs.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <jansson.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/world.h"
#include "see/mixed.h"

enum { WORKERS = 2 };

static const char *const reason_name[N_REASONS] = {
	[PINNED_CONNECT] = "pinned_connect", [PINNED_BIND] = "pinned_bind",       [PINNED_DATAGRAM] = "pinned_datagram",
	[PINNED_ALREADY] = "pinned_already", [EXEMPT_RULE] = "exempt_rule",       [EXEMPT_BIND] = "exempt_bind",
	[DENIED_MISSING] = "denied_missing", [DENIED_BOUND] = "denied_bound",     [DENIED_WILDCARD] = "denied_wildcard",
	[DENIED_FAMILY] = "denied_family",   [PASSED_TCP] = "passed_tcp",         [PASSED_EXEMPT] = "passed_exempt",
	[PASSED_SOURCE] = "passed_source",   [DROPPED_SOURCE] = "dropped_source",
};

static size_t nth_cpu(unsigned int n)
{
	cpu_set_t allowed;
	size_t cpu, last = 0;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		bail_out("cannot tell which CPUs there are");
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed))
			continue;
		last = cpu;
		if (!n--)
			break;
	}
	return last;
}

static void stay_on(size_t cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		bail_out("cannot stay on CPU %zu", cpu);
}

static uint64_t calls_of(const struct worker *w)
{
	uint64_t n = 0;
	int r;

	for (r = 0; r < FIRST_OF_PACKETS; r++)
		n += w->count[r];
	return n;
}

/* Marsaglia's xorshift: the same mix each time, and another for each worker */
static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void work(struct worker *w, uint64_t calls)
{
	uint32_t state = 2463534242U + w->number;

	world_join("");
	stay_on(nth_cpu(w->number));
	mixed_open(w);
	while (calls_of(w) + MIXED_MOST <= calls)
		mixed_do(w, next_random(&state));
	while (calls_of(w) < calls)
		mixed_do_one(w);
}

/* Takes what comes, and closes it once the other end has reset it: sends nothing itself. */
static pid_t serve(int listener)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		char c;

		if (fd < 0)
			bail_out("the peer cannot accept");
		while (recv(fd, &c, 1, 0) > 0)
			;
		close(fd);
	}
}

static int listen_at_peer(void)
{
	union address at = address_of(PEER, MIXED_LISTENS);
	int fd = world_peer_socket(AF_INET6, SOCK_STREAM, 0);

	if (bind(fd, &at.sa, address_length(&at)) || listen(fd, 4096))
		bail_out("the peer cannot listen");
	return fd;
}

int main(int argc, char *argv[])
{
	struct worker *worker =
		mmap(NULL, WORKERS * sizeof(*worker), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t calls = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
	int stats = bpf_enable_stats(BPF_STATS_RUN_TIME), failed = 0, w, r;
	json_t *all = json_object();
	pid_t server;

	if (worker == MAP_FAILED || !calls || stats < 0 || !all)
		bail_out("cannot begin");
	server = serve(listen_at_peer());
	for (w = 0; w < WORKERS; w++) {
		pid_t pid = fork();

		if (pid < 0)
			bail_out("cannot fork");
		worker[w].number = (unsigned int)w;
		if (!pid) {
			work(&worker[w], calls / WORKERS);
			_exit(EXIT_SUCCESS);
		}
		worker[w].pid = pid;
	}
	for (w = 0; w < WORKERS; w++) {
		int status;

		if (waitpid(worker[w].pid, &status, 0) != worker[w].pid || status)
			failed = 1;
	}
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	for (r = 0; r < N_REASONS; r++) {
		uint64_t n = 0;

		for (w = 0; w < WORKERS; w++)
			n += worker[w].count[r];
		json_object_set_new(all, reason_name[r], json_integer((json_int_t)n));
	}
	json_dumpf(all, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(all);
	return failed;
}
