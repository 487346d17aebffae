// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Packets made by hand, with IP header (IPV6_HDRINCL, IP_HDRINCL). They have no checksums: nobody reads them. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <string.h>

#include "lib/world.h"
#include "ways/ways_out.h"

#ifndef IPV6_HDRINCL
#define IPV6_HDRINCL 36
#endif

/* What comes between the IP header and what it carries */
enum between {
	OPTIONS = 1, /* IPv6: hop-by-hop; IPv4: NOPs */
	DEST_OPTIONS,
	AUTH,
	ROUTE,      /* through VIA */
	WHOLE,      /* a fragment that is all there is: RFC 6946 */
	FIRST_PART, /* a fragment with more to follow */
	LATER_PART,
};

struct shape {
	unsigned char protocol;
	unsigned char tcp_flags;
	size_t size;      /* of what is carried; 0: all of its header */
	bool bare;        /* nothing is carried */
	bool odd;         /* a version that there is not */
	unsigned char nd; /* neighbour discovery: its type */
	enum between between[12];
};

struct packet {
	unsigned char *end;
	unsigned char *next; /* where the protocol of what follows has its place */
};

static void put(struct packet *p, const void *data, size_t size)
{
	memcpy(p->end, data, size);
	p->end += size;
}

/* An extension header; its first byte says what follows it */
static void put_header(struct packet *p, unsigned char protocol, const void *data, size_t size)
{
	*p->next = protocol;
	p->next = p->end;
	put(p, data, size);
}

static void put_route6(struct packet *p, const struct call *c)
{
	/* RFC 8754, the last hop first */
	static const unsigned char header[8] = { 0, 4, 4, 1, 1 };
	const struct in6_addr hop[2] = { address_of(c->dest, 0).in6.sin6_addr, address_of(c->via, 0).in6.sin6_addr };

	put_header(p, IPPROTO_ROUTING, header, sizeof(header));
	put(p, hop, sizeof(hop));
}

static void put_between6(struct packet *p, const struct call *c, enum between what)
{
	static const unsigned char padding[8] = { 0, 0, 1, 4 }, auth[24] = { 0, 4 }, whole[8] = { 0 },
				   first[8] = { 0, 0, 0, 1 }, later[8] = { 0, 0, 0, 3 << 3 };

	switch (what) {
	case OPTIONS:
		return put_header(p, IPPROTO_HOPOPTS, padding, sizeof(padding));
	case DEST_OPTIONS:
		return put_header(p, IPPROTO_DSTOPTS, padding, sizeof(padding));
	case AUTH:
		return put_header(p, IPPROTO_AH, auth, sizeof(auth));
	case ROUTE:
		return put_route6(p, c);
	case WHOLE:
		return put_header(p, IPPROTO_FRAGMENT, whole, sizeof(whole));
	case FIRST_PART:
		return put_header(p, IPPROTO_FRAGMENT, first, sizeof(first));
	case LATER_PART:
		return put_header(p, IPPROTO_FRAGMENT, later, sizeof(later));
	}
}

static void put_between4(struct packet *p, struct iphdr *ip, const struct call *c, enum between what)
{
	static const unsigned char nops[4] = { IPOPT_NOP, IPOPT_NOP, IPOPT_NOP, IPOPT_NOP }, auth[24] = { 0, 4 };
	unsigned char route[8] = { IPOPT_NOP, IPOPT_LSRR, 7, IPOPT_MINOFF };
	const struct in_addr dest = address_of(c->dest, 0).in.sin_addr;

	switch (what) {
	case OPTIONS:
		ip->ihl++;
		return put(p, nops, sizeof(nops));
	case DEST_OPTIONS: /* of IPv6 only, these two */
	case WHOLE:
		return;
	case AUTH:
		return put_header(p, IPPROTO_AH, auth, sizeof(auth));
	case ROUTE:
		memcpy(route + 4, &dest, sizeof(dest));
		ip->ihl += 2;
		return put(p, route, sizeof(route));
	case FIRST_PART:
		ip->frag_off = htons(IP_MF);
		return;
	case LATER_PART:
		ip->frag_off = htons(3);
	}
}

static void put_carried(struct packet *p, const struct call *c, const struct shape *s)
{
	in_port_t from = c->local_port ? c->local_port : 4242;
	const struct tcphdr tcp = {
		.th_sport = htons(from), .th_dport = htons(c->port), .th_off = 5, .th_flags = s->tcp_flags
	};
	const struct udphdr udp = { .source = htons(from), .dest = htons(c->port), .len = htons(8) };
	unsigned char other[64] = { s->nd ? s->nd : s->protocol == IPPROTO_ICMPV6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO };
	size_t usual = sizeof(udp);

	if (s->protocol == IPPROTO_TCP)
		memcpy(other, &tcp, usual = sizeof(tcp));
	else if (s->protocol == IPPROTO_UDP)
		memcpy(other, &udp, sizeof(udp));
	*p->next = s->protocol;
	if (!s->bare)
		put(p, other, s->size ? s->size : usual);
}

static const char *first_hop(const struct call *c, const struct shape *s)
{
	return s->between[0] == ROUTE ? c->via : c->dest;
}

static size_t make6(const struct call *c, const struct shape *s, unsigned char *room)
{
	struct ip6_hdr ip = {
		.ip6_src = address_of(c->from, 0).in6.sin6_addr,
		.ip6_dst = address_of(first_hop(c, s), 0).in6.sin6_addr,
	};
	struct packet p = { room + sizeof(ip), room + offsetof(struct ip6_hdr, ip6_nxt) };
	size_t i;

	ip.ip6_vfc = (unsigned char)((s->odd ? 5 : 6) << 4);
	ip.ip6_hlim = s->nd ? 255 : 64;
	memcpy(room, &ip, sizeof(ip));
	for (i = 0; s->between[i]; i++)
		put_between6(&p, c, s->between[i]);
	put_carried(&p, c, s);
	ip.ip6_plen = htons((uint16_t)((size_t)(p.end - room) - sizeof(ip)));
	memcpy(room + offsetof(struct ip6_hdr, ip6_plen), &ip.ip6_plen, sizeof(ip.ip6_plen));
	return (size_t)(p.end - room);
}

