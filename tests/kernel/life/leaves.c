// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * leaves CGROUP...
 *
 * For each line from stdin, prints one line: what the wire shows of each
 * cgroup, by one way for each hook and family. It is the source of what left,
 * or "-" for nothing. So a policy that is half in force looks like neither the
 * old nor the new one.
 */
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/wire.h"
#include "lib/world.h"

struct way {
	const char *dest, *bound; /* BOUND: with port 0, or NULL */
	int type;
	bool connects;
};

static const struct way ways[] = {
	{ PEER, NULL, SOCK_STREAM, true },    { PEER, "::", SOCK_STREAM, true },
	{ PEER, SHARED, SOCK_STREAM, true },  { PEER, NULL, SOCK_DGRAM, true },
	{ PEER, NULL, SOCK_DGRAM, false },    { PEER, NULL, SOCK_RAW, false },
	{ PEER_V4, NULL, SOCK_STREAM, true }, { PEER_V4, "0.0.0.0", SOCK_STREAM, true },
	{ PEER_V4, NULL, SOCK_DGRAM, true },  { PEER_V4, NULL, SOCK_DGRAM, false },
	{ PEER_V4, NULL, SOCK_RAW, false },
};
#define N_WAYS (sizeof(ways) / sizeof(*ways))

static void go(const struct way *w)
{
	const struct icmp6_hdr echo6 = { .icmp6_type = ICMP6_ECHO_REQUEST };
	const struct icmphdr echo4 = { .type = ICMP_ECHO, .checksum = 0xfff7 };
	union address to = address_of(w->dest, w->type == SOCK_RAW ? 0 : 25), at;
	bool ipv6 = to.sa.sa_family == AF_INET6;
	int fd = socket(to.sa.sa_family, w->type | SOCK_NONBLOCK | SOCK_CLOEXEC,
			w->type != SOCK_RAW ? 0
			: ipv6              ? IPPROTO_ICMPV6
					    : IPPROTO_ICMP);
	const void *what = w->type != SOCK_RAW ? "x" : ipv6 ? (const void *)&echo6 : (const void *)&echo4;
	size_t size = w->type != SOCK_RAW ? 1 : ipv6 ? sizeof(echo6) : sizeof(echo4);

	if (fd < 0)
		bail_out("cannot make a socket");
	if (w->bound) {
		at = address_of(w->bound, 0);
		if (bind(fd, &at.sa, address_length(&at)))
			return;
	}
	if (w->connects && connect(fd, &to.sa, address_length(&to)) && errno != EINPROGRESS)
		return;
	if (w->type == SOCK_STREAM)
		return; /* its SYN is on the wire */
	if (w->connects)
		(void)!send(fd, what, size, 0);
	else
		(void)!sendto(fd, what, size, 0, &to.sa, address_length(&to));
}

static void ask(const char *cgroup, const struct way *w, char *text, size_t size)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		bail_out("cannot fork");
	if (!pid) {
		world_join_at(cgroup);
		go(w);
		_exit(EXIT_SUCCESS);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		bail_out("the process in %s has failed", cgroup);
	wire_saw(0, text, size);
}

int main(int argc, char *argv[])
{
	char line[64], text[256];

	wire_open();
	while (fgets(line, sizeof(line), stdin)) {
		for (int i = 1; i < argc; i++) {
			for (size_t k = 0; k < N_WAYS; k++) {
				ask(argv[i], &ways[k], text, sizeof(text));
				printf("%s%s", *text ? text : "-", k + 1 < N_WAYS ? " " : "");
			}
			fputs(i + 1 < argc ? " | " : "\n", stdout);
		}
		fflush(stdout);
	}
	return EXIT_SUCCESS;
}
