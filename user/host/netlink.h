/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What those that ask the kernel by netlink(7) share, beside libmnl. */
#ifndef SRCPIN_NETLINK_H
#define SRCPIN_NETLINK_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A socket of BUS (NETLINK_ROUTE ...) on which the kernel alone is heard: any
 * process with CAP_NET_ADMIN could send to it otherwise, and libmnl looks at
 * numbers that all can know. To be closed by mnl_socket_close(); NULL: errno says why.
 */
struct mnl_socket *netlink_open(int bus);

/* Are there SIZE bytes after the header of MSG? If not, errno is EPROTO. */
bool netlink_has(const struct nlmsghdr *msg, size_t size);

/* The number at ATTR; WITHOUT if ATTR is NULL, or too short for one. */
uint32_t netlink_number(const struct nlattr *attr, uint32_t without);

/* The negative errno of a message with NLMSG_ERROR, as libmnl has left it in errno; -EPROTO if it is none. */
int netlink_error(void);

#endif
