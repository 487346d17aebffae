// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Who is heard on a netlink socket of ours, and what is made of messages that the kernel would not send. */
#include <errno.h>
#include <limits.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/address.h"
#include "host/netlink.h"
#include "host/route.h"
#include "host/sockets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h> /* has a macro fail(): after ours */

/* As root; others may not send to it at all. */
static void the_kernel_alone_is_heard(void **state)
{
	struct mnl_socket *ours = netlink_open(NETLINK_ROUTE), *theirs = mnl_socket_open(NETLINK_ROUTE);
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	char buffer[8192];
	struct nlmsghdr *msg;

	(void)state;
	assert_non_null(ours);
	assert_non_null(theirs);
	to.nl_pid = mnl_socket_get_portid(ours);
	msg = mnl_nlmsg_put_header(buffer);
	msg->nlmsg_type = RTM_NEWADDR;
	assert_int_equal(sendto(mnl_socket_get_fd(theirs), msg, msg->nlmsg_len, 0, (struct sockaddr *)&to, sizeof(to)),
			 -1);
	assert_int_equal(errno, geteuid() ? EPERM : ECONNREFUSED);

	/* the kernel is */
	msg->nlmsg_type = RTM_GETADDR;
	msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(msg, sizeof(struct rtgenmsg));
	assert_true(mnl_socket_sendto(ours, msg, msg->nlmsg_len) > 0);
	assert_true(mnl_socket_recvfrom(ours, buffer, sizeof(buffer)) > 0);
	mnl_socket_close(theirs);
	mnl_socket_close(ours);
}

struct message {
	struct nlmsghdr header;
	char payload[64];
};

static const struct message *message(struct message *m, __u16 type, size_t length, const void *payload)
{
	*m = (struct message){ .header = { .nlmsg_len = (__u32)(sizeof(m->header) + length), .nlmsg_type = type } };
	memcpy(m->payload, payload, length);
	return m;
}

static void a_short_message_is_an_error(void **state)
{
	/* its type would be read all the same where it is cut off before that */
	const struct rtmsg route = {
		.rtm_family = AF_INET, .rtm_dst_len = 32, .rtm_table = RT_TABLE_LOCAL, .rtm_type = RTN_UNREACHABLE
	};
	struct message m;
	struct route r;

	(void)state;
	message(&m, RTM_NEWROUTE, sizeof(route), &route);
	route_read(&m, m.header.nlmsg_len, 0, &r);
	assert_int_equal(r.error, ENETUNREACH);
	m.header.nlmsg_len -= 8;
	route_read(&m, m.header.nlmsg_len, 0, &r);
	assert_int_equal(r.error, EPROTO);
}

/* Of two that say the same thing the last one counts, and if that is no address, there is none. */
static void the_last_address_counts(void **state)
{
	struct {
		struct rtmsg route;
		struct nlattr first;
		__u8 address[4];
		struct nlattr second;
		__u8 more[8];
	} m = {
		.route = { .rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_type = RTN_UNICAST },
		.first = { .nla_len = 8, .nla_type = RTA_PREFSRC },
		.address = { 192, 0, 2, 1 },
		.second = { .nla_len = 8, .nla_type = RTA_PREFSRC },
		.more = { 192, 0, 2, 2 },
	};
	struct message got;
	struct route r;

	(void)state;
	message(&got, RTM_NEWROUTE, sizeof(m), &m);
	route_read(&got, got.header.nlmsg_len, 0, &r);
	assert_true(r.has_source && r.source[15] == 2);
	m.second.nla_len = 12;
	message(&got, RTM_NEWROUTE, sizeof(m), &m);
	route_read(&got, got.header.nlmsg_len, 0, &r);
	assert_true(!r.has_source && r.source[10] == 0 && r.source[15] == 0);
}

/* A route with two next hops, the second of which says that it is longer than the message. */
static void a_next_hop_ends_with_the_message(void **state)
{
	struct {
		struct rtmsg route;
		struct nlattr attr;
		struct rtnexthop first;
		struct nlattr gateway;
		__u8 address[4];
		struct rtnexthop second;
	} m = {
		.route = { .rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_type = RTN_UNICAST },
		.attr = { .nla_len = 4 + 8 + 8 + 8, .nla_type = RTA_MULTIPATH },
		.first = { .rtnh_len = 16, .rtnh_ifindex = 1 },
		.gateway = { .nla_len = 8, .nla_type = RTA_GATEWAY },
		.address = { 192, 0, 2, 1 },
		.second = { .rtnh_len = 8, .rtnh_ifindex = 1 },
	};
	struct route_hops hops;
	struct message got;

	(void)state;
	message(&got, RTM_NEWROUTE, sizeof(m), &m);
	route_read_hops(&got, got.header.nlmsg_len, 0, &hops);
	assert_int_equal(hops.n, 2);
	assert_true(hops.item[0].has_gateway && hops.item[0].gateway[15] == 1 && !hops.item[1].has_gateway);
	assert_string_equal(hops.item[0].device, "lo");
	m.second.rtnh_len = 16;
	message(&got, RTM_NEWROUTE, sizeof(m), &m);
	route_read_hops(&got, got.header.nlmsg_len, 0, &hops);
	assert_int_equal(hops.n, 1);
}

static void what_is_no_errno_is_an_error(void **state)
{
	const struct nlmsgerr refused = { .error = -EPERM }, none = { .error = INT_MIN };
	struct open_sockets list = { 0 };
	const struct cgroup_ids of = { 0 };
	struct sockets_query q = { .of = &of, .list = &list, .protocol = IPPROTO_TCP };
	struct address_query a = { .family = AF_INET };
	struct message m;
	struct route r;

	(void)state;
	message(&m, NLMSG_ERROR, sizeof(refused), &refused);
	assert_int_equal(sockets_read(&m, m.header.nlmsg_len, 0, &q), -EPERM);
	assert_int_equal(address_read(&m, m.header.nlmsg_len, 0, 0, &a), -EPERM);
	route_read(&m, m.header.nlmsg_len, 0, &r);
	assert_int_equal(r.error, EPERM);
	message(&m, NLMSG_ERROR, sizeof(none), &none);
	assert_int_equal(sockets_read(&m, m.header.nlmsg_len, 0, &q), -EPROTO);
	assert_int_equal(address_read(&m, m.header.nlmsg_len, 0, 0, &a), -EPROTO);
	route_read(&m, m.header.nlmsg_len, 0, &r);
	assert_int_equal(r.error, EPROTO);
	sockets_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_alone_is_heard),    cmocka_unit_test(a_short_message_is_an_error),
		cmocka_unit_test(the_last_address_counts),      cmocka_unit_test(a_next_hop_ends_with_the_message),
		cmocka_unit_test(what_is_no_errno_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
