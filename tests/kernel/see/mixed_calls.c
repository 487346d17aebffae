// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/world.h"
#include "see/mixed.h"

static int open_socket(int family, int type, int protocol)
{
	int fd = socket(family, type | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		bail_out("cannot make a socket");
	return fd;
}

/* The outcome of a call: where the socket is at, or the errno, must be WANT. It counts for REASON. */
static void outcome(struct worker *w, const char *what, int fd, int result, const char *want, int reason)
{
	union address at = { 0 };
	socklen_t length = sizeof(at);
	const char *got;

	if (result < 0)
		got = errno_text(errno);
	else if (getsockname(fd, &at.sa, &length))
		bail_out("cannot read a socket's name");
	else
		got = text_of(&at);
	errno = 0;
	if (strcmp(got, want) != 0)
		bail_out("%s: got %s, wanted %s", what, got, want);
	w->count[reason]++;
}

static const char *refused(int error)
{
	return errno_text(world_refusal(error));
}

static void connect_of(struct worker *w, int fd, const char *to, in_port_t port, const char *want, int reason)
{
	union address dest = address_of(to, port);

	outcome(w, to, fd, connect(fd, &dest.sa, address_length(&dest)), want, reason);
}

static void bind_of(struct worker *w, int fd, const char *to, in_port_t port, const char *want, int reason)
{
	union address at = address_of(to, port);

	outcome(w, to, fd, bind(fd, &at.sa, address_length(&at)), want, reason);
}

/* PACKET: what the guard says of it */
static void send_of(struct worker *w, int fd, const char *to, int reason, int packet)
{
	union address dest = address_of(to, 25);

	if (sendto(fd, "x", 1, 0, &dest.sa, address_length(&dest)) != 1)
		bail_out("cannot send to %s", to);
	w->count[reason]++;
	w->count[packet]++;
}

static void refused_send_of(struct worker *w, int fd, const char *to, int error, int reason)
{
	union address dest = address_of(to, 25);
	const char *want = refused(error); /* first: it has an errno of its own */

	outcome(w, to, fd, (int)sendto(fd, "x", 1, 0, &dest.sa, address_length(&dest)), want, reason);
}

static void udp_connect(struct worker *w, int family, const char *to, const char *want, int reason)
{
	int fd = open_socket(family, SOCK_DGRAM, 0);

	connect_of(w, fd, to, 25, want, reason);
	close(fd);
}

static void bind_once(struct worker *w, int family, int type, const char *to, const char *want, int reason)
{
	int fd = open_socket(family, type, 0);

	bind_of(w, fd, to, 0, want, reason);
	close(fd);
}

static void connect6(struct worker *w)
{
	udp_connect(w, AF_INET6, MIXED_FAR, SOURCE, PINNED_CONNECT);
}

static void connect4(struct worker *w)
{
	udp_connect(w, AF_INET, MIXED_FAR_V4, SOURCE_V4, PINNED_CONNECT);
}

static void connect_mapped(struct worker *w)
{
	udp_connect(w, AF_INET6, "::ffff:" MIXED_FAR_V4, SOURCE_V4, PINNED_CONNECT);
}

static void connect_exempt(struct worker *w)
{
	udp_connect(w, AF_INET6, MIXED_EXEMPT, SHARED, EXEMPT_RULE);
}

static void connect_loopback(struct worker *w)
{
	udp_connect(w, AF_INET, "127.0.0.1", "127.0.0.1", EXEMPT_RULE);
}

static void connect_missing(struct worker *w)
{
	udp_connect(w, AF_INET6, MIXED_MISSING, refused(EADDRNOTAVAIL), DENIED_MISSING);
}

static void connect_already(struct worker *w)
{
	int fd = open_socket(AF_INET6, SOCK_STREAM, 0);

	bind_of(w, fd, SOURCE, 0, SOURCE, EXEMPT_BIND);
	connect_of(w, fd, PEER, 1, "ECONNREFUSED", PINNED_ALREADY);
	w->count[PASSED_SOURCE]++;
	close(fd);
}

static void connect_closed(struct worker *w)
{
	int fd = open_socket(AF_INET, SOCK_STREAM, 0);

	connect_of(w, fd, PEER_V4, 1, "ECONNREFUSED", PINNED_CONNECT);
	w->count[PASSED_SOURCE]++;
	close(fd);
}

/* SYN; ACK and RST */
static void connect_open(struct worker *w)
{
	const struct linger at_once = { 1, 0 };
	int fd = open_socket(AF_INET6, SOCK_STREAM, 0);

	connect_of(w, fd, PEER, MIXED_LISTENS, SOURCE, PINNED_CONNECT);
	w->count[PASSED_SOURCE]++;
	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) || close(fd))
		bail_out("cannot end a connection");
	w->count[PASSED_TCP] += 2;
}

static void connect_bound(struct worker *w)
{
	connect_of(w, w->kept[BOUND6], MIXED_FAR, 25, "EPERM", DENIED_BOUND);
}

