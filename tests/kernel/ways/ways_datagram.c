// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "lib/world.h"
#include "ways/ways_out.h"

static int send_to(struct call *c, int fd, size_t size, int flags)
{
	static const char text[8192];
	union address a = address_of(c->dest, c->port);

	return sendto(fd, text, size, flags | MSG_NOSIGNAL, &a.sa, address_length(&a)) == (ssize_t)size ? 0 : errno;
}

static int opened(struct call *c, int *ret)
{
	*ret = make_socket(c, SOCK_DGRAM);
	return bind_local(c, *ret);
}

static int connected(struct call *c, int *ret)
{
	int error = opened(c, ret);

	return error ? error : connect_to(*ret, c->dest, c->port, c->options);
}

int udp_connect_meet(struct call *c)
{
	int fd, error = connected(c, &fd);

	if (error)
		return error;
	meet(c);
	return send(fd, "x", 1, MSG_NOSIGNAL) == 1 ? 0 : errno;
}

int udp_connect_meet_sendto(struct call *c)
{
	int fd, error = connected(c, &fd);

	if (error)
		return error;
	meet(c);
	return send_to(c, fd, 1, 0);
}

int udp_connect_meet_connect(struct call *c)
{
	int fd, error = connected(c, &fd);

	if (error)
		return error;
	meet(c);
	error = connect_to(fd, c->dest, c->port, 0);
	return error ? error : send_to(c, fd, 1, 0);
}

int udp_meet_send(struct call *c)
{
	int fd, error = opened(c, &fd);

	if (error)
		return error;
	meet(c);
	return send_to(c, fd, 1, 0);
}

int udp_more(struct call *c)
{
	int fd, error = opened(c, &fd);

	if (!error)
		error = send_to(c, fd, 1, MSG_MORE);
	if (error)
		return error;
	meet(c);
	return send_to(c, fd, 1, 0);
}

int udp_connect_more(struct call *c)
{
	int fd, error = connected(c, &fd);

	if (!error && send(fd, "x", 1, MSG_MORE) != 1)
		error = errno;
	if (error)
		return error;
	meet(c);
	return send(fd, "x", 1, 0) == 1 ? 0 : errno;
}

int udp_corked(struct call *c)
{
	const int on = 1, off = 0;
	int fd, error = opened(c, &fd);

	if (!error && setsockopt(fd, IPPROTO_UDP, UDP_CORK, &on, sizeof(on)))
		error = errno;
	if (!error)
		error = send_to(c, fd, 1, 0);
	if (error)
		return error;
	meet(c);
	/* the kernel does not tell here what became of the datagram */
	return setsockopt(fd, IPPROTO_UDP, UDP_CORK, &off, sizeof(off)) ? errno : 0;
}

int udp_gso(struct call *c)
{
	const int segment = 512;
	int fd, error = opened(c, &fd);

	if (!error && setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment)))
		error = errno;
	return error ? error : send_to(c, fd, 2048, 0);
}

static int send_with(struct call *c, int fd, int level, int type, const void *value, size_t length)
{
	static char text[2048];
	union address a = address_of(c->dest, c->port);
	struct iovec part = { text, sizeof(text) };
	union {
		char room[CMSG_SPACE(64)];
		struct cmsghdr align;
	} control = { { 0 } };
	struct msghdr m = {
		.msg_name = &a,
		.msg_namelen = address_length(&a),
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(length),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&m);

	header->cmsg_level = level;
	header->cmsg_type = type;
	header->cmsg_len = CMSG_LEN(length);
	memcpy(CMSG_DATA(header), value, length);
	return sendmsg(fd, &m, MSG_NOSIGNAL) < 0 ? errno : 0;
}

int udp_gso_message(struct call *c)
{
	const unsigned short segment = 512;
	int fd, error = opened(c, &fd);

	return error ? error : send_with(c, fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment));
}

int udp_routed_message(struct call *c)
{
	unsigned char route[ROUTE_MAX];
	size_t size = source_route(c->via, route);
	bool v6 = address_of(c->via, 0).sa.sa_family == AF_INET6;
	int fd, error = opened(c, &fd);

	return error ? error
		     : send_with(c, fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RTHDR : IP_RETOPTS, route, size);
}

int udp_big(struct call *c)
{
	int fd, error = opened(c, &fd);

	return error ? error : send_to(c, fd, 4000, 0);
}

int udp_sendfile(struct call *c)
{
	int file = memfd_create("sent", MFD_CLOEXEC);
	int fd, error = connected(c, &fd);

	if (error)
		return error;
	if (file < 0 || write(file, "x", 1) != 1 || lseek(file, 0, SEEK_SET))
		bail_out("cannot make a file in memory");
	return sendfile(fd, file, NULL, 1) == 1 ? 0 : errno;
}

int udp_splice(struct call *c)
{
	int fd, error = connected(c, &fd);
	int ends[2];

	if (error)
		return error;
	if (pipe2(ends, O_CLOEXEC) || write(ends[1], "x", 1) != 1)
		bail_out("cannot make a pipe");
	return splice(ends[0], NULL, fd, NULL, 1, 0) == 1 ? 0 : errno;
}

int udp_inet_sendto(struct call *c)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return send_to(c, fd, 1, 0);
}

int udp_inet_connect(struct call *c)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = connect_to(fd, c->dest, c->port, 0);

	if (!error && send(fd, "x", 1, MSG_NOSIGNAL) != 1)
		error = errno;
	return error;
}

int udp_addrform(struct call *c)
{
	const int form = AF_INET;
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = connect_to(fd, c->first, c->first_port, 0);

	/* some kernels of 6.18 have it no more */
	if (!error && setsockopt(fd, IPPROTO_IPV6, IPV6_ADDRFORM, &form, sizeof(form)))
		error = errno == ENOPROTOOPT ? NOT_HERE : errno;
	return error ? error : send_to(c, fd, 1, 0);
}

static int send_to_no_family(struct call *c, int fd)
{
	union address a = address_of(c->dest, c->port);

	a.sa.sa_family = AF_UNSPEC;
	return sendto(fd, "x", 1, MSG_NOSIGNAL, &a.sa, sizeof(a.in)) == 1 ? 0 : errno;
}

int udp_no_family_sendto(struct call *c)
{
	return send_to_no_family(c, make_socket(c, SOCK_DGRAM));
}

int udp_no_family_connected(struct call *c)
{
	int fd = make_socket(c, SOCK_DGRAM);
	int error = connect_to(fd, c->first, c->first_port, 0);

	return error ? error : send_to_no_family(c, fd);
}

int udp_broadcast(struct call *c)
{
	const int one = 1;
	int fd, error = opened(c, &fd);

	if (!error && setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one)))
		error = errno;
	return error ? error : send_to(c, fd, 1, 0);
}
