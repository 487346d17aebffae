// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "host/netlink.h"
#include "host/route.h"

#define SEQ 1 /* each request has a netlink socket of its own */

const uint8_t route_far_ipv6[16] = { 0x20, 0x01, 0x05, 0x03, 0xba, 0x3e, [13] = 0x02, [15] = 0x30 };
const uint8_t route_far_ipv4[16] = { [10] = 0xff, 0xff, 198, 41, 0, 4 };

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static int on_attribute(const struct nlattr *attr, void *data)
{
	struct route *r = data;

	switch (mnl_attr_get_type(attr)) {
	case RTA_OIF:
		if (!if_indextoname(netlink_number(attr, 0), r->device))
			r->device[0] = '\0';
		text_clean(r->device);
		break;
	case RTA_GATEWAY:
		r->has_gateway = netlink_address(attr, r->gateway);
		break;
	case RTA_TABLE:
		r->table = netlink_number(attr, 0);
		break;
	case RTA_PREFSRC:
		r->has_source = netlink_address(attr, r->source);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

/* The kernel may answer a route that refuses (unreachable, prohibit, blackhole) as an error, or as a route. */
static int on_route(const struct nlmsghdr *msg, void *data)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(msg);
	struct route *r = data;

	if (!netlink_has(msg, sizeof(*m)))
		return MNL_CB_ERROR;
	mnl_attr_parse(msg, sizeof(*m), on_attribute, r);
	r->local = m->rtm_type == RTN_LOCAL;
	if (m->rtm_type != RTN_UNICAST && !r->local)
		r->error = ENETUNREACH;
	return MNL_CB_STOP;
}

void route_read(const void *answer, size_t length, uint32_t portid, struct route *ret)
{
	*ret = (struct route){ 0 };
	if (mnl_cb_run(answer, length, SEQ, portid, on_route, ret) < 0)
		ret->error = -netlink_error();
}

static void add_hop(const struct rtnexthop *next, const void *attributes, size_t length, void *data)
{
	struct route_hops *all = data;
	struct route r = { 0 };

	mnl_attr_parse_payload(attributes, length, on_attribute, &r);
	if (!if_indextoname((unsigned int)next->rtnh_ifindex, r.device))
		r.device[0] = '\0';
	text_clean(r.device);
	if (!(next->rtnh_flags & RTNH_F_DEAD) && all->n < sizeof(all->item) / sizeof(*all->item))
		all->item[all->n++] = r;
}

static int on_multipath(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == RTA_MULTIPATH)
		netlink_each_hop(attr, add_hop, data);
	return MNL_CB_OK;
}

static int on_hops(const struct nlmsghdr *msg, void *data)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(msg);

	if (!netlink_has(msg, sizeof(*m)))
		return MNL_CB_ERROR;
	if (m->rtm_type == RTN_UNICAST)
		mnl_attr_parse(msg, sizeof(*m), on_multipath, data);
	return MNL_CB_STOP;
}

void route_read_hops(const void *answer, size_t length, uint32_t portid, struct route_hops *ret)
{
	*ret = (struct route_hops){ 0 };
	mnl_cb_run(answer, length, SEQ, portid, on_hops, ret);
}

bool route_equal(const struct route *a, const struct route *b)
{
	if (a->error || b->error)
		return a->error && b->error;
	return !strcmp(a->device, b->device) && !memcmp(a->gateway, b->gateway, sizeof(a->gateway));
}

static void put_address(struct nlmsghdr *msg, uint16_t type, const uint8_t addr[16], size_t length)
{
	mnl_attr_put(msg, type, length, &addr[16 - length]);
}

/* What is asked. SOURCE and AS may be NULL. */
struct question {
	const uint8_t *dest, *source;
	const struct route_sender *as;
	uint32_t flags;
};

static void put_sender(struct nlmsghdr *msg, const struct route_sender *as)
{
	mnl_attr_put_u32(msg, RTA_UID, as->uid);
	if (as->port) {
		mnl_attr_put_u8(msg, RTA_IP_PROTO, IPPROTO_TCP);
		mnl_attr_put_u16(msg, RTA_DPORT, htons(as->port));
	}
	if (as->mark)
		mnl_attr_put_u32(msg, RTA_MARK, as->mark);
}

static void put_question(struct nlmsghdr *request, const struct question *q)
{
	struct rtmsg *route = mnl_nlmsg_put_extra_header(request, sizeof(*route));
	size_t length = memcmp(q->dest, mapped, sizeof(mapped)) ? 16 : 4;

	route->rtm_family = length == 16 ? AF_INET6 : AF_INET;
	route->rtm_dst_len = (unsigned char)(length * 8);
	route->rtm_flags = q->flags;
	put_address(request, RTA_DST, q->dest, length);
	if (q->source) {
		route->rtm_src_len = (unsigned char)(length * 8);
		put_address(request, RTA_SRC, q->source, length);
	}
	if (q->as)
		put_sender(request, q->as);
}

/* Puts the answer into BUFFER. Its length, or a negative errno. */
static ssize_t converse(struct mnl_socket *nl, const struct question *q, char *buffer, size_t size)
{
	struct nlmsghdr *request = netlink_request(buffer, RTM_GETROUTE, 0, SEQ);
	ssize_t n;

	put_question(request, q);
	if (mnl_socket_sendto(nl, request, request->nlmsg_len) < 0)
		return -errno;
	n = mnl_socket_recvfrom(nl, buffer, size);
	return n < 0 ? -errno : n;
}

static int ask(const struct question *q, void (*read)(const void *, size_t, uint32_t, void *), void *ret,
	       struct failure *f)
{
	struct mnl_socket *nl = netlink_open(NETLINK_ROUTE);
	ssize_t n = nl ? 0 : -errno;
	char buffer[8192];

	if (nl) {
		n = converse(nl, q, buffer, sizeof(buffer));
		if (n >= 0)
			read(buffer, (size_t)n, mnl_socket_get_portid(nl), ret);
		mnl_socket_close(nl);
	}
	return n < 0 ? fail(f, (int)n, "cannot ask the kernel for a route (rtnetlink): %s", strerror((int)-n)) : 0;
}

static void read_one(const void *answer, size_t length, uint32_t portid, void *ret)
{
	route_read(answer, length, portid, ret);
}

static void read_hops(const void *answer, size_t length, uint32_t portid, void *ret)
{
	route_read_hops(answer, length, portid, ret);
}

/* IPv4 would not tell the table without RTM_F_LOOKUP_TABLE. */
int route_for(const uint8_t dest[16], const uint8_t *source, const struct route_sender *as, struct route *ret,
	      struct failure *f)
{
	*ret = (struct route){ 0 };
	return ask(&(struct question){ dest, source, as, RTM_F_LOOKUP_TABLE }, read_one, ret, f);
}

int route_to(const uint8_t dest[16], const uint8_t *source, struct route *ret, struct failure *f)
{
	return route_for(dest, source, NULL, ret, f);
}

/* By the route itself, and not by what the kernel makes of it for one connection. */
int route_hops(const uint8_t dest[16], const uint8_t *source, const struct route_sender *as, struct route_hops *ret,
	       struct failure *f)
{
	*ret = (struct route_hops){ 0 };
	return ask(&(struct question){ dest, source, as, RTM_F_LOOKUP_TABLE | RTM_F_FIB_MATCH }, read_hops, ret, f);
}
