// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "host/netlink.h"
#include "host/route.h"

#define SEQ 1 /* each request has a netlink socket of its own */

const uint8_t route_far_ipv6[16] = { 0x20, 0x01, 0x05, 0x03, 0xba, 0x3e, [13] = 0x02, [15] = 0x30 };
const uint8_t route_far_ipv4[16] = { [10] = 0xff, 0xff, 198, 41, 0, 4 };

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static void copy_address(uint8_t to[16], const struct nlattr *attr)
{
	size_t length = mnl_attr_get_payload_len(attr);

	memcpy(to, mapped, sizeof(mapped));
	if (length == 4 || length == 16)
		memcpy(to + 16 - length, mnl_attr_get_payload(attr), length);
}

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
		copy_address(r->gateway, attr);
		r->has_gateway = true;
		break;
	case RTA_TABLE:
		r->table = netlink_number(attr, 0);
		break;
	case RTA_PREFSRC:
		copy_address(r->source, attr);
		r->has_source = true;
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
	if (m->rtm_type != RTN_UNICAST && m->rtm_type != RTN_LOCAL)
		r->error = ENETUNREACH;
	return MNL_CB_STOP;
}

void route_read(const void *answer, size_t length, uint32_t portid, struct route *ret)
{
	*ret = (struct route){ 0 };
	if (mnl_cb_run(answer, length, SEQ, portid, on_route, ret) < 0)
		ret->error = -netlink_error();
}

static void put_address(struct nlmsghdr *msg, uint16_t type, const uint8_t addr[16], size_t length)
{
	mnl_attr_put(msg, type, length, &addr[16 - length]);
}

static int converse(struct mnl_socket *nl, const struct nlmsghdr *request, struct route *ret)
{
	char buffer[8192];
	ssize_t n;

	if (mnl_socket_sendto(nl, request, request->nlmsg_len) < 0)
		return -errno;
	n = mnl_socket_recvfrom(nl, buffer, sizeof(buffer));
	if (n < 0)
		return -errno;
	route_read(buffer, (size_t)n, mnl_socket_get_portid(nl), ret);
	return 0;
}

/* SOURCE and UID may be NULL. */
static int ask(const uint8_t dest[16], const uint8_t *source, const uint32_t *uid, struct route *ret, struct failure *f)
{
	size_t length = memcmp(dest, mapped, sizeof(mapped)) ? 16 : 4;
	struct mnl_socket *nl = netlink_open(NETLINK_ROUTE);
	struct nlmsghdr *request;
	struct rtmsg *route;
	char buffer[128]; /* enough for its headers, two addresses and a number */
	int err;

	*ret = (struct route){ 0 };
	if (!nl)
		return fail(f, -errno, "cannot ask the kernel for a route (rtnetlink): %s", strerror(errno));
	request = netlink_request(buffer, RTM_GETROUTE, 0, SEQ);
	route = mnl_nlmsg_put_extra_header(request, sizeof(*route));
	route->rtm_family = length == 16 ? AF_INET6 : AF_INET;
	route->rtm_dst_len = (unsigned char)(length * 8);
	route->rtm_flags = RTM_F_LOOKUP_TABLE; /* IPv4 would not tell the table otherwise */
	put_address(request, RTA_DST, dest, length);
	if (source) {
		route->rtm_src_len = (unsigned char)(length * 8);
		put_address(request, RTA_SRC, source, length);
	}
	if (uid)
		mnl_attr_put_u32(request, RTA_UID, *uid);
	err = converse(nl, request, ret);
	mnl_socket_close(nl);
	return err ? fail(f, err, "cannot ask the kernel for a route (rtnetlink): %s", strerror(-err)) : 0;
}

int route_to(const uint8_t dest[16], const uint8_t *source, struct route *ret, struct failure *f)
{
	return ask(dest, source, NULL, ret, f);
}

int route_of_user(const uint8_t dest[16], uint32_t uid, struct route *ret, struct failure *f)
{
	return ask(dest, NULL, &uid, ret, f);
}
