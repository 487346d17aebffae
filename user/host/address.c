// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "host/address.h"
#include "host/netlink.h"

struct attributes {
	const struct nlattr *at[RTA_MAX + 1];
};

static int on_attribute(const struct nlattr *attr, void *data)
{
	struct attributes *all = data;

	if (mnl_attr_type_valid(attr, RTA_MAX) > 0)
		all->at[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static bool is_wanted(const struct nlattr *attr, const struct address_query *q)
{
	uint8_t address[16];

	return netlink_address(attr, address) && !memcmp(address, q->addr, sizeof(address));
}

static uint32_t bits_of(unsigned char family)
{
	return family == AF_INET ? 32 : 128;
}

#define DAD 200 /* hundredths of a second: a delay of up to one second, and one to wait (RFC 4862, 5.4.2) */

static void read_times(const struct nlattr *attr, struct address_state *s)
{
	struct ifa_cacheinfo info = { .ifa_valid = UINT32_MAX };

	if (attr && mnl_attr_get_payload_len(attr) >= sizeof(info))
		memcpy(&info, mnl_attr_get_payload(attr), sizeof(info));
	s->valid = info.ifa_valid;
	s->since = info.cstamp;
}

static void read_on_link(const struct ifaddrmsg *ifa, const struct nlattr *addr, struct prefix *ret)
{
	uint32_t bits = bits_of(ifa->ifa_family);

	*ret = (struct prefix){ .prefixlen = 128 };
	if (ifa->ifa_prefixlen <= bits && netlink_address(addr, ret->addr))
		ret->prefixlen -= bits - ifa->ifa_prefixlen;
}

static int on_address(const struct nlmsghdr *msg, void *data)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(msg);
	struct attributes all = { 0 };
	const struct address_query *q = data;
	struct address_state *s = q->state;
	uint32_t flags;

	if (!netlink_has(msg, sizeof(*ifa)))
		return MNL_CB_ERROR;
	mnl_attr_parse(msg, sizeof(*ifa), on_attribute, &all);
	/* on a point-to-point link IFA_ADDRESS is the peer's */
	if (s->usable || !is_wanted(all.at[all.at[IFA_LOCAL] ? IFA_LOCAL : IFA_ADDRESS], q))
		return MNL_CB_OK;
	flags = netlink_number(all.at[IFA_FLAGS], ifa->ifa_flags);
	if (!if_indextoname(ifa->ifa_index, s->device))
		s->device[0] = '\0';
	text_clean(s->device); /* another user may have named it, in a namespace of their own */
	s->duplicate = flags & IFA_F_DADFAILED;
	s->tentative = (flags & IFA_F_TENTATIVE) && !(flags & IFA_F_OPTIMISTIC);
	/* the kernel marks IPv4 addresses so too, but still chooses them */
	s->deprecated = q->family == AF_INET6 && (flags & IFA_F_DEPRECATED);
	/* IPv4's secondary addresses have the same bit */
	s->temporary = q->family == AF_INET6 && (flags & IFA_F_TEMPORARY);
	s->permanent = flags & IFA_F_PERMANENT;
	read_times(all.at[IFA_CACHEINFO], s);
	s->since += q->family == AF_INET6 && !(flags & IFA_F_NODAD) ? DAD : 0;
	read_on_link(ifa, all.at[IFA_ADDRESS], &s->on_link);
	if (s->duplicate)
		snprintf(s->why, sizeof(s->why), "in use by another host too (duplicate address detection failed)");
	else if (s->tentative)
		snprintf(s->why, sizeof(s->why), "tentative (duplicate address detection is not over)");
	else
		s->usable = true;
	if (s->usable)
		s->why[0] = '\0';
	return MNL_CB_OK;
}

/* Is the address in the prefix of the route? Without DST it is one for all. */
static bool route_covers(const struct rtmsg *route, const struct nlattr *dst, const struct address_query *q)
{
	struct prefix p = { .prefixlen = 128 - bits_of(q->family) + route->rtm_dst_len };

	if (!dst)
		return !route->rtm_dst_len;
	return p.prefixlen <= q->bits && netlink_address(dst, p.addr) && prefix_covers(&p, q->addr);
}

static int on_route(const struct nlmsghdr *msg, void *data)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(msg);
	struct attributes all = { 0 };
	struct address_query *q = data;

	if (!netlink_has(msg, sizeof(*route)))
		return MNL_CB_ERROR;
	mnl_attr_parse(msg, sizeof(*route), on_attribute, &all);
	if (route->rtm_table != RT_TABLE_LOCAL || !route_covers(route, all.at[RTA_DST], q) ||
	    route->rtm_dst_len < q->route_length)
		return MNL_CB_OK;
	/* a /128 of one address may be there twice, local and anycast: the kernel goes by the first */
	if (route->rtm_dst_len == q->route_length && q->route_type == RTN_LOCAL)
		return MNL_CB_OK;
	q->route_length = route->rtm_dst_len;
	q->route_type = route->rtm_type;
	q->route_device = netlink_number(all.at[RTA_OIF], 0);
	return MNL_CB_OK;
}

static int on_message(const struct nlmsghdr *msg, void *data)
{
	if (msg->nlmsg_type == RTM_NEWADDR)
		return on_address(msg, data);
	return msg->nlmsg_type == RTM_NEWROUTE ? on_route(msg, data) : MNL_CB_OK;
}

