// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/ip.h"
#include "base/text.h"
#include "host/netlink.h"
#include "host/uplink.h"

#define ONE 1 /* each request has a netlink socket of its own */

/* What is read of a link. */
struct link_query {
	struct link *link;
	uint32_t master; /* the index of the device that it belongs to; 0: none */
	bool in_vrf;
};

static int on_kind(const struct nlattr *attr, void *data)
{
	uint16_t type = mnl_attr_get_type(attr);
	struct link_query *q = data;

	if ((type != IFLA_INFO_KIND && type != IFLA_INFO_SLAVE_KIND) ||
	    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0)
		return MNL_CB_OK;
	if (type == IFLA_INFO_SLAVE_KIND) {
		q->in_vrf = !strcmp(mnl_attr_get_str(attr), "vrf");
		return MNL_CB_OK;
	}
	q->link->inside |= !strcmp(mnl_attr_get_str(attr), "dummy");
	q->link->bridge = !strcmp(mnl_attr_get_str(attr), "bridge");
	return MNL_CB_OK;
}

static int on_link_attribute(const struct nlattr *attr, void *data)
{
	struct link_query *q = data;

	if (mnl_attr_get_type(attr) == IFLA_CARRIER && mnl_attr_validate(attr, MNL_TYPE_U8) >= 0)
		q->link->carrier = mnl_attr_get_u8(attr);
	if (mnl_attr_get_type(attr) == IFLA_MASTER)
		q->master = netlink_number(attr, 0);
	return mnl_attr_get_type(attr) == IFLA_LINKINFO ? mnl_attr_parse_nested(attr, on_kind, q) : MNL_CB_OK;
}

static int on_link(const struct nlmsghdr *msg, void *data)
{
	const struct ifinfomsg *i = mnl_nlmsg_get_payload(msg);
	struct link_query *q = data;
	struct link *l = q->link;

	if (!netlink_has(msg, sizeof(*i)))
		return MNL_CB_ERROR;
	l->up = i->ifi_flags & IFF_UP;
	l->carrier = true; /* unless an attribute says otherwise */
	l->inside = i->ifi_flags & IFF_LOOPBACK;
	l->arp = !(i->ifi_flags & (IFF_NOARP | IFF_LOOPBACK));
	return mnl_attr_parse(msg, sizeof(*i), on_link_attribute, q) < 0 ? MNL_CB_ERROR : MNL_CB_STOP;
}

static int ask_link(struct mnl_socket *nl, const char *device, struct link *ret)
{
	char buffer[16384]; /* a link has many attributes */
	struct nlmsghdr *request = netlink_request(buffer, RTM_GETLINK, 0, ONE);
	struct link_query q = { .link = ret };
	struct ifinfomsg *i;
	ssize_t n;

	i = mnl_nlmsg_put_extra_header(request, sizeof(*i));
	i->ifi_index = (int)if_nametoindex(device);
	if (!i->ifi_index)
		return -ENODEV;
	if (mnl_socket_sendto(nl, request, request->nlmsg_len) < 0)
		return -errno;
	n = mnl_socket_recvfrom(nl, buffer, sizeof(buffer));
	if (n < 0)
		return -errno;
	n = netlink_read(buffer, (size_t)n, ONE, mnl_socket_get_portid(nl), on_link, &q);
	if (q.in_vrf && !if_indextoname(q.master, ret->vrf))
		ret->vrf[0] = '\0';
	text_clean(ret->vrf);
	return n < 0 ? (int)n : 0;
}

static int cannot_ask(int err, struct failure *f)
{
	return fail(f, err, "cannot ask the kernel for its devices and routers (rtnetlink): %s", strerror(-err));
}

int link_read(const char *device, struct link *ret, struct failure *f)
{
	struct mnl_socket *nl = netlink_open(NETLINK_ROUTE);
	int err = nl ? 0 : -errno;

	*ret = (struct link){ 0 };
	if (nl) {
		err = ask_link(nl, device, ret);
		mnl_socket_close(nl);
	}
	return err ? cannot_ask(err, f) : 0;
}

/* What is read of routes. */
struct routers_query {
	struct routers *all;
	bool wide; /* also the devices without a router, and the halves of the internet */
};

/* GATEWAY may be NULL. */
static void add_router(const struct routers_query *q, const struct nlattr *gateway, unsigned int device)
{
	struct router r = { .device = device };
	struct routers *all = q->all;

	if (!netlink_address(gateway, r.address) && !q->wide)
		return;
	for (size_t i = 0; i < all->n; i++)
		if (!memcmp(&all->item[i], &r, sizeof(r)))
			return;
	if (all->n < sizeof(all->item) / sizeof(*all->item))
		all->item[all->n++] = r;
}

struct hop {
	const struct nlattr *gateway, *multipath;
	uint32_t device;
};

static int on_hop_attribute(const struct nlattr *attr, void *data)
{
	struct hop *h = data;

	if (mnl_attr_get_type(attr) == RTA_GATEWAY)
		h->gateway = attr;
	else if (mnl_attr_get_type(attr) == RTA_OIF)
		h->device = netlink_number(attr, 0);
	else if (mnl_attr_get_type(attr) == RTA_MULTIPATH)
		h->multipath = attr;
	return MNL_CB_OK;
}