static void connect_wildcard(struct worker *w)
{
	connect_of(w, w->kept[WILDCARD], MIXED_FAR, 25, "EPERM", DENIED_WILDCARD);
}

static void connect_family(struct worker *w)
{
	connect_of(w, w->kept[PINNED6], "::ffff:" MIXED_FAR_V4, 25, refused(EAFNOSUPPORT), DENIED_FAMILY);
}

static void bind6(struct worker *w)
{
	bind_once(w, AF_INET6, SOCK_STREAM, SHARED, SOURCE, PINNED_BIND);
}

static void bind4(struct worker *w)
{
	bind_once(w, AF_INET, SOCK_DGRAM, OWN_V4, SOURCE_V4, PINNED_BIND);
}

static void bind_any(struct worker *w)
{
	bind_once(w, AF_INET6, SOCK_DGRAM, "::", "::", EXEMPT_BIND);
}

static void bind_loopback(struct worker *w)
{
	bind_once(w, AF_INET, SOCK_STREAM, "127.0.0.1", "127.0.0.1", EXEMPT_BIND);
}

static void send6(struct worker *w)
{
	send_of(w, w->kept[SEND6], MIXED_FAR, PINNED_DATAGRAM, PASSED_SOURCE);
}

static void send4(struct worker *w)
{
	send_of(w, w->kept[SEND4], MIXED_FAR_V4, PINNED_DATAGRAM, PASSED_SOURCE);
}

static void send_exempt(struct worker *w)
{
	send_of(w, w->kept[SEND6], MIXED_EXEMPT, EXEMPT_RULE, PASSED_EXEMPT);
}

static void send_missing(struct worker *w)
{
	refused_send_of(w, w->kept[SEND6], MIXED_MISSING, EADDRNOTAVAIL, DENIED_MISSING);
}

static void send_bound(struct worker *w)
{
	refused_send_of(w, w->kept[BOUND4], MIXED_FAR_V4, EPERM, DENIED_BOUND);
}

/* No call of a raw socket comes to a hook, nor one that sends on where it is connected to: packets alone. */
static void send_raw(struct worker *w)
{
	union address dest = address_of(MIXED_FAR, 0);

	if (sendto(w->kept[RAW6], "x", 1, 0, &dest.sa, address_length(&dest)) >= 0 || errno != EPERM)
		bail_out("a raw socket has sent, or failed otherwise");
	w->count[DROPPED_SOURCE]++;
}

static void send_connected(struct worker *w)
{
	if (send(w->kept[PINNED6], "x", 1, 0) != 1)
		bail_out("cannot send");
	w->count[PASSED_SOURCE]++;
}

void mixed_open(struct worker *w)
{
	const in_port_t port = (in_port_t)(3000 + 10 * w->number);

	w->kept[SEND6] = open_socket(AF_INET6, SOCK_DGRAM, 0);
	w->kept[SEND4] = open_socket(AF_INET, SOCK_DGRAM, 0);
	w->kept[BOUND6] = open_socket(AF_INET6, SOCK_DGRAM, 0);
	w->kept[BOUND4] = open_socket(AF_INET, SOCK_DGRAM, 0);
	w->kept[WILDCARD] = open_socket(AF_INET6, SOCK_STREAM, 0);
	w->kept[PINNED6] = open_socket(AF_INET6, SOCK_DGRAM, 0);
	w->kept[RAW6] = open_socket(AF_INET6, SOCK_RAW, 253); /* RFC 3692: for experiments */
	bind_of(w, w->kept[BOUND6], SHARED, port, SHARED, EXEMPT_BIND);
	bind_of(w, w->kept[BOUND4], OWN_V4, (in_port_t)(port + 1), OWN_V4, EXEMPT_BIND);
	bind_of(w, w->kept[WILDCARD], "::", (in_port_t)(port + 2), "::", EXEMPT_BIND);
	connect_of(w, w->kept[PINNED6], MIXED_FAR, 25, SOURCE, PINNED_CONNECT);
}

/* One in 64 is of each kind of TCP, which is slow. */
void mixed_do(struct worker *w, uint32_t which)
{
	static void (*const kind[])(struct worker * w) = {
		connect6,         connect4,       connect_mapped, connect_exempt, connect_loopback, connect_missing,
		connect_bound,    bind6,          bind4,          bind_any,       bind_loopback,    send6,
		connect_wildcard, send4,          send_exempt,    send_missing,   send_bound,       send_raw,
		connect_family,   send_connected,
	};
	static void (*const tcp[])(struct worker * w) = { connect_already, connect_closed, connect_open };
	const uint32_t n = sizeof(kind) / sizeof(*kind), n_tcp = sizeof(tcp) / sizeof(*tcp);

	if (which % 64 < n_tcp)
		tcp[which % 64](w);
	else
		kind[which / 64 % n](w);
}

void mixed_do_one(struct worker *w)
{
	connect6(w);
}
