// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * inside CGROUP DEST [CGROUP DEST]...
 *
 * Prints a line for each pair. It makes a UDP socket in the cgroup and
 * connects it to DEST, port 25. The line is the source that it gets, or the
 * errno. Sends no packet.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/world.h"

static int report(const char *cgroup, const char *dest)
{
	union address to = address_of(dest, 25), from = { 0 };
	socklen_t length = sizeof(from);
	int fd;

	world_join_at(cgroup);
	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		bail_out("cannot make a socket");
	if (connect(fd, &to.sa, address_length(&to)))
		puts(errno_text(errno));
	else if (getsockname(fd, &from.sa, &length))
		bail_out("cannot read the socket's name");
	else
		puts(text_of(&from));
	fflush(stdout);
	return 0;
}

int main(int argc, char *argv[])
{
	int status, i;

	for (i = 1; i + 1 < argc; i += 2) {
		pid_t pid = fork();

		if (pid < 0)
			bail_out("cannot fork");
		if (!pid)
			_exit(report(argv[i], argv[i + 1]));
		if (waitpid(pid, &status, 0) != pid || status)
			return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