int address_read(const void *messages, size_t length, uint32_t seq, uint32_t portid, struct address_query *q)
{
	return netlink_read(messages, length, seq, portid, on_message, q);
}

static int dump_addresses(struct mnl_socket *nl, struct address_query *q)
{
	char buffer[64]; /* enough for its two headers */
	struct nlmsghdr *request = netlink_dump_request(buffer, RTM_GETADDR);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(request, sizeof(*ifa));

	ifa->ifa_family = q->family;
	return netlink_dump(nl, request, on_message, q);
}

/* A socket can be bound to what has such a route, and our programs look there. */
static int dump_local_routes(struct mnl_socket *nl, struct address_query *q)
{
	char buffer[64]; /* enough for its two headers */
	struct nlmsghdr *request = netlink_dump_request(buffer, RTM_GETROUTE);
	struct rtmsg *route = mnl_nlmsg_put_extra_header(request, sizeof(*route));

	route->rtm_family = q->family;
	route->rtm_table = RT_TABLE_LOCAL;
	return netlink_dump(nl, request, on_message, q);
}

static bool binds_nonlocal(bool ipv4)
{
	_cleanup_fclose_ FILE *in =
		fopen(ipv4 ? "/proc/sys/net/ipv4/ip_nonlocal_bind" : "/proc/sys/net/ipv6/ip_nonlocal_bind", "re");

	return in && fgetc(in) == '1';
}

/*
 * No device has it, but an administrator has made all of a prefix local
 * ("AnyIP"). That is enough for a bind of IPv4 (inet_addr_type_table()), but
 * not of IPv6 (ipv6_can_nonlocal_bind() in __inet6_bind()).
 */
static void find_by_route(const struct address_query *q, struct address_state *s)
{
	bool ipv4 = q->family == AF_INET;

	if (!if_indextoname(q->route_device, s->device))
		s->device[0] = '\0';
	text_clean(s->device);
	s->by_route = true;
	s->permanent = true;
	s->valid = UINT32_MAX;
	s->needs_nonlocal = !ipv4 && !binds_nonlocal(ipv4);
	s->usable = !s->needs_nonlocal;
	snprintf(s->why, sizeof(s->why), "%s",
		 s->usable ? "" : "local by a route, but no socket can be bound to it (net.ipv6.ip_nonlocal_bind = 0)");
}

static bool is_prefix(const struct address_query *q)
{
	return q->bits < 128;
}

static int ask(struct mnl_socket *nl, struct address_query *q)
{
	struct address_state *s = q->state;
	int err;

	*s = (struct address_state){ .why = "not an address of this host" };
	q->route_length = -1;
	if (is_prefix(q))
		snprintf(s->why, sizeof(s->why), "not local: no route makes all of it addresses of this host");
	err = is_prefix(q) ? 0 : dump_addresses(nl, q);
	if (err || s->tentative || s->duplicate)
		return err;
	err = dump_local_routes(nl, q);
	if (err)
		return err;
	if (!s->usable && q->route_length >= 0 && q->route_type == RTN_LOCAL) {
		find_by_route(q, s);
		return 0;
	}
	s->anycast = s->usable && q->route_length == (int)bits_of(q->family) && q->route_type == RTN_ANYCAST;
	s->usable &= q->route_length >= 0 && q->route_type == RTN_LOCAL;
	if (s->anycast)
		snprintf(s->why, sizeof(s->why),
			 "on %s, as the anycast address of its subnet's routers, of which this host is one", s->device);
	return 0;
}

static void find_lack(const uint8_t addr[16], struct address_state *s)
{
	if (s->usable || s->duplicate || s->anycast || s->by_route)
		return;
	lack_find(addr, s->device, s->tentative, &s->lack);
	if (*s->lack.why)
		memcpy(s->why, s->lack.why, sizeof(s->why));
}

int address_state(const uint8_t addr[16], struct address_state *ret, struct failure *f)
{
	struct prefix p = { .prefixlen = 128 };

	memcpy(p.addr, addr, sizeof(p.addr));
	return source_state(&p, ret, f);
}

int source_state(const struct prefix *p, struct address_state *ret, struct failure *f)
{
	bool ipv4 = prefix_is_ipv4(p);
	struct address_query q = {
		.family = ipv4 ? AF_INET : AF_INET6, .addr = p->addr, .bits = p->prefixlen, .state = ret
	};
	struct mnl_socket *nl;
	int err, one = 1;

	*ret = (struct address_state){ 0 };
	nl = netlink_open(NETLINK_ROUTE);
	if (!nl)
		return fail(f, -errno, "cannot ask the kernel for its addresses (rtnetlink): %s", strerror(errno));
	/* without this the kernel would list the routes of all tables */
	mnl_socket_setsockopt(nl, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	err = ask(nl, &q);
	/* NLM_F_DUMP_INTR: the addresses changed meanwhile, so some may be missing */
	for (int i = 0; err == -EINTR && i < 20; i++)
		err = ask(nl, &q);
	mnl_socket_close(nl);
	if (err)
		return fail(f, err, "cannot ask the kernel for its addresses (rtnetlink): %s", strerror(-err));
	if (!is_prefix(&q))
		find_lack(p->addr, ret);
	ret->nonlocal = ipv4 && !ret->usable && binds_nonlocal(ipv4);
	return 0;
}
