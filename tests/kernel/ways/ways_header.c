// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a program may put between the IP header and its own header. */
#include <linux/seg6.h>
#include <netinet/ip.h>
#include <string.h>

#include "lib/world.h"
#include "ways/ways.h"

size_t source_route(const char *via, unsigned char room[ROUTE_MAX])
{
	/* RFC 791, loose; the kernel appends the destination */
	static const unsigned char header4[4] = { IPOPT_NOP, IPOPT_LSRR, 7, IPOPT_MINOFF };
	/* RFC 8754: the last hop comes first. The kernel puts the destination into the empty place. */
	const struct ipv6_sr_hdr header6 = { .hdrlen = 4, .type = 4, .segments_left = 1, .first_segment = 1 };
	const union address hop = address_of(via, 0);

	memset(room, 0, ROUTE_MAX);
	if (hop.sa.sa_family == AF_INET) {
		memcpy(room, header4, sizeof(header4));
		memcpy(room + sizeof(header4), &hop.in.sin_addr, sizeof(hop.in.sin_addr));
		return sizeof(header4) + sizeof(hop.in.sin_addr);
	}
	memcpy(room, &header6, sizeof(header6));
	memcpy(room + sizeof(header6) + sizeof(struct in6_addr), &hop.in6.sin6_addr, sizeof(struct in6_addr));
	return sizeof(header6) + 2 * sizeof(struct in6_addr);
}

static void set(int fd, int level, int option, const void *value, size_t length)
{
	if (setsockopt(fd, level, option, value, (socklen_t)length))
		bail_out("cannot set option %d of level %d", option, level);
}

void set_headers(struct call *c, int fd, int family)
{
	static const unsigned char padding[8] = { 0, 0, 1, 4 }; /* PadN of six bytes */
	unsigned char route[ROUTE_MAX];

	if (c->options & HOPOPTS)
		set(fd, IPPROTO_IPV6, IPV6_HOPOPTS, padding, sizeof(padding));
	if (c->options & DSTOPTS)
		set(fd, IPPROTO_IPV6, IPV6_DSTOPTS, padding, sizeof(padding));
	if (c->options & ROUTED && family == AF_INET6)
		set(fd, IPPROTO_IPV6, IPV6_RTHDR, route, source_route(c->via, route));
	else if (c->options & ROUTED)
		set(fd, IPPROTO_IP, IP_OPTIONS, route, source_route(c->via, route));
}
