// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/ip.h"
#include "host/netlink.h"
#include "host/other_address.h"

struct others {
	const uint8_t *addr;
	bool found;
};

/* The address; IFA_ADDRESS is the peer's on a point-to-point link, where there is IFA_LOCAL too. */
static int on_attribute(const struct nlattr *attr, void *data)
{
	const struct nlattr **found = data;
	uint16_t type = mnl_attr_get_type(attr);

	if (type == IFA_LOCAL || (type == IFA_ADDRESS && !*found))
		*found = attr;
	return MNL_CB_OK;
}

static int on_other(const struct nlmsghdr *msg, void *data)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(msg);
	const struct nlattr *at = NULL;
	struct others *o = data;
	uint8_t address[16];

	if (msg->nlmsg_type != RTM_NEWADDR)
		return MNL_CB_OK;
	if (!netlink_has(msg, sizeof(*ifa)))
		return MNL_CB_ERROR;
	mnl_attr_parse(msg, sizeof(*ifa), on_attribute, &at);
	o->found |= ifa->ifa_scope == RT_SCOPE_UNIVERSE && netlink_address(at, address) &&
		    memcmp(address, o->addr, sizeof(address)) != 0;
	return MNL_CB_OK;
}

bool address_has_others(const uint8_t addr[16])
{
	struct others o = { .addr = addr };
	struct mnl_socket *nl = netlink_open(NETLINK_ROUTE);
	char buffer[64]; /* enough for its two headers */
	struct nlmsghdr *request = netlink_dump_request(buffer, RTM_GETADDR);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(request, sizeof(*ifa));
	int err;

	if (!nl)
		return true;
	ifa->ifa_family = address_is_ipv4(addr) ? AF_INET : AF_INET6;
	err = netlink_dump(nl, request, on_other, &o);
	mnl_socket_close(nl);
	return err || o.found;
}
