// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "host/netlink.h"

#define TRIES 20 /* of a list that changes meanwhile */

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

static const uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff };

bool netlink_address(const struct nlattr *attr, uint8_t ret[16])
{
	size_t length = attr ? mnl_attr_get_payload_len(attr) : 0;

	memset(ret, 0, 16);
	if (length != 4 && length != 16)
		return false;
	memcpy(ret, mapped, sizeof(mapped));
	memcpy(ret + 16 - length, mnl_attr_get_payload(attr), length);
	return true;
}

void netlink_each_hop(const struct nlattr *multipath,
		      void (*hop)(const struct rtnexthop *next, const void *attributes, size_t length, void *data),
		      void *data)
{
	const char *at = mnl_attr_get_payload(multipath);
	size_t left = mnl_attr_get_payload_len(multipath);
	struct rtnexthop next;

	for (; left >= sizeof(next); left -= NLMSG_ALIGN(next.rtnh_len), at += NLMSG_ALIGN(next.rtnh_len)) {
		memcpy(&next, at, sizeof(next));
		if (next.rtnh_len < sizeof(next) || NLMSG_ALIGN(next.rtnh_len) > left)
			break;
		hop(&next, at + sizeof(next), next.rtnh_len - sizeof(next), data);
	}
}

int netlink_error(void)
{
	return errno > 0 ? -errno : -EPROTO;
}

struct nlmsghdr *netlink_request(void *buffer, uint16_t type, uint16_t flags, uint32_t seq)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | flags;
	request->nlmsg_seq = seq;
	return request;
}

struct nlmsghdr *netlink_dump_request(void *buffer, uint16_t type)
{
	return netlink_request(buffer, type, NLM_F_DUMP, (uint32_t)time(NULL) + type);
}

/*
 * Both a dump and an acknowledgement end with the result: zero, or a negative
 * errno. libmnl alone does not look at the end of a dump, where the kernel
 * says, for example, that there is no udp_diag.
 */
static int on_end(const struct nlmsghdr *msg, void *data)
{
	int err = 0;

	(void)data;
	if (mnl_nlmsg_get_payload_len(msg) >= sizeof(err))
		memcpy(&err, mnl_nlmsg_get_payload(msg), sizeof(err));
	if (err >= 0)
		return MNL_CB_STOP;
	errno = err == INT_MIN ? EPROTO : -err;
	return MNL_CB_ERROR;
}

int netlink_read(const void *messages, size_t length, uint32_t seq, uint32_t portid, mnl_cb_t read, void *data)
{
	mnl_cb_t control[] = { [NLMSG_ERROR] = on_end, [NLMSG_DONE] = on_end };
	int run = mnl_cb_run2(messages, length, seq, portid, read, data, control, sizeof(control) / sizeof(*control));

	return run < 0 ? netlink_error() : run > MNL_CB_STOP;
}

int netlink_dump(struct mnl_socket *nl, const struct nlmsghdr *request, mnl_cb_t read, void *data)
{
	char buffer[32768]; /* a dump puts no more into one datagram */
	int more = 1;

	if (mnl_socket_sendto(nl, request, request->nlmsg_len) < 0)
		return -errno;
	while (more > 0) {
		ssize_t n = mnl_socket_recvfrom(nl, buffer, sizeof(buffer));

		if (n < 0)
			return -errno;
		more = netlink_read(buffer, (size_t)n, request->nlmsg_seq, mnl_socket_get_portid(nl), read, data);
	}
	return more;
}

static int list_once(const struct nlmsghdr *request, mnl_cb_t read, void *data)
{
	struct mnl_socket *nl = netlink_open(NETLINK_ROUTE);
	int err, one = 1;

	if (!nl)
		return -errno;
	mnl_socket_setsockopt(nl, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	err = netlink_dump(nl, request, read, data);
	mnl_socket_close(nl);
	return err;
}

/* Each try has a socket of its own: in the one before, the rest of what changed meanwhile may still wait. */
int netlink_list(const struct nlmsghdr *request, mnl_cb_t read, void (*empty)(void *data), void *data)
{
	int err = -EINTR;

	for (int i = 0; err == -EINTR && i < TRIES; i++) { /* NLM_F_DUMP_INTR */
		err = list_once(request, read, data);
		if (err)
			empty(data);
	}
	return err;
}
