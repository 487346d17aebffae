// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/world.h"
#include "ways/ways.h"

static union address name_of(int fd)
{
	union address a = { 0 };
	socklen_t length = sizeof(a);

	if (getsockname(fd, &a.sa, &length))
		bail_out("getsockname");
	return a;
}

static int say_bound(struct call *c, int type)
{
	int fd = make_socket(c, type);
	int error = bind_local(c, fd);
	union address a = name_of(fd);

	if (!error)
		snprintf(c->say, sizeof(c->say), "at %s", text_of(&a));
	return error;
}

int bound_at(struct call *c)
{
	return say_bound(c, SOCK_STREAM);
}

int udp_bound_at(struct call *c)
{
	return say_bound(c, SOCK_DGRAM);
}

/* Where the other side reaches what is bound to FD: DEST at that port. */
static union address way_in(const struct call *c, int fd)
{
	union address a = name_of(fd);

	return address_of(c->dest, port_of(&a));
}

/* One byte to and fro, as seen by the side that connected to us. */
static int say_accepted(struct call *c, int listener, int client)
{
	union address seen = { 0 }, from = { 0 };
	socklen_t length = sizeof(from);
	int fd = accept(listener, &from.sa, &length);
	char byte = 0;

	if (fd < 0)
		return errno;
	length = sizeof(seen);
	if (send(client, "x", 1, MSG_NOSIGNAL) != 1 || recv(fd, &byte, 1, 0) != 1 ||
	    send(fd, "y", 1, MSG_NOSIGNAL) != 1 || recv(client, &byte, 1, 0) != 1)
		return errno;
	if (byte != 'y' || getpeername(client, &seen.sa, &length))
		return EBADMSG;
	snprintf(c->say, sizeof(c->say), "%s served %s", text_of(&seen), text_of(&from));
	return 0;
}

static int serve(struct call *c, int client)
{
	int fd = make_socket(c, SOCK_STREAM);
	int error = bind_local(c, fd);
	union address a;

	if (error)
		return error;
	if (listen(fd, 1))
		return errno;
	a = way_in(c, fd);
	if (client == c->peer_tcp && a.in6.sin6_scope_id)
		a.in6.sin6_scope_id = 0; /* ours, not the peer's; its socket is bound to the device */
	if (connect(client, &a.sa, address_length(&a)))
		return errno;
	return say_accepted(c, fd, client);
}

int tcp_serve(struct call *c)
{
	return serve(c, c->peer_tcp);
}

int tcp_to_self(struct call *c)
{
	struct call plain = *c;
	int client;

	plain.local = c->local;
	plain.options = 0;
	client = make_socket(&plain, SOCK_STREAM);
	return serve(c, client);
}

static int serve_udp(struct call *c, int client)
{
	int fd = make_socket(c, SOCK_DGRAM);
	int error = bind_local(c, fd);
	union address a, from = { 0 }, seen = { 0 };
	socklen_t length = sizeof(from);
	char byte;

	if (error)
		return error;
	a = way_in(c, fd);
	if (client == c->peer_udp && a.in6.sin6_scope_id)
		a.in6.sin6_scope_id = 0;
	if (sendto(client, "x", 1, 0, &a.sa, address_length(&a)) != 1)
		return errno;
	if (recvfrom(fd, &byte, 1, 0, &from.sa, &length) != 1)
		return errno;
	if (sendto(fd, "y", 1, 0, &from.sa, length) != 1)
		return errno;
	length = sizeof(seen);
	if (recvfrom(client, &byte, 1, 0, &seen.sa, &length) != 1)
		return errno;
	snprintf(c->say, sizeof(c->say), "%s served %s", text_of(&seen), text_of(&from));
	return 0;
}

int udp_serve(struct call *c)
{
	return serve_udp(c, c->peer_udp);
}

int udp_to_self(struct call *c)
{
	struct call plain = *c;

	plain.options = 0;
	return serve_udp(c, make_socket(&plain, SOCK_DGRAM));
}

int unix_socket(struct call *c)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t length;

	/* abstract, so that nothing stays behind */
	length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
			     (size_t)snprintf(a.sun_path + 1, sizeof(a.sun_path) - 1, "srcpin-%d", getpid()));
	if (bind(listener, (struct sockaddr *)&a, length) || listen(listener, 1) ||
	    connect(client, (struct sockaddr *)&a, length) || accept(listener, NULL, NULL) < 0)
		return errno;
	snprintf(c->say, sizeof(c->say), "connected");
	return 0;
}
