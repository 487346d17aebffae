/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What all the code that asks the kernel by netlink(7) shares, beside libmnl. */
#ifndef SRCPIN_NETLINK_H
#define SRCPIN_NETLINK_H

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
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

/* The address at ATTR, IPv4 as v4-mapped. False, and RET is all zero: ATTR is NULL, or no address. */
bool netlink_address(const struct nlattr *attr, uint8_t ret[16]);

/*
 * Calls HOP for each next hop in RTA_MULTIPATH (rtnetlink(7)), with its LENGTH
 * bytes of attributes.
 */
void netlink_each_hop(const struct nlattr *multipath,
		      void (*hop)(const struct rtnexthop *next, const void *attributes, size_t length, void *data),
		      void *data);

/* The negative errno of a message with NLMSG_ERROR, which libmnl has left in errno; -EPROTO if it left none. */
int netlink_error(void);

/* Begins a request, with NLM_F_REQUEST and FLAGS. BUFFER: its header and what the caller adds. */
struct nlmsghdr *netlink_request(void *buffer, uint16_t type, uint16_t flags, uint32_t seq);

/* Begins a request that lists all of TYPE. */
struct nlmsghdr *netlink_dump_request(void *buffer, uint16_t type);

/* Has READ read a datagram. 1: more is to come, 0: that was the last one, or a negative errno. */
int netlink_read(const void *messages, size_t length, uint32_t seq, uint32_t portid, mnl_cb_t read, void *data);

/* Asks for a list, or for something to be done, and has READ read the answer. 0, or a negative errno (-EINTR: it
 * changed meanwhile, ask again). */
int netlink_dump(struct mnl_socket *nl, const struct nlmsghdr *request, mnl_cb_t read, void *data);

/*
 * Asks rtnetlink for a list, and asks again if it changed meanwhile: EMPTY
 * takes back what READ has put into DATA. The kernel heeds all that the request
 * says (NETLINK_GET_STRICT_CHK). 0, or a negative errno; DATA is empty then.
 */
int netlink_list(const struct nlmsghdr *request, mnl_cb_t read, void (*empty)(void *data), void *data);

#endif
