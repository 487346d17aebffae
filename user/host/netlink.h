/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What all the code that asks the kernel by netlink(7) shares, beside libmnl. */
#ifndef SRCPIN_NETLINK_H
#define SRCPIN_NETLINK_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A socket of BUS (NETLINK_ROUTE ...) that hears only the kernel. Otherwise
 * any process with CAP_NET_ADMIN could send to it: libmnl only compares
 * numbers that everybody can know. To be closed by mnl_socket_close(). NULL:
 * errno says why.
 */
struct mnl_socket *netlink_open(int bus);

/* Are there SIZE bytes after the header of MSG? If not, errno is EPROTO. */
bool netlink_has(const struct nlmsghdr *msg, size_t size);

/* The number at ATTR; WITHOUT if ATTR is NULL, or too short for one. */
uint32_t netlink_number(const struct nlattr *attr, uint32_t without);

/* The negative errno of a message with NLMSG_ERROR, which libmnl has left in errno; -EPROTO if it left none. */
int netlink_error(void);

#endif
