// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Opens sockets while the source is an address of this host, and shows what
 * leaves from it once it is removed: row by row, with the guard and without.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/capture.h"
#include "lib/tap.h"
#include "lib/world.h"

#define SOURCE4 "192.0.2.25"
#define DEST4 "198.51.100.1"
#define SILENT "2001:db8:79::1" /* a route of the peer's swallows all that goes there */
#define SILENT4 "198.51.101.1"
#define ADD4 "ip addr add " SOURCE4 "/32 dev vps"
/* the kernel puts it to use a moment later, in a thread of its own (addrconf_dad_work) */
#define ADD                                                            \
	"ip addr add " SOURCE "/128 dev vps nodad preferred_lft 0 && " \
	"until ip -6 route show table local " SOURCE " | grep -q local; do sleep 0.01; done"
#define PORT 25
#define LOCAL_PORT 2525

static union address dest;

static int new_socket(int type)
{
	const struct linger at_once = { .l_onoff = 1 }; /* TCP: once closed, it is silent */
	int fd = socket(dest.sa.sa_family, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)))
		bail_out("cannot make a socket");
	return fd;
}

static int connected(int type)
{
	int fd = new_socket(type);

	if (connect(fd, &dest.sa, address_length(&dest)) && errno != EINPROGRESS)
		bail_out("cannot connect");
	return fd;
}

static int udp_bound_to(const char *local)
{
	union address at = address_of(local, LOCAL_PORT);
	int fd = new_socket(SOCK_DGRAM);

	if (bind(fd, &at.sa, address_length(&at)))
		bail_out("cannot bind to %s", local);
	return fd;
}

static bool ipv4(void)
{
	return dest.sa.sa_family == AF_INET;
}

/* How it is opened, before. */

static int udp_connected(void)
{
	return connected(SOCK_DGRAM);
}

static int udp_bound(void)
{
	return udp_bound_to(ipv4() ? SOURCE4 : SOURCE);
}

static int udp_wildcard(void)
{
	return udp_bound_to(ipv4() ? "0.0.0.0" : "::");
}

static int udp_corked(void)
{
	int fd = connected(SOCK_DGRAM);

	if (send(fd, "x", 1, MSG_MORE) != 1)
		bail_out("cannot begin a datagram");
	return fd;
}

static int udp_corked_sendto(void)
{
	int fd = new_socket(SOCK_DGRAM);

	if (sendto(fd, "x", 1, MSG_MORE, &dest.sa, address_length(&dest)) != 1)
		bail_out("cannot begin a datagram");
	return fd;
}

static int tcp_connected(void)
{
	return connected(SOCK_STREAM);
}

static int tcp_connecting(void)
{
	dest = address_of(ipv4() ? SILENT4 : SILENT, PORT);
	return connected(SOCK_STREAM | SOCK_NONBLOCK);
}

/* What is done with it, after; -1 and errno if it fails. */

static ssize_t sends(int fd)
{
	return send(fd, "x", 1, MSG_NOSIGNAL);
}

static ssize_t sends_to(int fd)
{
	return sendto(fd, "x", 1, 0, &dest.sa, address_length(&dest));
}

