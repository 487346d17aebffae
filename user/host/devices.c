// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "host/devices.h"
#include "host/netlink.h"

static int on_kind(const struct nlattr *attr, void *data)
{
	struct device *d = data;

	if (mnl_attr_get_type(attr) == IFLA_INFO_KIND && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
		snprintf(d->kind, sizeof(d->kind), "%s", mnl_attr_get_str(attr));
	return MNL_CB_OK;
}

static int on_attribute(const struct nlattr *attr, void *data)
{
	struct device *d = data;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
			snprintf(d->name, sizeof(d->name), "%s", mnl_attr_get_str(attr));
		break;
	case IFLA_MASTER:
		d->master = netlink_number(attr, 0);
		break;
	case IFLA_LINK:
		d->link = netlink_number(attr, 0);
		break;
	case IFLA_LINK_NETNSID:
		d->link_is_elsewhere = true;
		break;
	case IFLA_LINKINFO:
		return mnl_attr_parse_nested(attr, on_kind, d);
	default:
		break;
	}
	return MNL_CB_OK;
}

static int on_device(const struct nlmsghdr *msg, void *data)
{
	const struct ifinfomsg *i = mnl_nlmsg_get_payload(msg);
	struct devices *all = data;
	struct device d = { 0 };

	if (!netlink_has(msg, sizeof(*i)))
		return MNL_CB_ERROR;
	if (msg->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	d.index = (uint32_t)i->ifi_index;
	d.is_up = i->ifi_flags & IFF_UP;
	if (mnl_attr_parse(msg, sizeof(*i), on_attribute, &d) < 0)
		return MNL_CB_ERROR;
	ADD_ELEMENT(all->item, all->n, d);
	return MNL_CB_OK;
}

static void empty(void *data)
{
	devices_free(data);
}

int devices_list(struct devices *ret)
{
	char buffer[64]; /* enough for its two headers */
	struct nlmsghdr *request = netlink_dump_request(buffer, RTM_GETLINK);

	*ret = (struct devices){ 0 };
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	return netlink_list(request, on_device, empty, ret);
}

void devices_free(struct devices *d)
{
	free(d->item);
	*d = (struct devices){ 0 };
}
