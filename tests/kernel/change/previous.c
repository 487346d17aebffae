// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * After a reload that names another source: what was under way from the
 * previous one still leaves, and nothing else does.
 */
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/capture.h"
#include "lib/tap.h"
#include "lib/world.h"

#define PORT 25
#define LOCAL_PORT 2525
#define SILENT "2001:db8:79::1" /* a route of the peer's swallows all that goes there */
#define SILENT4 "198.51.101.1"

static union address dest;

static bool ipv4(void)
{
	return dest.sa.sa_family == AF_INET;
}

/* BEFORE or after the reload, as the row says */
static int opened(int type, int protocol)
{
	int fd = socket(dest.sa.sa_family, type | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		bail_out("cannot make a socket");
	return fd;
}

static union address old_source(in_port_t port)
{
	return address_of(ipv4() ? SOURCE_V4 : SOURCE, port);
}

static int bound(int type, int protocol, in_port_t port)
{
	union address at = old_source(port);
	int fd = opened(type, protocol);

	if (bind(fd, &at.sa, address_length(&at)))
		bail_out("cannot bind to the source");
	return fd;
}

static int connected(int type)
{
	int fd = opened(type, 0);

	if (connect(fd, &dest.sa, address_length(&dest)) && errno != EINPROGRESS)
		bail_out("cannot connect");
	return fd;
}

static int udp_connected(void)
{
	return connected(SOCK_DGRAM);
}

static int udp_bound(void)
{
	return bound(SOCK_DGRAM, 0, LOCAL_PORT);
}

static int udp_corked(void)
{
	int fd = opened(SOCK_DGRAM, 0);

	if (sendto(fd, "x", 1, MSG_MORE, &dest.sa, address_length(&dest)) != 1)
		bail_out("cannot begin a datagram");
	return fd;
}

static int tcp_connecting(void)
{
	dest = address_of(ipv4() ? SILENT4 : SILENT, PORT);
	return connected(SOCK_STREAM | SOCK_NONBLOCK);
}

static int ping(void)
{
	return bound(SOCK_DGRAM, ipv4() ? IPPROTO_ICMP : IPPROTO_ICMPV6, 0);
}

static int raw(void)
{
	return bound(SOCK_RAW, ipv4() ? IPPROTO_ICMP : IPPROTO_ICMPV6, 0);
}

static ssize_t sends(int fd)
{
	return send(fd, "x", 1, MSG_NOSIGNAL);
}

/* What a call has decided about just before may be on its way for a second. */
static ssize_t sends_late(int fd)
{
	usleep(1100000);
	return sends(fd);
}

static ssize_t sends_to(int fd)
{
	return sendto(fd, "x", 1, 0, &dest.sa, address_length(&dest));
}

static ssize_t connects(int fd)
{
	return connect(fd, &dest.sa, address_length(&dest));
}

static ssize_t sends_echo(int fd)
{
	const struct icmp6_hdr echo6 = { .icmp6_type = ICMP6_ECHO_REQUEST };
	const struct icmphdr echo4 = { .type = ICMP_ECHO, .checksum = 0xfff7 };
	union address to = dest;

	to.in6.sin6_port = 0; /* where IPv4 has it, too */
	return sendto(fd, ipv4() ? (const void *)&echo4 : &echo6, ipv4() ? sizeof(echo4) : sizeof(echo6), 0, &to.sa,
		      address_length(&to));
}

/* Connected from the new source, and asks for the old one by a control message */
static ssize_t sends_from_old(int fd)
{
	char text[1] = { 'x' }, control[CMSG_SPACE(sizeof(struct in6_pktinfo))] = { 0 };
	struct in6_pktinfo info = { .ipi6_addr = old_source(0).in6.sin6_addr };
	struct in_pktinfo info4 = { .ipi_spec_dst = old_source(0).in.sin_addr };
	struct iovec io = { text, sizeof(text) };
	size_t length = ipv4() ? sizeof(info4) : sizeof(info);
	struct msghdr m = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(length)
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	if (connects(fd))
		bail_out("cannot connect");
	c->cmsg_level = ipv4() ? IPPROTO_IP : IPPROTO_IPV6;
	c->cmsg_type = ipv4() ? IP_PKTINFO : IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(length);
	memcpy(CMSG_DATA(c), ipv4() ? (const void *)&info4 : &info, length);
	return sendmsg(fd, &m, 0);
}

static int udp_new(void)
{
	return opened(SOCK_DGRAM, 0);
}

struct row {
	const char *what;
	bool before;
	int (*open)(void);
	ssize_t (*act)(int fd);
	bool leaves;
};

static const struct row rows[] = {
	{ "TCP, connecting before, sends its SYN again", true, tcp_connecting, sends_again, true },
	{ "UDP, connected before, sends", true, udp_connected, sends, true },
	{ "UDP, bound to it before, sends", true, udp_bound, sends_to, false },
	{ "UDP, bound to it before, connects", true, udp_bound, connects, false },
	{ "UDP, bound to it, sends", false, udp_bound, sends_to, false },
	{ "UDP, a datagram begun before, unconnected, a second later", true, udp_corked, sends_late, false },
	{ "UDP, connected from the new one, sends with a message of the old one", false, udp_new, sends_from_old,
	  false },
	{ "ping socket, bound to it before, sends", true, ping, sends_echo, false },
	{ "ping socket, bound to it, sends", false, ping, sends_echo, false },
	{ "raw socket, bound to it before, sends", true, raw, sends_echo, false },
	{ "raw socket, bound to it, sends", false, raw, sends_echo, false },
};

static unsigned long from_old(const struct capture *c)
{
	for (unsigned int i = 0; i < c->n_sources; i++)
		if (!strcmp(capture_text(&c->source[i]), ipv4() ? SOURCE_V4 : SOURCE))
			return capture_of(&c->source[i]);
	return 0;
}

static void run(struct capture *c, const struct row *row, const char *to)
{
	int fd = -1, error;
	bool left;

	dest = address_of(to, PORT);
	srcpin_unload(); /* what was replaced is forgotten */
	srcpin_load("source = " SOURCE "\nsource4 = " SOURCE_V4 "\n");
	if (row->before)
		fd = row->open();
	srcpin_load("source = " SECOND "\nsource4 = " SECOND_V4 "\n");
	if (!row->before)
		fd = row->open();
	capture_fence(c);
	capture_read(c);
	capture_clear(c);
	error = row->act(fd) < 0 ? errno : 0;
	capture_fence(c);
	capture_read(c);
	left = from_old(c);
	if (!tap_ok(left == row->leaves && !c->lost, "%s, %s: %s", strchr(to, '.') ? "IPv4" : "IPv6", row->what,
		    row->leaves ? "leaves from the old source" : "does not leave from it"))
		tap_diag("it says %s, and it %s", errno_text(error), left ? "left" : "did not leave");
	close(fd);
}

int main(void)
{
	static struct capture capture;

	shell("sysctl -qw net.ipv4.ping_group_range='0 2147483647'");
	shell("nsenter --net=\"$WORLD_PEER\" ip route add blackhole 2001:db8:79::/48 && "
	      "nsenter --net=\"$WORLD_PEER\" ip route add blackhole 198.51.101.0/24");
	capture_open(&capture);
	world_join("");
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(*rows); i++)
		run(&capture, &rows[i / 2], i % 2 ? PEER_V4 : PEER);
	return tap_done();
}
