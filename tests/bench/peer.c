// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "peer.h"

static int listener = -1, datagrams = -1;

static int open_at_peer(int type)
{
	union address any = address_of("::", PEER_PORT);
	const int on = 1; /* connections of an earlier program may still be on their way out */
	int fd = world_peer_socket(AF_INET6, type | SOCK_NONBLOCK, 0);

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) || bind(fd, &any.sa, address_length(&any)) ||
	    (type == SOCK_STREAM && listen(fd, 65535)))
		bail_out("the peer cannot listen");
	return fd;
}

void peer_open(void)
{
	listener = open_at_peer(SOCK_STREAM);
	datagrams = open_at_peer(SOCK_DGRAM);
}

int peer_accept(union address *ret)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	socklen_t length = sizeof(*ret);
	int fd = -1;

	memset(ret, 0, sizeof(*ret));
	while (fd < 0) {
		if (poll(&p, 1, -1) != 1)
			bail_out("the peer cannot wait");
		fd = accept4(listener, &ret->sa, &length, SOCK_CLOEXEC);
		if (fd < 0 && errno != EAGAIN) /* another process was faster */
			bail_out("the peer cannot accept");
	}
	return fd;
}

void peer_receive(union address *ret)
{
	struct pollfd p = { .fd = datagrams, .events = POLLIN };
	socklen_t length = sizeof(*ret);
	char byte;

	memset(ret, 0, sizeof(*ret));
	if (poll(&p, 1, -1) != 1 || recvfrom(datagrams, &byte, 1, 0, &ret->sa, &length) < 0)
		bail_out("the peer cannot receive");
}

void peer_take_all(void)
{
	char byte;
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		close(fd);
	while (recv(datagrams, &byte, 1, 0) >= 0)
		;
}
