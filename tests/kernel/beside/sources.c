// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sources BELOW...
 *
 * Prints a line for each cgroup below the test's ("." is the test's own): the
 * sources that the peer saw of processes in there, each once. They send by TCP
 * and MPTCP, bound before and not, by connected UDP, by sendto and by
 * UDP-Lite. "EPERM" stands for a way that was refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/world.h"
#include "ways/peer.h"
#include "ways/rows.h"
#include "ways/ways.h"

static const struct {
	way how;
	const char *local;
	unsigned int options;
	in_port_t port;
} ways[] = {
	{ tcp, NULL, 0, PORT },         { tcp, "::", 0, PORT },        { tcp, NULL, MPTCP, PORT_MPTCP },
	{ udp_connect, NULL, 0, PORT }, { udp_sendto, NULL, 0, PORT }, { udp_connect, NULL, UDPLITE, PORT },
};

static int in_child(size_t i, const char *below)
{
	struct call c = {
		.dest = PEER,
		.port = ways[i].port,
		.local = ways[i].local,
		.options = ways[i].options,
	};
	pid_t pid = fork();
	int status;

	if (pid < 0)
		bail_out("cannot fork");
	if (!pid) {
		alarm(15);
		world_join(strcmp(below, ".") ? below : "");
		_exit(ways[i].how(&c));
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		bail_out("a child is gone");
	return WEXITSTATUS(status);
}

int main(int argc, char *argv[])
{
	int i;

	peer_open();
	for (i = 1; i < argc; i++) {
		char saw[512];
		int refused = 0;
		size_t k;

		for (k = 0; k < sizeof(ways) / sizeof(ways[0]); k++) {
			int error = in_child(k, argv[i]);

			/* UDP-Lite's connect has no hook: the guard's work */
			if (error && error != EXIT_NOT_HERE && !(ways[k].options & UDPLITE))
				refused = error;
		}
		peer_saw(saw, sizeof(saw));
		printf("%s%s%s\n", saw, refused ? " " : "", refused ? errno_text(refused) : "");
	}
	return EXIT_SUCCESS;
}