static ssize_t send_message(int fd, union address *to, int type, const void *info, size_t length)
{
	char text[1] = { 'x' }, control[CMSG_SPACE(sizeof(struct in6_pktinfo))] = { 0 };
	struct iovec io = { text, sizeof(text) };
	struct msghdr m = { .msg_name = to,
			    .msg_namelen = to ? address_length(to) : 0,
			    .msg_iov = &io,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = CMSG_SPACE(length) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = ipv4() ? IPPROTO_IP : IPPROTO_IPV6;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(length);
	memcpy(CMSG_DATA(c), info, length);
	return sendmsg(fd, &m, 0);
}

/* A server's answer: from where it was asked */
static ssize_t answers(int fd)
{
	struct in6_pktinfo info = { .ipi6_addr = address_of(SOURCE, 0).in6.sin6_addr };
	struct in_pktinfo info4 = { .ipi_spec_dst = address_of(SOURCE4, 0).in.sin_addr };

	return ipv4() ? send_message(fd, &dest, IP_PKTINFO, &info4, sizeof(info4))
		      : send_message(fd, &dest, IPV6_PKTINFO, &info, sizeof(info));
}

static ssize_t sends_message(int fd)
{
	const int limit = 64;

	return send_message(fd, NULL, ipv4() ? IP_TTL : IPV6_HOPLIMIT, &limit, sizeof(limit));
}

static ssize_t connects(int fd)
{
	return connect(fd, &dest.sa, address_length(&dest));
}

struct row {
	const char *what;
	int (*open)(void);
	ssize_t (*act)(int fd);
	const char *guarded, *bare; /* with guard = on and off: what the caller sees, and what the wire */
};

#define REFUSED "EADDRNOTAVAIL, nothing leaves"

static const struct row ipv6_rows[] = {
	{ "UDP, connected before, sends", udp_connected, sends, "EPERM, nothing leaves", "good, UDP" },
	{ "UDP, connected before, sends with a control message", udp_connected, sends_message, REFUSED, REFUSED },
	{ "UDP, connected before, connects again", udp_connected, connects, REFUSED, REFUSED },
	{ "UDP, a server on the source, answers", udp_bound, sends_to, REFUSED, REFUSED },
	{ "UDP, a server on ::, answers", udp_wildcard, answers, "EINVAL, nothing leaves", "EINVAL, nothing leaves" },
	{ "UDP, bound to :: and a port before, sends", udp_wildcard, sends_to, REFUSED, REFUSED },
	{ "UDP, a corked datagram of a connected socket", udp_corked, sends, "EPERM, nothing leaves", "good, UDP" },
	{ "UDP, a corked datagram of an unconnected socket", udp_corked_sendto, sends, "EPERM, nothing leaves",
	  "good, UDP" },
	{ "TCP, established before, sends", tcp_connected, sends, "good, TCP", "good, TCP" },
	{ "TCP, its SYN unanswered before, sends it again", tcp_connecting, sends_again, "good, TCP", "good, TCP" },
};

static const struct row ipv4_rows[] = {
	{ "UDP, connected before, sends", udp_connected, sends, "refused, nothing leaves", "refused, nothing leaves" },
	{ "UDP, connected before, sends with a control message", udp_connected, sends_message,
	  "refused, nothing leaves", "refused, nothing leaves" },
	{ "UDP, connected before, connects again", udp_connected, connects, "refused, nothing leaves",
	  "refused, nothing leaves" },
	{ "UDP, a server on the source, answers", udp_bound, sends_to, "refused, nothing leaves",
	  "refused, nothing leaves" },
	{ "UDP, a server on 0.0.0.0, answers", udp_wildcard, answers, "refused, nothing leaves",
	  "refused, nothing leaves" },
	{ "UDP, a corked datagram of a connected socket", udp_corked, sends, "good, UDP", "good, UDP" },
	{ "UDP, a corked datagram of an unconnected socket", udp_corked_sendto, sends, "good, UDP", "good, UDP" },
	{ "TCP, established before, sends", tcp_connected, sends, "good, nothing leaves", "good, nothing leaves" },
	{ "TCP, its SYN unanswered before, sends it again", tcp_connecting, sends_again, "good, nothing leaves",
	  "good, nothing leaves" },
};

/* The same, on this kernel */
static const char *here(const char *want)
{
	return !strcmp(want, REFUSED) && world_refusal(EADDRNOTAVAIL) == EPERM ? "EPERM, nothing leaves" : want;
}

/* That an IPv4 source is no address of this host the kernel says in one of two ways, older ones with EINVAL. */
static const char *said(int error)
{
	if (ipv4() && (error == EINVAL || error == ENETUNREACH))
		return "refused";
	return error ? errno_text(error) : "good";
}

static void describe(const struct capture *c, const char *source, char *text, size_t size)
{
	static const char *const kind[] = { "TCP", "UDP", "other" };
	unsigned int i, k;
	size_t n = 0;

	for (i = 0; i < c->n_sources; i++)
		for (k = 0; k < CAPTURE_KINDS; k++) {
			if (!c->source[i].packets[k])
				continue;
			n += (size_t)snprintf(text + n, n < size ? size - n : 0, ", %s", kind[k]);
			if (strcmp(capture_text(&c->source[i]), source) != 0)
				n += (size_t)snprintf(text + n, n < size ? size - n : 0, " from %s",
						      capture_text(&c->source[i]));
		}
	if (!n)
		snprintf(text, size, ", nothing leaves");
}

static void run(struct capture *c, const struct row *row, const char *to, bool guarded)
{
	const char *source = strchr(to, '.') ? SOURCE4 : SOURCE, *want = here(guarded ? row->guarded : row->bare);
	char command[128], wire[256], got[512];
	int fd, error;

	dest = address_of(to, PORT);
	fd = row->open();
	capture_fence(c);
	capture_read(c);
	capture_clear(c);
	snprintf(command, sizeof(command), "ip addr del %s/%d dev vps", source, strchr(to, '.') ? 32 : 128);
	shell(command);
	error = row->act(fd) < 0 ? errno : 0;
	capture_fence(c);
	capture_read(c);
	describe(c, source, wire, sizeof(wire));
	snprintf(got, sizeof(got), "%s%s", said(error), wire);
	if (!tap_ok(!strcmp(got, want) && !c->lost, "guard = %s, %s, %s: %s", guarded ? "on" : "off",
		    strchr(to, '.') ? "IPv4" : "IPv6", row->what, want))
		tap_diag("got: %s", got);
	close(fd);
	shell(strchr(to, '.') ? ADD4 : ADD);
}

static void listen_at_peer(int type)
{
	union address any = address_of("::", PORT);
	int fd = world_peer_socket(AF_INET6, type, 0);

	if (bind(fd, &any.sa, address_length(&any)) || (type == SOCK_STREAM && listen(fd, 64)))
		bail_out("the peer cannot listen");
}

int main(void)
{
	static struct capture capture;
	int guarded;
	size_t i;

	capture_open(&capture);
	listen_at_peer(SOCK_STREAM);
	listen_at_peer(SOCK_DGRAM);
	shell("ip addr del " SOURCE "/64 dev vps && " ADD);
	shell("nsenter --net=\"$WORLD_PEER\" ip route add blackhole 2001:db8:79::/48 && "
	      "nsenter --net=\"$WORLD_PEER\" ip route add blackhole 198.51.101.0/24");
	world_join("");
	for (guarded = 1; guarded >= 0; guarded--) {
		srcpin_load(guarded ? "source = " SOURCE "\nsource4 = " SOURCE4 "\n"
				    : "source = " SOURCE "\nsource4 = " SOURCE4 "\nguard = off\n");
		for (i = 0; i < sizeof(ipv6_rows) / sizeof(ipv6_rows[0]); i++)
			run(&capture, &ipv6_rows[i], PEER_OTHER, guarded);
		for (i = 0; i < sizeof(ipv4_rows) / sizeof(ipv4_rows[0]); i++)
			run(&capture, &ipv4_rows[i], DEST4, guarded);
	}
	return tap_done();
}
