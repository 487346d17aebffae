// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * older ROW...
 *
 * Opens connections and holds them. For each line on stdin, prints what has
 * become of them: a line "NAME OUTCOME" for each, then ".". A ROW is
 *
 *	NAME CGROUP HOW FROM FROM-PORT TO PORT
 *
 * CGROUP: "." is the test's, "below" one in it, ".." one outside. FROM: what
 * the service's end is bound to, "-" for nothing.
 *
 * HOW: tcp or udp: the service connects; accept: the peer connects to FROM,
 * and the service accepts; bare: a UDP socket that is not connected. 4 or 6
 * follows: the family of the service's socket. Then may follow: syn: nobody
 * answers; fin: the service has closed its half; half: the peer has closed its
 * half; shared: with SO_REUSEADDR.
 *
 * OUTCOME: "lives", if a byte goes both ways; or the errno of the service's
 * end and, with TCP, that of the peer's end.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/world.h"

enum { WAIT_MS = 10000 };

struct row {
	char name[32], cgroup[32], how[32], from[64], to[64];
	in_port_t from_port, port;
	int type;
	int fd; /* the service's end */
	int peer;
	int listener; /* for what the service accepts */
};

static bool has(const struct row *r, const char *word)
{
	return strstr(r->how, word);
}

static int family_of(const struct row *r)
{
	return strchr(r->how, '4') ? AF_INET : AF_INET6;
}

/* An IPv4 address for an IPv6 socket is v4-mapped. */
static union address address_for(const struct row *r, const char *text, in_port_t port)
{
	char mapped[80];

	if (family_of(r) == AF_INET || strchr(text, ':'))
		return address_of(text, port);
	snprintf(mapped, sizeof(mapped), "::ffff:%s", text);
	return address_of(mapped, port);
}

/* Where the peer is reached: for each row alone, one after the other. */
static int peer_door(const struct row *r)
{
	union address at = address_of(r->to, r->port);
	int fd = world_peer_socket(at.sa.sa_family, r->type, 0), yes = 1;

	/* an address of the peer by a local route only */
	if (at.sa.sa_family == AF_INET6 && setsockopt(fd, SOL_IPV6, IPV6_FREEBIND, &yes, sizeof(yes)))
		bail_out("%s: IPV6_FREEBIND", r->name);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) || bind(fd, &at.sa, address_length(&at)) ||
	    (r->type == SOCK_STREAM && listen(fd, 1)))
		bail_out("%s: the peer cannot serve %s", r->name, r->to);
	return fd;
}

static int wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, WAIT_MS) == 1 ? 0 : ETIMEDOUT;
}

static int make_socket(const struct row *r)
{
	int fd = socket(family_of(r), r->type | SOCK_CLOEXEC | (has(r, "syn") ? SOCK_NONBLOCK : 0), 0), yes = 1;

	if (fd < 0)
		bail_out("%s: socket", r->name);
	if ((has(r, "shared") || has(r, "accept")) && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)))
		bail_out("%s: SO_REUSEADDR", r->name);
	if (r->from[0] != '-') {
		union address from = address_for(r, r->from, r->from_port);

		if (bind(fd, &from.sa, address_length(&from)))
			bail_out("%s: bind", r->name);
	}
	return fd;
}

static void open_accepted(struct row *r)
{
	union address to = address_of(r->to, r->from_port);

	r->listener = make_socket(r);
	if (listen(r->listener, 8))
		bail_out("%s: listen", r->name);
	world_join("..");
	r->peer = world_peer_socket(to.sa.sa_family, SOCK_STREAM, 0);
	if (connect(r->peer, &to.sa, address_length(&to)))
		bail_out("%s: the peer cannot connect", r->name);
	r->fd = accept(r->listener, NULL, NULL);
	if (r->fd < 0)
		bail_out("%s: accept", r->name);
}

/* So that of all the peer's sockets at one port this is the one that hears our end. */
static void connect_peer(const struct row *r)
{
	union address from = { 0 };
	socklen_t length = sizeof(from);

	if (getsockname(r->fd, &from.sa, &length))
		bail_out("%s: getsockname", r->name);
	if (strchr(r->to, '.'))
		from = address_of(text_of(&from), port_of(&from));
	if (connect(r->peer, &from.sa, address_length(&from)))
		bail_out("%s: the peer cannot connect", r->name);
}

