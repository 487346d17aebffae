// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/world.h"
#include "ways/peer.h"
#include "ways/rows.h"

static struct {
	int type;
	int protocol;
	in_port_t port;
	int fd;
} end[] = {
	{ SOCK_STREAM, 0, PORT, -1 },
	{ SOCK_DGRAM, 0, PORT, -1 },
	{ SOCK_STREAM, 0, PORT_TOO, -1 },
	{ SOCK_DGRAM, 0, PORT_TOO, -1 },
	{ SOCK_STREAM, IPPROTO_MPTCP, PORT_MPTCP, -1 },
	{ SOCK_DGRAM, 0, PORT_MPTCP, -1 },
	{ SOCK_DGRAM, IPPROTO_UDPLITE, PORT, -1 },
};
#define N_ENDS (sizeof(end) / sizeof(end[0]))

static int open_at(int type, int protocol, in_port_t port)
{
	union address any = address_of("::", port);
	int fd = world_peer_socket(AF_INET6, type | SOCK_NONBLOCK, protocol);
	int one = 1;

	/* connections of an earlier run may still be in TIME_WAIT */
	if (type == SOCK_STREAM && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)))
		bail_out("the peer cannot set SO_REUSEADDR");
	if (bind(fd, &any.sa, address_length(&any)))
		bail_out("the peer cannot bind to port %u", port);
	return fd;
}

static void join_group(int fd)
{
	struct ipv6_mreq group = { .ipv6mr_multiaddr = address_of(PEER_GROUP, 0).in6.sin6_addr };
	struct ifreq device = { .ifr_name = "peer" };

	if (ioctl(fd, SIOCGIFINDEX, &device))
		bail_out("the peer has no device");
	group.ipv6mr_interface = (unsigned int)device.ifr_ifindex;
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group, sizeof(group)))
		bail_out("the peer cannot join a multicast group");
}

void peer_open(void)
{
	int queue = 16;
	size_t i;

	for (i = 0; i < N_ENDS; i++) {
		if (!world_has(end[i].type, end[i].protocol) && end[i].type == SOCK_STREAM)
			end[i].protocol = 0; /* its port is also used for TCP */
		if (!world_has(end[i].type, end[i].protocol))
			continue;
		end[i].fd = open_at(end[i].type, end[i].protocol, end[i].port);
		if (end[i].type == SOCK_DGRAM) {
			join_group(end[i].fd);
			continue;
		}
		if (listen(end[i].fd, 64))
			bail_out("the peer cannot listen on port %u", end[i].port);
		if (!end[i].protocol && setsockopt(end[i].fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue)))
			bail_out("the peer cannot have TCP Fast Open");
	}
}

static void note(char *text, size_t size, const union address *from)
{
	const char *source = text_of(from);
	const char *known = strstr(text, source);
	size_t n = strlen(text), length = strlen(source);

	if (known && (known[length] == ' ' || !known[length]))
		return;
	snprintf(text + n, size - n, "%s%s", n ? " " : "", source);
}

static void wait_for(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	errno = ETIMEDOUT;
	if (poll(&p, 1, 20000) != 1)
		bail_out("the peer did not see the fence");
}

static int fence(size_t i, union address *ret)
{
	union address to = address_of(PEER, end[i].port);
	socklen_t length = sizeof(*ret);
	int protocol = end[i].protocol == IPPROTO_MPTCP ? 0 : end[i].protocol;
	int fd = socket(AF_INET6, end[i].type | SOCK_CLOEXEC, protocol);

	if (fd < 0 || connect(fd, &to.sa, address_length(&to)) || getsockname(fd, &ret->sa, &length))
		bail_out("cannot reach the peer from outside the cgroup");
	if (end[i].type == SOCK_DGRAM && send(fd, "f", 1, 0) != 1)
		bail_out("cannot send to the peer from outside the cgroup");
	return fd;
}

/* The next one that opened, or the next datagram, whose text is in *BYTE; -1: look again */
static int next(size_t i, union address *from, char *byte)
{
	socklen_t length = sizeof(*from);
	int fd;

	wait_for(end[i].fd);
	if (end[i].type == SOCK_DGRAM)
		return recvfrom(end[i].fd, byte, 1, 0, &from->sa, &length) < 0 ? -1 : 0;
	fd = accept(end[i].fd, &from->sa, &length);
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static void drain(size_t i, char *text, size_t size)
{
	union address last = { 0 };
	int mark = fence(i, &last);

	for (;;) {
		union address from = { 0 };
		char byte = 'f';

		if (next(i, &from, &byte))
			continue;
		if (byte == 'f' && from.in6.sin6_port == last.in6.sin6_port &&
		    IN6_ARE_ADDR_EQUAL(&from.in6.sin6_addr, &last.in6.sin6_addr))
			break;
		note(text, size, &from);
	}
	close(mark);
}

void peer_saw(char *text, size_t size)
{
	size_t i;

	*text = '\0';
	for (i = 0; i < N_ENDS; i++)
		if (end[i].fd >= 0)
			drain(i, text, size);
	if (!*text)
		snprintf(text, size, "nothing");
}

void peer_forget(void)
{
	char byte;
	size_t i;
	int fd;

	for (i = 0; i < N_ENDS; i++) {
		if (end[i].type == SOCK_DGRAM)
			while (recv(end[i].fd, &byte, 1, 0) >= 0)
				;
		else
			while ((fd = accept(end[i].fd, NULL, NULL)) >= 0)
				close(fd);
	}
}