static size_t make4(const struct call *c, const struct shape *s, unsigned char *room)
{
	struct iphdr ip = {
		.version = s->odd ? 5 : 4,
		.ihl = 5,
		.ttl = 64,
		.saddr = address_of(c->from, 0).in.sin_addr.s_addr,
		.daddr = address_of(first_hop(c, s), 0).in.sin_addr.s_addr,
	};
	struct packet p = { room + sizeof(ip), &ip.protocol };
	size_t i;

	for (i = 0; s->between[i]; i++)
		put_between4(&p, &ip, c, s->between[i]);
	put_carried(&p, c, s);
	ip.tot_len = htons((uint16_t)(p.end - room));
	memcpy(room, &ip, sizeof(ip));
	return (size_t)(p.end - room);
}

static size_t make(const struct call *c, const struct shape *s, unsigned char *room)
{
	return address_of(c->dest, 0).sa.sa_family == AF_INET6 ? make6(c, s, room) : make4(c, s, room);
}

static int hand(struct call *c, struct shape s)
{
	const int one = 1;
	union address to = address_of(first_hop(c, &s), 0);
	bool v6 = to.sa.sa_family == AF_INET6;
	int fd = socket(to.sa.sa_family, SOCK_RAW | SOCK_CLOEXEC, s.protocol);
	unsigned char packet[HAND_MAX];
	size_t size = make(c, &s, packet);

	if (fd < 0 || setsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_HDRINCL : IP_HDRINCL, &one, sizeof(one)))
		bail_out("cannot make a raw socket");
	return sendto(fd, packet, size, 0, &to.sa, address_length(&to)) == (ssize_t)size ? 0 : errno;
}

size_t hand_made_udp(const struct call *c, unsigned char room[HAND_MAX])
{
	return make(c, &(const struct shape){ .protocol = IPPROTO_UDP }, room);
}

#define SYN .protocol = IPPROTO_TCP, .tcp_flags = TH_SYN
#define HAND(name, ...)                                        \
	int name(struct call *c)                               \
	{                                                      \
		return hand(c, (struct shape){ __VA_ARGS__ }); \
	}

HAND(hand_syn, SYN)
HAND(hand_syn_ecn, .protocol = IPPROTO_TCP, .tcp_flags = TH_SYN | 0xc0) /* ECE, CWR: RFC 3168 */
HAND(hand_ack, .protocol = IPPROTO_TCP, .tcp_flags = TH_ACK)
HAND(hand_syn_ack, .protocol = IPPROTO_TCP, .tcp_flags = TH_SYN | TH_ACK)
HAND(hand_udp, .protocol = IPPROTO_UDP)
HAND(hand_redirect, .protocol = IPPROTO_ICMPV6, .size = 40, .nd = ND_REDIRECT)
HAND(hand_solicitation, .protocol = IPPROTO_ICMPV6, .size = 40, .nd = ND_NEIGHBOR_SOLICIT)
HAND(hand_esp, .protocol = IPPROTO_ESP, .size = 16)
HAND(hand_short, SYN, .size = 12)
HAND(hand_bare, SYN, .bare = true)
HAND(hand_version, SYN, .odd = true)
HAND(hand_fragment, SYN, .size = 24, .between = { FIRST_PART })
HAND(hand_later_fragment, SYN, .size = 16, .between = { LATER_PART })
HAND(hand_tiny_fragment, SYN, .size = 8, .between = { FIRST_PART })
HAND(hand_options_syn, SYN, .between = { OPTIONS })
HAND(hand_dest_options_syn, SYN, .between = { DEST_OPTIONS })
HAND(hand_many_headers_syn, SYN, .between = { OPTIONS, DEST_OPTIONS, AUTH })
HAND(hand_deep_syn, SYN,
     .between = { OPTIONS, DEST_OPTIONS, DEST_OPTIONS, DEST_OPTIONS, DEST_OPTIONS, DEST_OPTIONS, DEST_OPTIONS,
		  DEST_OPTIONS, DEST_OPTIONS, DEST_OPTIONS, DEST_OPTIONS })
HAND(hand_atomic_fragment, SYN, .between = { WHOLE })
HAND(hand_ah_syn, SYN, .between = { AUTH })
HAND(hand_routed_syn, SYN, .between = { ROUTE })
HAND(hand_routed_udp, .protocol = IPPROTO_UDP, .between = { ROUTE })

/* An IPv4 packet for VIA, given to IPv6 to be sent to DEST */
int hand_other_family(struct call *c)
{
	const int one = 1;
	union address to = address_of(c->dest, 0);
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP);
	unsigned char packet[HAND_MAX] = { 0 };

	if (fd < 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_HDRINCL, &one, sizeof(one)))
		bail_out("cannot make a raw socket");
	c->dest = c->via;
	make4(c, &(const struct shape){ .protocol = IPPROTO_UDP }, packet);
	return sendto(fd, packet, 64, 0, &to.sa, address_length(&to)) == 64 ? 0 : errno;
}

int hand_echo(struct call *c)
{
	bool v6 = address_of(c->dest, 0).sa.sa_family == AF_INET6;

	return hand(c, (struct shape){ .protocol = v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP });
}