static void accept_at_peer(struct row *r)
{
	int door = r->peer;

	r->peer = accept(door, NULL, NULL);
	if (r->peer < 0)
		bail_out("%s: the peer cannot accept", r->name);
	close(door);
}

static void open_connected(struct row *r)
{
	union address to = address_for(r, r->to, r->port);

	r->fd = make_socket(r);
	if (has(r, "bare"))
		return;
	if (connect(r->fd, &to.sa, address_length(&to)) && errno != EINPROGRESS)
		bail_out("%s: connect", r->name);
	if (has(r, "syn"))
		return;
	if (r->type == SOCK_DGRAM) {
		connect_peer(r);
		return;
	}
	accept_at_peer(r);
	if (has(r, "fin") && shutdown(r->fd, SHUT_WR))
		bail_out("%s: shutdown", r->name);
	if (has(r, "half") && (shutdown(r->peer, SHUT_WR) || wait_for(r->fd, POLLRDHUP)))
		bail_out("%s: shutdown at the peer", r->name);
}

static void open_row(struct row *r, const char *text)
{
	if (sscanf(text, "%31s %31s %31s %63s %hu %63s %hu", r->name, r->cgroup, r->how, r->from, &r->from_port, r->to,
		   &r->port) != 7)
		bail_out("not a row: %s", text);
	r->type = has(r, "tcp") || has(r, "accept") ? SOCK_STREAM : SOCK_DGRAM;
	world_join("..");
	if (!has(r, "accept") && !has(r, "syn"))
		r->peer = peer_door(r);
	world_join(r->cgroup);
	if (has(r, "accept"))
		open_accepted(r);
	else
		open_connected(r);
	world_join("..");
}

/* One byte from the service to the peer; UDP: FROM is who sent it. 0, or the errno of the service's end. */
static int there(const struct row *r, union address *from)
{
	union address to = address_for(r, r->to, r->port);
	socklen_t length = sizeof(*from);
	char byte;

	if (has(r, "fin"))
		return 0;
	if ((has(r, "bare") ? sendto(r->fd, "x", 1, 0, &to.sa, address_length(&to)) : send(r->fd, "x", 1, 0)) != 1)
		return errno;
	errno = 0;
	if (wait_for(r->peer, POLLIN) || recvfrom(r->peer, &byte, 1, 0, &from->sa, &length) != 1)
		bail_out("%s: sent, but the peer got nothing", r->name);
	return 0;
}

static int back(const struct row *r, const union address *to)
{
	char byte;

	if (has(r, "half"))
		return 0;
	if (r->type == SOCK_STREAM ? send(r->peer, "y", 1, 0) != 1
				   : sendto(r->peer, "y", 1, 0, &to->sa, address_length(to)) != 1)
		return errno;
	if (wait_for(r->fd, POLLIN))
		return ETIMEDOUT;
	return recv(r->fd, &byte, 1, 0) == 1 ? 0 : errno;
}

static int pending(const struct row *r, int fd)
{
	socklen_t length = sizeof(int);
	int error;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length))
		bail_out("%s: SO_ERROR", r->name);
	return error;
}

static void look(const struct row *r)
{
	union address from = { 0 };
	int error = pending(r, r->fd);

	if (!error && !has(r, "syn"))
		error = there(r, &from);
	if (!error && !has(r, "syn"))
		error = back(r, &from);
	printf("%s %s", r->name, error ? errno_text(error) : "lives");
	if (error && r->type == SOCK_STREAM && !has(r, "syn"))
		printf(", peer %s", wait_for(r->peer, POLLHUP) ? "nothing" : errno_text(pending(r, r->peer)));
	putchar('\n');
}

int main(int argc, char *argv[])
{
	struct row *row = calloc((size_t)argc, sizeof(*row));
	char line[16];
	int i;

	if (!row)
		bail_out("no memory");
	signal(SIGPIPE, SIG_IGN);
	for (i = 1; i < argc; i++)
		open_row(&row[i], argv[i]);
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		for (i = 1; i < argc; i++)
			look(&row[i]);
		puts(".");
		fflush(stdout);
	}
	return EXIT_SUCCESS;
}
