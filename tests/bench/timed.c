// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * timed COMMAND...
 *
 * Runs a command, its stdout thrown away, and prints the nanoseconds from its
 * start to its exit. Fails as the command does.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kernel/lib/world.h"
#include "turns.h"

int main(int argc, char *argv[])
{
	posix_spawn_file_actions_t actions;
	double begin;
	int status;
	pid_t pid;

	if (argc < 2 || posix_spawn_file_actions_init(&actions) ||
	    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0))
		bail_out("usage: timed COMMAND...");
	begin = now_ns();
	if (posix_spawn(&pid, argv[1], &actions, NULL, argv + 1, environ) || waitpid(pid, &status, 0) != pid)
		bail_out("cannot run %s", argv[1]);
	printf("%.0f\n", now_ns() - begin);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
