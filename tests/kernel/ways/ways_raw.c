// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sockets below UDP and TCP, or beside them. The kernel makes the IP header; ways_hand.c has those without. */
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <stdbool.h>
#include <string.h>

#include "lib/world.h"
#include "ways/ways_out.h"

#define EXPERIMENT 253 /* RFC 3692 */
#ifndef IPPROTO_DCCP
#define IPPROTO_DCCP 33
#endif
#ifndef SOCK_DCCP
#define SOCK_DCCP 6
#endif

static int family_of(struct call *c)
{
	return address_of(c->dest, 0).sa.sa_family;
}

/* The errno of socket() itself tells what this kernel has not. */
static int open_socket(struct call *c, int type, int protocol, int *ret)
{
	*ret = socket(family_of(c), type | SOCK_CLOEXEC, protocol);
	if (*ret < 0 && (errno == EPROTONOSUPPORT || errno == ESOCKTNOSUPPORT))
		return NOT_HERE;
	return *ret < 0 ? errno : bind_local(c, *ret);
}

static int send_packet(struct call *c, int fd, const void *packet, size_t size)
{
	union address a = address_of(c->dest, 0);

	return sendto(fd, packet, size, 0, &a.sa, address_length(&a)) == (ssize_t)size ? 0 : errno;
}

static int raw(struct call *c, int protocol, const void *packet, size_t size)
{
	int fd, error = open_socket(c, SOCK_RAW, protocol, &fd);

	return error ? error : send_packet(c, fd, packet, size);
}

int raw_sendto(struct call *c)
{
	return raw(c, EXPERIMENT, "x", 1);
}

int raw_connect(struct call *c)
{
	int fd, error = open_socket(c, SOCK_RAW, EXPERIMENT, &fd);

	if (!error)
		error = connect_to(fd, c->dest, 0, 0);
	if (!error && send(fd, "x", 1, 0) != 1)
		error = errno;
	return error;
}

int raw_sendmsg(struct call *c)
{
	int fd, error = open_socket(c, SOCK_RAW, EXPERIMENT, &fd);

	c->port = 0;
	return error ? error : send_message(c, fd, c->dest, 1);
}

int raw_tunnel(struct call *c)
{
	const struct ip6_hdr inner = {
		.ip6_vfc = 6 << 4,
		.ip6_nxt = IPPROTO_NONE,
		.ip6_hlim = 64,
		.ip6_src = address_of(SHARED, 0).in6.sin6_addr,
		.ip6_dst = address_of(PEER, 0).in6.sin6_addr,
	};

	return raw(c, IPPROTO_IPV6, &inner, sizeof(inner));
}

static const struct icmp6_hdr echo6 = { .icmp6_type = ICMP6_ECHO_REQUEST };
static const struct icmphdr echo4 = { .type = ICMP_ECHO };

static int send_echo(struct call *c, int type, bool connects)
{
	bool v6 = family_of(c) == AF_INET6;
	const void *echo = v6 ? (const void *)&echo6 : &echo4;
	int fd, error = open_socket(c, type, v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, &fd);

	if (error)
		return error;
	if (!connects)
		return send_packet(c, fd, echo, 8);
	error = connect_to(fd, c->dest, 0, 0);
	if (!error && send(fd, echo, 8, 0) != 8)
		error = errno;
	return error;
}

int raw_echo(struct call *c)
{
	return send_echo(c, SOCK_RAW, false);
}

int ping_sendto(struct call *c)
{
	return send_echo(c, SOCK_DGRAM, false);
}

int ping_connect(struct call *c)
{
	return send_echo(c, SOCK_DGRAM, true);
}

static int connect_by(struct call *c, int type, int protocol)
{
	int fd, error = open_socket(c, type | SOCK_NONBLOCK, protocol, &fd);

	if (!error)
		error = connect_to(fd, c->dest, c->port, NONBLOCK);
	/* the peer's answer: nobody listens; it may come before connect returns */
	return error == ECONNREFUSED ? 0 : error;
}

int sctp_connect(struct call *c)
{
	return connect_by(c, SOCK_STREAM, IPPROTO_SCTP);
}

int sctp_send(struct call *c)
{
	union address a = address_of(c->dest, c->port);
	int fd, error = open_socket(c, SOCK_SEQPACKET | SOCK_NONBLOCK, IPPROTO_SCTP, &fd);

	if (!error && sendto(fd, "x", 1, 0, &a.sa, address_length(&a)) != 1)
		error = errno;
	return error;
}

int dccp_connect(struct call *c)
{
	return connect_by(c, SOCK_DCCP, IPPROTO_DCCP);
}
