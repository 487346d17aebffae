// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "address.h"

struct query {
	unsigned char family;
	const uint8_t *addr; /* as long as the family has them */
	size_t length;
	struct address_state *state;
};

static int on_attribute(const struct nlattr *attr, void *data)
{
	const struct nlattr **table = data;

	if (mnl_attr_type_valid(attr, IFA_MAX) > 0)
		table[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static int on_address(const struct nlmsghdr *msg, void *data)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(msg);
	const struct nlattr *attr[IFA_MAX + 1] = { 0 }, *own;
	const struct query *q = data;
	struct address_state *s = q->state;
	uint32_t flags;

	mnl_attr_parse(msg, sizeof(*ifa), on_attribute, attr);
	/* on a point-to-point link IFA_ADDRESS is the peer's */
	own = attr[IFA_LOCAL] ? attr[IFA_LOCAL] : attr[IFA_ADDRESS];
	if (s->usable || !own || mnl_attr_get_payload_len(own) != q->length ||
	    memcmp(mnl_attr_get_payload(own), q->addr, q->length) != 0)
		return MNL_CB_OK;
	flags = attr[IFA_FLAGS] ? mnl_attr_get_u32(attr[IFA_FLAGS]) : ifa->ifa_flags;
	if (!if_indextoname(ifa->ifa_index, s->device))
		s->device[0] = '\0';
	if (flags & IFA_F_DADFAILED)
		snprintf(s->why, sizeof(s->why), "in use by another host too (duplicate address detection failed)");
	else if ((flags & IFA_F_TENTATIVE) && !(flags & IFA_F_OPTIMISTIC))
		snprintf(s->why, sizeof(s->why), "tentative (duplicate address detection is not over)");
	else
		s->usable = true;
	if (s->usable)
		s->why[0] = '\0';
	return MNL_CB_OK;
}

static int dump_addresses(struct mnl_socket *nl, struct query *q)
{
	char buffer[32768]; /* the most that a dump puts into one datagram */
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	uint32_t seq = (uint32_t)time(NULL);
	struct ifaddrmsg *ifa;
	int run = MNL_CB_OK;

	request->nlmsg_type = RTM_GETADDR;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = seq;
	ifa = mnl_nlmsg_put_extra_header(request, sizeof(*ifa));
	ifa->ifa_family = q->family;
	if (mnl_socket_sendto(nl, request, request->nlmsg_len) < 0)
		return -errno;
	while (run > MNL_CB_STOP) {
		ssize_t n = mnl_socket_recvfrom(nl, buffer, sizeof(buffer));

		if (n < 0)
			return -errno;
		run = mnl_cb_run(buffer, (size_t)n, seq, mnl_socket_get_portid(nl), on_address, q);
	}
	return run < 0 ? -errno : 0;
}

int address_state(const uint8_t addr[16], struct address_state *ret, struct failure *f)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool ipv4 = !memcmp(addr, mapped, sizeof(mapped));
	struct query q = {
		.family = ipv4 ? AF_INET : AF_INET6,
		.addr = ipv4 ? addr + sizeof(mapped) : addr,
		.length = ipv4 ? 4 : 16,
		.state = ret,
	};
	struct mnl_socket *nl;
	int err;

	*ret = (struct address_state){ .why = "not an address of this host" };
	nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!nl)
		return fail(f, -errno, "cannot ask the kernel for its addresses (rtnetlink): %s", strerror(errno));
	err = mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0 ? -errno : dump_addresses(nl, &q);
	/* NLM_F_DUMP_INTR: the addresses changed meanwhile, so some may have been passed over */
	for (int i = 0; err == -EINTR && i < 20; i++)
		err = dump_addresses(nl, &q);
	mnl_socket_close(nl);
	if (err)
		return fail(f, err, "cannot ask the kernel for its addresses (rtnetlink): %s", strerror(-err));
	return 0;
}
