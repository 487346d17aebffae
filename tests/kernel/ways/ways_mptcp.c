// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/mptcp.h>

#include "lib/world.h"
#include "ways/ways.h"

#ifndef SOL_MPTCP
#define SOL_MPTCP 284
#endif

/* The addresses of the subflows; how many there are */
static unsigned int subflows(int fd, union address from[2])
{
	struct {
		struct mptcp_subflow_data data;
		struct mptcp_subflow_addrs addrs[2];
	} have = { .data = { .size_subflow_data = sizeof(have.data), .size_user = sizeof(have.addrs[0]) } };
	socklen_t length = sizeof(have);
	unsigned int i;

	if (getsockopt(fd, SOL_MPTCP, MPTCP_SUBFLOW_ADDRS, &have, &length))
		return 0;
	for (i = 0; i < 2 && i < have.data.num_subflows; i++)
		memcpy(&from[i].in6, &have.addrs[i].sin6_local, sizeof(from[i].in6));
	return have.data.num_subflows;
}

int mptcp_second(struct call *c)
{
	union address from[2] = { 0 };
	int fd, error, patience;

	c->options |= MPTCP;
	fd = make_socket(c, SOCK_STREAM);
	error = connect_to(fd, c->dest, c->port, 0);
	if (error)
		return error;
	if (send(fd, "x", 1, MSG_NOSIGNAL) != 1)
		return errno;
	for (patience = 5000; subflows(fd, from) < 2 && patience; patience--)
		usleep(1000);
	if (!patience)
		return ETIMEDOUT;
	snprintf(c->say, sizeof(c->say), "from %s and %s", text_of(&from[0]), text_of(&from[1]));
	return 0;
}
