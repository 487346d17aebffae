// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/world.h"
#include "ways/ways.h"

#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND 78
#endif

static const int one = 1;

static void set(int fd, int level, int option, const void *value, socklen_t length)
{
	if (setsockopt(fd, level, option, value, length))
		bail_out("cannot set option %d of level %d", option, level);
}

static struct in6_pktinfo shared_info(void)
{
	struct in6_pktinfo info = { 0 };

	info.ipi6_addr = address_of(SHARED, 0).in6.sin6_addr;
	return info;
}

/* What IPv6 and IPv4 both have, under a number of its own each */
static void set_either(int fd, int family, int option6, int option4)
{
	set(fd, family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP, family == AF_INET6 ? option6 : option4, &one,
	    sizeof(one));
}

static void set_device(int fd)
{
	set(fd, SOL_SOCKET, SO_BINDTODEVICE, "vps", sizeof("vps"));
}

/* As long as c->patience says, in connect and in wait_connected() */
static void set_patience(int fd, unsigned int ms)
{
	const struct timeval t = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	set(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
}

static int new_socket(struct call *c, int type)
{
	int family = address_of(c->local ? c->local : c->dest, 0).sa.sa_family;
	int protocol = 0, fd;

	if (c->options & MADE_OUTSIDE)
		return type == SOCK_STREAM ? c->outside_tcp : c->outside_udp;
	if (c->options & MPTCP)
		protocol = IPPROTO_MPTCP;
	if (c->options & UDPLITE)
		protocol = IPPROTO_UDPLITE;
	fd = socket(family, type | SOCK_CLOEXEC, protocol);
	if (fd < 0 && protocol && errno == EPROTONOSUPPORT)
		_exit(EXIT_NOT_HERE);
	return fd;
}

int make_socket(struct call *c, int type)
{
	const struct in6_pktinfo info = shared_info();
	int fd = new_socket(c, type), family;
	socklen_t length = sizeof(family);

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &length))
		bail_out("cannot make a socket");
	if (c->patience)
		set_patience(fd, c->patience);
	if (type == SOCK_STREAM)
		set(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (c->options & V6ONLY)
		set(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (c->options & NO_PORT)
		set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	if (c->options & FREEBIND)
		set_either(fd, family, IPV6_FREEBIND, IP_FREEBIND);
	if (c->options & TRANSPARENT)
		set_either(fd, family, IPV6_TRANSPARENT, IP_TRANSPARENT);
	if (c->options & STICKY_PKTINFO)
		set(fd, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	if (c->options & FASTOPEN_CONNECT)
		set(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof(one));
	if (c->options & REUSEPORT)
		set(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	if (c->options & TO_DEVICE)
		set_device(fd);
	if (c->options & (DSTOPTS | HOPOPTS | ROUTED))
		set_headers(c, fd, family);
	return fd;
}

int bind_local(struct call *c, int fd)
{
	char command[128];

	if (c->local) {
		union address a = address_of(c->local, c->local_port);

		if (bind(fd, &a.sa, address_length(&a)))
			return errno;
	}
	if (c->loses) {
		snprintf(command, sizeof(command), "ip addr del %s/64 dev vps", c->loses);
		shell(command);
	}
	return 0;
}

static int wait_connected(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	struct timeval t = { 0 };
	int error = 0, ms;
	socklen_t length = sizeof(t);

	if (getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, &length))
		bail_out("cannot read the socket's patience");
	ms = (int)(t.tv_sec * 1000 + t.tv_usec / 1000);
	if (poll(&p, 1, ms ? ms : 10000) != 1)
		return ETIMEDOUT;
	length = sizeof(error);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length))
		return errno;
	return error;
}

int connect_to(int fd, const char *dest, in_port_t port, unsigned int options)
{
	union address a = address_of(dest, port);
	int flags = fcntl(fd, F_GETFL);

	if (options & NONBLOCK)
		fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	if (connect(fd, &a.sa, address_length(&a)))
		return errno == EINPROGRESS ? wait_connected(fd) : errno;
	return 0;
}

int tcp(struct call *c)
{
	int fd = make_socket(c, SOCK_STREAM);
	int error = bind_local(c, fd);

	if (!error)
		error = connect_to(fd, c->dest, c->port, c->options);
	if (!error && send(fd, "x", 1, MSG_NOSIGNAL) != 1)
		error = errno;
	return error;
}

int tcp_again(struct call *c)
{
	int fd = make_socket(c, SOCK_STREAM);
	int error = bind_local(c, fd);

	if (error)
		return error;
	error = connect_to(fd, c->first, c->first_port, c->options);
	if (error != ECONNREFUSED)
		return error ? error : EISCONN;
	return connect_to(fd, c->dest, c->port, c->options);
}

int tcp_fastopen(struct call *c)
{
	union address a = address_of(c->dest, c->port);
	int fd = make_socket(c, SOCK_STREAM);
	int error = bind_local(c, fd);

	if (!error && sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, &a.sa, address_length(&a)) != 1)
		error = errno;
	if (error == EOPNOTSUPP && c->options & MPTCP) /* Linux 6.1 */
		_exit(EXIT_NOT_HERE);
	return error;
}

static int send_one(int fd)
{
	return send(fd, "x", 1, MSG_NOSIGNAL) == 1 ? 0 : errno;
}

