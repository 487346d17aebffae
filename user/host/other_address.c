// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "base/ip.h"
#include "host/netlink.h"
#include "host/other_address.h"

struct others {
	const uint8_t *addr;
	unsigned int device; /* only those of this one, on whose link ADDR is; 0: all */
	bool found, itself;  /* itself: DEVICE has ADDR, too */
};

static bool is_on_its_link(const struct others *o, const struct ifaddrmsg *ifa, const uint8_t address[16])
{
	struct prefix link = { .prefixlen = ifa->ifa_prefixlen + (ifa->ifa_family == AF_INET ? 96U : 0U) };

	memcpy(link.addr, address, sizeof(link.addr));
	return ifa->ifa_index == o->device && prefix_covers(&link, o->addr);
}

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
	if (ifa->ifa_scope != RT_SCOPE_UNIVERSE || !netlink_address(at, address))
		return MNL_CB_OK;
	if (!memcmp(address, o->addr, sizeof(address)))
		o->itself |= ifa->ifa_index == o->device;
	else
		o->found |= !o->device || is_on_its_link(o, ifa, address);
	return MNL_CB_OK;
}

/* 0, or a negative errno */
static int look(struct others *o)
{
	struct mnl_socket *nl = netlink_open(NETLINK_ROUTE);
	char buffer[64]; /* enough for its two headers */
	struct nlmsghdr *request = netlink_dump_request(buffer, RTM_GETADDR);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(request, sizeof(*ifa));
	int err;

	if (!nl)
		return -errno;
	ifa->ifa_family = address_is_ipv4(o->addr) ? AF_INET : AF_INET6;
	err = netlink_dump(nl, request, on_other, o);
	mnl_socket_close(nl);
	return err;
}

bool address_has_others(const uint8_t addr[16])
{
	struct others o = { .addr = addr };

	return look(&o) || o.found;
}

bool address_is_beside(const uint8_t addr[16], const char *device)
{
	struct others o = { .addr = addr, .device = if_nametoindex(device) };

	return o.device && !look(&o) && o.found && !o.itself;
}
