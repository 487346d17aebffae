// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * reach CGROUP {tcp|udp|sendto|bind} DEST PORT...
 *
 * Prints a line for each three of them. It makes a socket in CGROUP; the peer
 * tells it from where it was reached, and as what. The line says that, or the
 * errno, or "silence". "bind" binds to DEST, and sends nothing.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/world.h"

#define PORT 25

static int open_at_peer(int type)
{
	union address any = address_of("::", PORT);
	int fd = world_peer_socket(AF_INET6, type, 0);
	int one = 1;

	/* transparent: its prefixes are routes, so that it has no such address to answer from */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_TRANSPARENT, &one, sizeof(one)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof(one)) ||
	    bind(fd, &any.sa, address_length(&any)) || (type == SOCK_STREAM && listen(fd, 64)))
		bail_out("the peer cannot listen");
	return fd;
}

static void say(char *text, size_t size, const union address *from, const union address *to)
{
	snprintf(text, size, "from %s to %s", text_of(from), text_of(to));
}

static void answer_tcp(int listener)
{
	union address from = { 0 }, to = { 0 };
	socklen_t length = sizeof(from), to_length = sizeof(to);
	char text[128];
	int fd = accept(listener, &from.sa, &length);

	if (fd < 0 || getsockname(fd, &to.sa, &to_length))
		bail_out("the peer cannot accept");
	say(text, sizeof(text), &from, &to);
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
	close(fd);
}

/* From the address that was asked */
static void answer_udp(int fd)
{
	union address from = { 0 }, to = { .in6.sin6_family = AF_INET6 };
	char text[128], control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	struct iovec io = { text, sizeof(text) };
	struct msghdr m = { .msg_name = &from,
			    .msg_namelen = sizeof(from),
			    .msg_iov = &io,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct in6_pktinfo info;

	if (recvmsg(fd, &m, 0) < 0 || !CMSG_FIRSTHDR(&m))
		bail_out("the peer cannot receive");
	memcpy(&info, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(info));
	to.in6.sin6_addr = info.ipi6_addr;
	say(text, sizeof(text), &from, &to);
	io.iov_len = strlen(text);
	if (sendmsg(fd, &m, 0) < 0)
		bail_out("the peer cannot answer");
}

static void serve(int tcp, int udp)
{
	struct pollfd p[2] = { { .fd = tcp, .events = POLLIN }, { .fd = udp, .events = POLLIN } };

	while (poll(p, 2, -1) > 0) {
		if (p[0].revents)
			answer_tcp(tcp);
		if (p[1].revents)
			answer_udp(udp);
	}
}

static int reach(int fd, const char *how, const union address *to)
{
	if (!strcmp(how, "bind"))
		return bind(fd, &to->sa, address_length(to));
	if (!strcmp(how, "sendto"))
		return sendto(fd, "x", 1, 0, &to->sa, address_length(to)) == 1 ? 0 : -1;
	if (connect(fd, &to->sa, address_length(to)))
		return -1;
	return !strcmp(how, "udp") && send(fd, "x", 1, 0) != 1 ? -1 : 0;
}

static void try(const char *how, const union address *to)
{
	const struct timeval patience = { .tv_usec = 700000 }; /* before TCP would try again */
	char text[128] = "";
	int fd = socket(AF_INET6, !strcmp(how, "tcp") || !strcmp(how, "bind") ? SOCK_STREAM : SOCK_DGRAM, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		bail_out("cannot make a socket");
	if (reach(fd, how, to))
		puts(errno == EINPROGRESS ? "silence" : errno_text(errno));
	else if (!strcmp(how, "bind"))
		puts("bound");
	else
		puts(recv(fd, text, sizeof(text) - 1, 0) > 0 ? text : "silence");
	close(fd);
}

int main(int argc, char *argv[])
{
	int tcp = open_at_peer(SOCK_STREAM), udp = open_at_peer(SOCK_DGRAM), i;
	pid_t server = fork();

	if (server < 0)
		bail_out("cannot fork");
	if (!server)
		serve(tcp, udp);
	world_join_at(argc > 1 ? argv[1] : "");
	for (i = 2; i + 2 < argc; i += 3) {
		union address to = address_of(argv[i + 1], (in_port_t)atoi(argv[i + 2]));

		try(argv[i], &to);
	}
	fflush(stdout);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	return EXIT_SUCCESS;
}
