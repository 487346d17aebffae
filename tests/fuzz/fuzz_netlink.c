// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libFuzzer: any bytes as a datagram of the kernel's, by rtnetlink or
 * sock_diag. The first byte chooses who reads it.
 */
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "host/address.h"
#include "fuzz.h"
#include "policy/compile.h"
#include "policy/policy.h"
#include "host/route.h"
#include "host/sockets.h"
#include "host/older.h"

enum { ADDRESSES_IPV4, ADDRESSES_IPV6, ROUTE, SOCKETS_TCP, SOCKETS_UDP, N_READERS };

static bool ends(const char *text, size_t size)
{
	return memchr(text, '\0', size);
}

static void read_addresses(const void *message, size_t size, unsigned char family)
{
	static const uint8_t wanted[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	static const uint8_t wanted4[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 };
	struct address_state state = { .why = "not an address of this host" };
	struct address_query q = {
		.family = family,
		.addr = family == AF_INET ? wanted4 : wanted,
		.bits = 128,
		.state = &state,
	};

	REQUIRE(address_read(message, size, 0, 0, &q) <= 1);
	REQUIRE(ends(state.device, sizeof(state.device)) && ends(state.why, sizeof(state.why)));
	REQUIRE(state.usable == !*state.why);
	REQUIRE(!state.usable || (!state.duplicate && !state.tentative));
	REQUIRE(family == AF_INET6 || (!state.deprecated && !state.temporary));
}

static void read_route(const void *message, size_t size)
{
	struct route_hops hops;
	struct route r;

	route_read_hops(message, size, 0, &hops);
	REQUIRE(hops.n <= sizeof(hops.item) / sizeof(*hops.item));
	for (size_t i = 0; i < hops.n; i++)
		REQUIRE(ends(hops.item[i].device, sizeof(hops.item[i].device)));
	route_read(message, size, 0, &r);
	REQUIRE(ends(r.device, sizeof(r.device)) && *strerror(r.error));
	REQUIRE(r.has_gateway || is_zero(r.gateway, sizeof(r.gateway)));
	REQUIRE(r.has_source || is_zero(r.source, sizeof(r.source)));
}

static const struct policy *policy(void)
{
	static char text[] = "[x]\nsource = 2001:db8::1\nsource4 = 192.0.2.1\nbound = deny\nports = 25 587\n"
			     "exempt = 2001:db8:2::/48\n";
	static struct diagnostics d;
	static struct config c;
	static struct policy p;
	FILE *in;

	if (p.n_entries)
		return &p;
	in = fmemopen(text, sizeof(text) - 1, "r");
	REQUIRE(in && !config_parse(in, &c, &d) && policy_compile(&c.section[0], &p, &d));
	fclose(in);
	return &p;
}

static void read_sockets(const void *message, size_t size, uint8_t protocol)
{
	uint64_t id[] = { 0, 42 };
	const struct cgroup_ids of = { id, 2 };
	struct open_sockets all = { 0 };
	struct sockets_query q = { .of = &of, .list = &all, .protocol = protocol };

	REQUIRE(sockets_read(message, size, 0, &q) <= 1);
	REQUIRE(all.n <= size / (16 + sizeof(struct inet_diag_msg)));
	for (size_t i = 0; i < all.n; i++) {
		const struct open_socket *s = &all.item[i];

		REQUIRE(s->protocol == protocol);
		REQUIRE(s->family == AF_INET6 || (is_mapped(s->local) && is_mapped(s->remote)));
		if (older_rule(policy(), s))
			REQUIRE(memcmp(older_rule(policy(), s)->source, s->local, sizeof(s->local)) != 0);
		older_was_accepted(&all, s);
	}
	sockets_free(&all);
}

/* The kernel writes no length beyond the datagram's; libmnl 1.0.4 reads on after one of more than 2 GiB. */
static bool fits(const void *message, size_t size)
{
	struct nlmsghdr header;

	for (const char *p = message; size >= sizeof(header); p += NLMSG_ALIGN(header.nlmsg_len)) {
		memcpy(&header, p, sizeof(header));
		if (header.nlmsg_len > INT32_MAX)
			return false;
		if (header.nlmsg_len < sizeof(header) || NLMSG_ALIGN(header.nlmsg_len) >= size)
			break;
		size -= NLMSG_ALIGN(header.nlmsg_len);
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const void *message;

	if (!size || size > 32768)
		return -1;
	message = at_the_edge(data + 1, size - 1, 4); /* as libmnl takes the end of a message */
	if (!fits(message, size - 1))
		return -1;
	switch (*data % N_READERS) {
	case ADDRESSES_IPV4:
		read_addresses(message, size - 1, AF_INET);
		break;
	case ADDRESSES_IPV6:
		read_addresses(message, size - 1, AF_INET6);
		break;
	case ROUTE:
		read_route(message, size - 1);
		break;
	case SOCKETS_TCP:
		read_sockets(message, size - 1, IPPROTO_TCP);
		break;
	default:
		read_sockets(message, size - 1, IPPROTO_UDP);
	}
	return 0;
}
