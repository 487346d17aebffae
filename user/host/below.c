// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "host/below.h"
#include "host/netlink.h"

/* What is read of a device */
struct device {
	uint32_t index, master, link;
	bool link_is_elsewhere; /* in another network namespace */
	char name[IFNAMSIZ];
	char kind[16];
};

struct devices {
	struct device *item;
	size_t n;
};

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
	d.index = (uint32_t)i->ifi_index;
	if (mnl_attr_parse(msg, sizeof(*i), on_attribute, &d) < 0)
		return MNL_CB_ERROR;
	ADD_ELEMENT(all->item, all->n, d);
	return MNL_CB_OK;
}

static void list_devices(struct devices *ret)
{
	char buffer[64];
	struct nlmsghdr *request = netlink_dump_request(buffer, RTM_GETLINK);
	struct mnl_socket *nl = netlink_open(NETLINK_ROUTE);
	int err = nl ? -EINTR : -errno;

	*ret = (struct devices){ 0 };
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	for (int i = 0; nl && err == -EINTR && i < 20; i++) { /* the devices changed meanwhile */
		ret->n = 0;
		err = netlink_dump(nl, request, on_device, ret);
	}
	if (nl)
		mnl_socket_close(nl);
}

static const struct device *find(const struct devices *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++)
		if (!strcmp(all->item[i].name, name))
			return &all->item[i];
	return NULL;
}

static bool is_one_of(const char *kind, const char *const *kinds)
{
	for (; *kinds; kinds++)
		if (!strcmp(kind, *kinds))
			return true;
	return false;
}

/* A tunnel has a link, too, and a VRF members; but what it sends is another packet, or is not sent by these. */
static bool sends_by(const struct device *d, const struct device *other)
{
	static const char *const of_members[] = { "bridge", "bond", "team", NULL };
	static const char *const of_link[] = { "vlan", "macvlan", "macvtap", "ipvlan", "ipvtap", "dsa", NULL };

	return (other->master == d->index && is_one_of(d->kind, of_members)) ||
	       (other->index == d->link && !d->link_is_elsewhere && is_one_of(d->kind, of_link));
}

static bool is_known(const struct below *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (!strcmp(b->device[i], name))
			return true;
	return false;
}

static void add(struct below *b, const char *name)
{
	b->device = xreallocarray(b->device, b->n + 1, sizeof(*b->device));
	snprintf(b->device[b->n++], IFNAMSIZ, "%s", name);
}

void below_find(const char *device, struct below *ret)
{
	struct devices all;
	const struct device *d;

	*ret = (struct below){ 0 };
	list_devices(&all);
	d = find(&all, device);
	for (size_t next = 0; d; d = next < ret->n ? find(&all, ret->device[next++]) : NULL) {
		ret->has_bridge |= !strcmp(d->kind, "bridge");
		for (size_t i = 0; i < all.n; i++)
			if (sends_by(d, &all.item[i]) && strcmp(all.item[i].name, device) != 0 &&
			    !is_known(ret, all.item[i].name))
				add(ret, all.item[i].name);
	}
	free(all.item);
}