int udp_connect(struct call *c)
{
	int fd = make_socket(c, SOCK_DGRAM);
	int error = bind_local(c, fd);

	if (!error)
		error = connect_to(fd, c->dest, c->port, 0);
	return error ? error : send_one(fd);
}

static int connect_first(struct call *c, int fd)
{
	return connect_to(fd, c->first, c->first_port ? c->first_port : c->port, 0);
}

int udp_again(struct call *c)
{
	int fd = make_socket(c, SOCK_DGRAM);
	int error = connect_first(c, fd);

	if (!error)
		error = bind_local(c, fd);
	if (!error)
		error = connect_to(fd, c->dest, c->port, 0);
	return error ? error : send_one(fd);
}

int udp_unspec(struct call *c)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int fd = make_socket(c, SOCK_DGRAM);
	int error = connect_first(c, fd);

	if (!error && connect(fd, &none, sizeof(none)))
		error = errno;
	if (!error)
		error = connect_to(fd, c->dest, c->port, 0);
	return error ? error : send_one(fd);
}

union control {
	char room[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	struct cmsghdr align;
};

/* The shared address of the family in which it goes TO */
static void add_pktinfo(struct msghdr *m, union control *control, union address to)
{
	const struct in6_pktinfo six = shared_info();
	const struct in_pktinfo four = { .ipi_spec_dst = address_of(OWN_V4, 0).in.sin_addr };
	struct cmsghdr *header;
	bool v4 = to.sa.sa_family == AF_INET || IN6_IS_ADDR_V4MAPPED(&to.in6.sin6_addr);
	socklen_t length = v4 ? sizeof(four) : sizeof(six);

	m->msg_control = control;
	m->msg_controllen = CMSG_SPACE(length);
	header = CMSG_FIRSTHDR(m);
	header->cmsg_level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
	header->cmsg_type = v4 ? IP_PKTINFO : IPV6_PKTINFO;
	header->cmsg_len = CMSG_LEN(length);
	memcpy(CMSG_DATA(header), v4 ? (const void *)&four : &six, length);
}

int send_message(struct call *c, int fd, const char *dest, unsigned int n)
{
	union address a = dest ? address_of(dest, c->port) : (union address){ 0 };
	struct iovec part = { "x", 1 };
	struct mmsghdr message[2] = { 0 };
	union control control = { { 0 } };
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct msghdr *m = &message[i].msg_hdr;

		m->msg_name = dest ? &a : NULL;
		m->msg_namelen = dest ? address_length(&a) : 0;
		m->msg_iov = &part;
		m->msg_iovlen = 1;
		if (c->options & PKTINFO)
			add_pktinfo(m, &control, address_of(c->dest, 0));
	}
	if (n == 1)
		return sendmsg(fd, &message[0].msg_hdr, MSG_NOSIGNAL) == 1 ? 0 : errno;
	return sendmmsg(fd, message, n, MSG_NOSIGNAL) == (int)n ? 0 : errno;
}

int udp_sendto(struct call *c)
{
	union address a = address_of(c->dest, c->port);
	int fd = make_socket(c, SOCK_DGRAM);
	int error = bind_local(c, fd);

	if (!error && sendto(fd, "x", 1, MSG_NOSIGNAL, &a.sa, address_length(&a)) != 1)
		error = errno;
	return error;
}

int udp_sendmsg(struct call *c)
{
	int fd = make_socket(c, SOCK_DGRAM);
	int error = bind_local(c, fd);

	return error ? error : send_message(c, fd, c->dest, 1);
}

int udp_sendmmsg(struct call *c)
{
	int fd = make_socket(c, SOCK_DGRAM);
	int error = bind_local(c, fd);

	return error ? error : send_message(c, fd, c->dest, 2);
}

int udp_connect_sendto(struct call *c)
{
	int fd = make_socket(c, SOCK_DGRAM);
	int error = connect_first(c, fd);

	return error ? error : send_message(c, fd, c->dest, 1);
}

int udp_bound_again(struct call *c)
{
	int fd = make_socket(c, SOCK_DGRAM);
	int error = bind_local(c, fd);

	if (!error)
		error = connect_first(c, fd);
	if (!error)
		error = connect_to(fd, c->dest, c->port, 0);
	return error ? error : send_message(c, fd, NULL, 1);
}

int udp_sendto_connect(struct call *c)
{
	int fd = make_socket(c, SOCK_DGRAM);
	int error = send_message(c, fd, c->dest, 1);

	if (error)
		bail_out("cannot send first");
	snprintf(c->say, sizeof(c->say), "%s", errno_text(connect_to(fd, c->dest, c->port, 0)));
	return 0;
}

int udp_connect_sendmsg(struct call *c)
{
	int fd = make_socket(c, SOCK_DGRAM);
	int error = connect_to(fd, c->dest, c->port, 0);

	if (!error)
		error = bind_local(c, fd);
	return error ? error : send_message(c, fd, NULL, 1);
}

int getaddrinfo_order(struct call *c)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list, *i;
	size_t n = 0;

	errno = 0;
	if (getaddrinfo(c->dest, NULL, &hints, &list))
		bail_out("cannot resolve %s", c->dest);
	for (i = list; i && n < sizeof(c->say); i = i->ai_next) {
		union address a = { 0 };

		memcpy(&a, i->ai_addr, i->ai_addrlen);
		n += (size_t)snprintf(c->say + n, sizeof(c->say) - n, "%s%s", n ? " " : "", text_of(&a));
	}
	freeaddrinfo(list);
	return 0;
}
