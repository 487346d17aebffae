// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <sys/socket.h>

#include "host/netlink.h"

struct mnl_socket *netlink_open(int bus)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct mnl_socket *nl = mnl_socket_open2(bus, SOCK_CLOEXEC);
	int err;

	if (!nl)
		return NULL;
	/* this refuses others with ECONNREFUSED: the socket is connected to the kernel (netlink_getsockbyportid) */
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) >= 0 &&
	    !connect(mnl_socket_get_fd(nl), (const struct sockaddr *)&kernel, sizeof(kernel)))
		return nl;
	err = errno;
	mnl_socket_close(nl);
	errno = err;
	return NULL;
}

bool netlink_has(const struct nlmsghdr *msg, size_t size)
{
	if (mnl_nlmsg_get_payload_len(msg) >= size)
		return true;
	errno = EPROTO;
	return false;
}

uint32_t netlink_number(const struct nlattr *attr, uint32_t without)
{
	return attr && mnl_attr_get_payload_len(attr) >= sizeof(uint32_t) ? mnl_attr_get_u32(attr) : without;
}

int netlink_error(void)
{
	return errno > 0 ? -errno : -EPROTO;
}
