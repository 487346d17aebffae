// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * silent COMMAND [ARGUMENT]...: runs COMMAND. Then prints, on a line of its
 * own, how many packets arrived at the peer meanwhile. Its exit status is
 * COMMAND's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/capture.h"

int main(int argc, char *argv[])
{
	struct capture c;
	unsigned long n;
	int status;
	pid_t pid;

	if (argc < 2)
		bail_out("usage: silent COMMAND [ARGUMENT]...");
	capture_open(&c);
	capture_clear(&c);
	pid = fork();
	if (pid < 0)
		bail_out("cannot fork");
	if (!pid) {
		execvp(argv[1], &argv[1]);
		bail_out("cannot run %s", argv[1]);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		bail_out("did not exit: %s", argv[1]);
	capture_fence(&c);
	capture_read(&c);
	n = c.more + c.lost;
	for (unsigned int i = 0; i < c.n_sources; i++)
		n += capture_of(&c.source[i]);
	printf("%lu\n", n);
	return WEXITSTATUS(status);
}
