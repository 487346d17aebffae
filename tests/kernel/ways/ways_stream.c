// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/mptcp.h>

#include "lib/world.h"
#include "ways/ways_out.h"

#ifndef SOL_MPTCP
#define SOL_MPTCP 284
#endif

void meet(struct call *c)
{
	char byte = 0;

	if (write(c->runner, &byte, 1) != 1 || read(c->runner, &byte, 1) != 1)
		_exit(EXIT_FAILURE);
}

int tcp_meet_connect(struct call *c)
{
	int fd = make_socket(c, SOCK_STREAM);
	int error = bind_local(c, fd);

	if (error)
		return error;
	meet(c);
	return connect_to(fd, c->dest, c->port, c->options);
}

int tcp_deferred(struct call *c)
{
	int fd, error;

	c->options |= FASTOPEN_CONNECT;
	fd = make_socket(c, SOCK_STREAM);
	error = connect_to(fd, c->dest, c->port, c->options);
	if (error)
		return error;
	meet(c);
	return send(fd, "x", 1, MSG_NOSIGNAL) == 1 ? 0 : errno;
}

int tcp_retried(struct call *c)
{
	struct tcp_info info = { 0 };
	int fd = make_socket(c, SOCK_STREAM), error;
	socklen_t length = sizeof(info);
	__u32 before;

	error = connect_to(fd, c->dest, c->port, NONBLOCK);
	if (error != ETIMEDOUT)
		return error ? error : EISCONN;
	meet(c);
	/* on a slow machine it has been tried again before that, too */
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length))
		return errno;
	before = info.tcpi_total_retrans;
	while (!getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) && info.tcpi_total_retrans == before)
		usleep(1000);
	return 0;
}

int tcp_repaired(struct call *c)
{
	const int on = TCP_REPAIR_ON, off = TCP_REPAIR_OFF;
	int fd = make_socket(c, SOCK_STREAM);
	int error = bind_local(c, fd);

	if (error)
		return error;
	if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on)))
		return errno;
	error = connect_to(fd, c->dest, c->port, 0);
	if (error)
		return error;
	/* which sends a packet by itself, to ask about the window */
	return setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &off, sizeof(off)) ? errno : 0;
}

int tcp_connect_meet(struct call *c)
{
	int fd, error;

	c->patience = 1000; /* it has to come about */
	fd = make_socket(c, SOCK_STREAM);
	error = bind_local(c, fd);
	if (!error)
		error = connect_to(fd, c->dest, c->port, c->options);
	if (error)
		return error;
	meet(c);
	return send(fd, "x", 1, MSG_NOSIGNAL) == 1 ? 0 : errno;
}

/*
 * The kernel's worker counts an address as used before it binds and connects,
 * and holds the socket's lock from then on until it is through; MPTCP_INFO
 * takes that lock.
 */
static bool has_added(int fd)
{
	struct mptcp_info info = { 0 };
	socklen_t length = sizeof(info);

	if (getsockopt(fd, SOL_MPTCP, MPTCP_INFO, &info, &length))
		bail_out("cannot ask about MPTCP");
	return info.mptcpi_local_addr_used > 0 || info.mptcpi_add_addr_accepted > 0;
}

/* As a rule at once; a host that is busy may take seconds. */
static int wait_added(int fd)
{
	int patience;

	for (patience = 5000; !has_added(fd) && patience; patience--)
		usleep(1000);
	has_added(fd);
	return patience ? 0 : ETIME;
}

int mptcp_later(struct call *c)
{
	int fd, error;

	c->options |= MPTCP;
	c->patience = 1000;
	fd = make_socket(c, SOCK_STREAM);
	error = bind_local(c, fd);
	if (!error)
		error = connect_to(fd, c->dest, c->port, c->options);
	if (!error && send(fd, "x", 1, MSG_NOSIGNAL) != 1)
		error = errno;
	return error ? error : wait_added(fd);
}

int mptcp_accepted(struct call *c)
{
	union address a = address_of(c->dest, c->local_port);
	int fd, error;
	char byte;

	c->options |= MPTCP;
	fd = make_socket(c, SOCK_STREAM);
	error = bind_local(c, fd);
	if (error)
		return error;
	if (listen(fd, 1) || connect(c->peer_mptcp, &a.sa, address_length(&a)) || send(c->peer_mptcp, "x", 1, 0) != 1)
		return errno;
	fd = accept(fd, NULL, NULL);
	if (fd < 0 || recv(fd, &byte, 1, 0) != 1)
		return errno;
	/* the kernel adds none to a connection that is not accepted yet */
	meet(c);
	return wait_added(fd);
}