static void add_hop(const struct rtnexthop *next, const void *attributes, size_t length, void *data)
{
	struct hop h = { 0 };

	mnl_attr_parse_payload(attributes, length, on_hop_attribute, &h);
	add_router(data, h.gateway, (unsigned int)next->rtnh_ifindex);
}

static int on_route(const struct nlmsghdr *msg, void *data)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(msg);
	const struct routers_query *q = data;
	struct hop h = { 0 };

	if (msg->nlmsg_type != RTM_NEWROUTE)
		return MNL_CB_OK;
	if (!netlink_has(msg, sizeof(*m)))
		return MNL_CB_ERROR;
	if (m->rtm_dst_len > (q->wide ? 1 : 0) || m->rtm_type != RTN_UNICAST)
		return MNL_CB_OK;
	mnl_attr_parse(msg, sizeof(*m), on_hop_attribute, &h);
	if (h.multipath)
		netlink_each_hop(h.multipath, add_hop, data);
	else
		add_router(q, h.gateway, h.device);
	return MNL_CB_OK;
}

/* A route with several next hops is listed for each device of them. */
static void keep_by(struct routers *all, unsigned int device)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->n; i++)
		if (all->item[i].device == device)
			all->item[kept++] = all->item[i];
	all->n = kept;
}

static void empty(void *data)
{
	const struct routers_query *q = data;

	*q->all = (struct routers){ 0 };
}

/* The kernel leaves out the other routes: there may be many. */
static int list_routers(unsigned char family, unsigned char protocol, const char *device, const struct routers_query *q,
			struct failure *f)
{
	char buffer[64]; /* enough for its two headers and a number */
	struct nlmsghdr *request = netlink_dump_request(buffer, RTM_GETROUTE);
	struct rtmsg *route = mnl_nlmsg_put_extra_header(request, sizeof(*route));
	int err;

	*q->all = (struct routers){ 0 };
	route->rtm_family = family;
	route->rtm_protocol = protocol;
	if (device)
		mnl_attr_put_u32(request, RTA_OIF, if_nametoindex(device));
	err = netlink_list(request, on_route, empty, (void *)q);
	if (device)
		keep_by(q->all, if_nametoindex(device));
	return err ? cannot_ask(err, f) : 0;
}

int routers_by(const char *device, bool ipv4, struct routers *ret, struct failure *f)
{
	return list_routers(ipv4 ? AF_INET : AF_INET6, RTPROT_UNSPEC, device, &(struct routers_query){ ret, false }, f);
}

int uplinks_list(bool ipv4, struct routers *ret, struct failure *f)
{
	return list_routers(ipv4 ? AF_INET : AF_INET6, RTPROT_UNSPEC, NULL, &(struct routers_query){ ret, true }, f);
}

int routers_advertised(struct routers *ret, struct failure *f)
{
	return list_routers(AF_INET6, RTPROT_RA, NULL, &(struct routers_query){ ret, false }, f);
}

static int on_neighbour(const struct nlmsghdr *msg, void *data)
{
	const struct ndmsg *n = mnl_nlmsg_get_payload(msg);
	bool *failed = data;

	if (!netlink_has(msg, sizeof(*n)))
		return MNL_CB_ERROR;
	*failed = n->ndm_state & NUD_FAILED;
	return MNL_CB_STOP;
}

bool neighbour_has_failed(const char *device, const uint8_t address[16])
{
	size_t length = address_is_ipv4(address) ? 4 : 16;
	struct mnl_socket *nl = netlink_open(NETLINK_ROUTE);
	struct nlmsghdr *request;
	bool failed = false;
	char buffer[8192];
	struct ndmsg *n;
	ssize_t got;

	if (!nl)
		return false;
	request = netlink_request(buffer, RTM_GETNEIGH, 0, ONE);
	n = mnl_nlmsg_put_extra_header(request, sizeof(*n));
	n->ndm_family = length == 4 ? AF_INET : AF_INET6;
	n->ndm_ifindex = (int)if_nametoindex(device);
	mnl_attr_put(request, NDA_DST, length, address + 16 - length);
	if (mnl_socket_sendto(nl, request, request->nlmsg_len) >= 0 &&
	    (got = mnl_socket_recvfrom(nl, buffer, sizeof(buffer))) > 0)
		netlink_read(buffer, (size_t)got, ONE, mnl_socket_get_portid(nl), on_neighbour, &failed);
	mnl_socket_close(nl);
	return failed;
}

static unsigned int read_setting(const char *device, const char *setting)
{
	_cleanup_fclose_ FILE *in = NULL;
	unsigned int value = 0;
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/%s", device, setting);
	in = fopen(path, "re");
	return in && fscanf(in, "%u", &value) == 1 ? value : 0;
}

unsigned int uplink_setting(const char *device, const char *setting)
{
	unsigned int all = read_setting("all", setting), its = read_setting(device, setting);

	return all > its ? all : its;
}
