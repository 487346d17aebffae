// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * decisions "PROTOCOL CALL ADDRESS PORT [bound ADDRESS PORT] [left]"...
 *
 * Makes each call with a real socket of the pinned cgroup, and prints it as
 * `srcpin watch --json` would. The source before is what the socket tells (or
 * what bind was asked for). The source after is what the socket tells or, for
 * a datagram, the peer; null if the call fails. LEFT: the call must not change
 * the source, whatever the kernel chooses later.
 *
 * decisions load CALLS PROCESSES PER_SECOND
 *
 * UDP sockets that connect again and again, CALLS times each, no faster than
 * PER_SECOND all together (0: as fast as they can). Prints how many calls
 * there were, and in how many milliseconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/world.h"

enum { RAW_PROTOCOL = 200, SLICES = 200 /* of a second, to keep the pace */ };

struct row {
	char protocol[8], call[8], address[64], bound[8], bound_to[64];
	unsigned int port, bound_port;
	int left;
};

static void name_of(int fd, union address *ret)
{
	socklen_t length = sizeof(*ret);

	if (getsockname(fd, &ret->sa, &length))
		bail_out("cannot read the socket's name");
}

static void print_address(const char *key, const union address *a)
{
	printf(",\"%s\":\"%s\"", key, text_of(a));
}

static void print_port(const char *key, unsigned int port)
{
	if (port)
		printf(",\"%s\":%u", key, port);
	else
		printf(",\"%s\":null", key);
}

/* A socket of the peer that takes what is sent to PORT */
static int listen_at(const struct row *r, const union address *to)
{
	union address any = { 0 };
	const int on = 1;
	int fd;

	if (r->protocol[0] == 'r' || !strcmp(r->call, "bind"))
		return -1;
	any.sa.sa_family = to->sa.sa_family;
	any.in6.sin6_port = htons((in_port_t)r->port);
	fd = world_peer_socket(any.sa.sa_family, r->protocol[0] == 't' ? SOCK_STREAM : SOCK_DGRAM, 0);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) || bind(fd, &any.sa, address_length(&any)) ||
	    (r->protocol[0] == 't' && listen(fd, 1)))
		bail_out("cannot listen at the peer");
	return fd;
}

static int socket_for(const struct row *r, int family)
{
	union address bound;
	int fd;

	if (r->protocol[0] == 'r')
		fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, RAW_PROTOCOL);
	else
		fd = socket(family, (r->protocol[0] == 't' ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
	if (fd < 0)
		bail_out("cannot make a socket");
	if (*r->bound) {
		bound = address_of(r->bound_to, (in_port_t)r->bound_port);
		if (bind(fd, &bound.sa, address_length(&bound)))
			bail_out("cannot bind to %s", r->bound_to);
	}
	return fd;
}

/* The source that the peer sees */
static void receive(int peer, union address *from)
{
	const struct timeval patience = { .tv_sec = 10 };
	socklen_t length = sizeof(*from);
	char byte;

	if (setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
	    recvfrom(peer, &byte, 1, 0, &from->sa, &length) != 1)
		bail_out("the peer receives nothing");
}

static void call(const struct row *r)
{
	union address to = address_of(r->address, (in_port_t)r->port), before, after;
	int peer = listen_at(r, &to), fd, failed, bind_call = !strcmp(r->call, "bind"), raw = r->protocol[0] == 'r';

	world_join("");
	fd = socket_for(r, to.sa.sa_family);
	name_of(fd, &before);
	if (bind_call)
		failed = bind(fd, &to.sa, address_length(&to));
	else if (!strcmp(r->call, "connect"))
		failed = connect(fd, &to.sa, address_length(&to));
	else
		failed = sendto(fd, "x", 1, 0, &to.sa, address_length(&to)) != 1;
	name_of(fd, &after);
	if (!strcmp(r->call, "sendto") && !raw)
		before.in6.sin6_port = after.in6.sin6_port; /* it has got one before the hook */
	if (!strcmp(r->call, "sendto") && !failed)
		receive(peer, &after);
	if (bind_call)
		before = to;
	printf("{\"pid\":%d,\"process\":\"decisions\",\"call\":\"%s\",\"protocol\":\"", getpid(),
	       raw                          ? "packet"
	       : !strcmp(r->call, "sendto") ? "sendmsg"
					    : r->call);
	if (raw)
		printf("%d\"", RAW_PROTOCOL);
	else
		printf("%s\"", r->protocol);
	if (bind_call)
		printf(",\"destination\":null");
	else
		print_address("destination", &to);
	print_port("port", bind_call || raw ? 0 : r->port);
	if (raw)
		before = address_of(to.sa.sa_family == AF_INET6 ? SHARED : OWN_V4, 0); /* what the kernel prefers */
	print_address("before", &before);
	print_port("before_port", raw ? 0 : port_of(&before));
	if (failed)
		printf(",\"after\":null");
	else
		print_address("after", r->left ? &before : &after);
	puts("}");
	fflush(stdout);
}

static int rows(int n, char *row[])
{
	int status, i;

	for (i = 0; i < n; i++) {
		struct row r = { 0 };
		pid_t pid;

		if (sscanf(row[i], "%7s %7s %63s %u %7s %63s %u", r.protocol, r.call, r.address, &r.port, r.bound,
			   r.bound_to, &r.bound_port) < 4)
			bail_out("not a row: %s", row[i]);
		r.left = strstr(row[i], " left") != NULL;
		if (strcmp(r.bound, "bound") != 0)
			*r.bound = '\0';
		pid = fork();
		if (pid < 0)
			bail_out("cannot fork");
		if (!pid) {
			call(&r);
			_exit(0);
		}
		if (waitpid(pid, &status, 0) != pid || status)
			return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void connect_often(unsigned long calls, double per_second)
{
	const union address to = address_of(PEER, 25);
	double begin = now();
	unsigned long i;
	int fd;

	world_join("");
	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (i = 0; i < calls; i++) {
		if (connect(fd, &to.sa, address_length(&to)))
			bail_out("cannot connect");
		while (per_second > 0 && i % ((unsigned long)per_second / SLICES) == 0 &&
		       now() < begin + (double)i / per_second)
			usleep(100);
	}
}

static int load(unsigned long calls, int processes, double per_second)
{
	double begin = now();
	int i, status, failed = 0;

	for (i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			bail_out("cannot fork");
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			connect_often(calls, per_second / processes);
			_exit(0);
		}
	}
	for (i = 0; i < processes; i++)
		failed |= wait(&status) < 0 || status;
	printf("%lu %.0f\n", calls * (unsigned long)processes, (now() - begin) * 1000);
	return failed;
}

int main(int argc, char *argv[])
{
	if (argc == 5 && !strcmp(argv[1], "load"))
		return load(strtoul(argv[2], NULL, 10), atoi(argv[3]), atof(argv[4]));
	return rows(argc - 1, argv + 1);
}
