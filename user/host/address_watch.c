// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "host/address_watch.h"

int address_watch_open(int *ret, struct failure *f)
{
	/*
	 * routes too: a socket can be bound to an address only once its local
	 * route is there, which is announced later
	 */
	const struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_ROUTE | RTMGRP_IPV4_ROUTE,
	};
	_cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return fail(f, -errno, "cannot be told of changes of this host's addresses (rtnetlink): %s",
			    strerror(errno));
	*ret = steal_fd(&fd);
	return 0;
}

void address_watch_drain(int fd)
{
	char byte;

	/* ENOBUFS: there was more than the socket holds. That is news too, and is told once. */
	while (recv(fd, &byte, sizeof(byte), 0) >= 0 || errno == ENOBUFS || errno == EINTR)
		;
}
