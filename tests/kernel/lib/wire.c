// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/wire.h"
#include "lib/world.h"

#define FENCE_PORT 9 /* discard */
#define MLD2_REPORT 143

struct packet {
	union address from;
	bool is_near;              /* to a link-local or a multicast address */
	const unsigned char *next; /* behind the IP header and those that follow it */
	size_t length;
	int protocol; /* of NEXT; -1: not the first fragment */
};

static int at_peer, at_lo, fence_socket;
static unsigned int fences;

static void stay_on_one_cpu(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET((unsigned int)sched_getcpu(), &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		bail_out("cannot stay on one CPU");
}

static void ignore_outgoing(int fd)
{
	const int one = 1;

	if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)))
		bail_out("cannot tell what comes from what goes");
}

void wire_open(void)
{
	struct sockaddr_ll lo = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = 1 };

	stay_on_one_cpu();
	at_peer = world_peer_socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, htons(ETH_P_ALL));
	ignore_outgoing(at_peer);
	at_lo = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (at_lo < 0 || bind(at_lo, (struct sockaddr *)&lo, sizeof(lo)))
		bail_out("cannot look at the loopback device");
	ignore_outgoing(at_lo);
	fence_socket = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fence_socket < 0)
		bail_out("cannot make a socket");
}

static void decode4(struct packet *p)
{
	struct iphdr h;

	memcpy(&h, p->next, sizeof(h));
	p->from.in.sin_family = AF_INET;
	p->from.in.sin_addr.s_addr = h.saddr;
	p->protocol = ntohs(h.frag_off) & IP_OFFMASK ? -1 : h.protocol;
	p->next += h.ihl * 4U;
	p->length -= h.ihl * 4U;
}

static bool is_extension(int header)
{
	return header == IPPROTO_HOPOPTS || header == IPPROTO_ROUTING || header == IPPROTO_DSTOPTS ||
	       header == IPPROTO_FRAGMENT || header == IPPROTO_AH;
}

static void decode6(struct packet *p)
{
	struct ip6_hdr h;
	size_t size = sizeof(h);

	memcpy(&h, p->next, sizeof(h));
	p->from.in6.sin6_family = AF_INET6;
	p->from.in6.sin6_addr = h.ip6_src;
	p->is_near = IN6_IS_ADDR_LINKLOCAL(&h.ip6_dst) || IN6_IS_ADDR_MULTICAST(&h.ip6_dst);
	p->protocol = h.ip6_nxt;
	for (;;) {
		p->next += size;
		p->length -= size;
		if (!is_extension(p->protocol) || p->length < 8)
			return;
		if (p->protocol == IPPROTO_FRAGMENT && ((p->next[2] << 8) | p->next[3]) & ~7) {
			p->protocol = -1;
			return;
		}
		size = p->protocol == IPPROTO_FRAGMENT ? 8
		       : p->protocol == IPPROTO_AH     ? (p->next[1] + 2U) * 4
						       : (p->next[1] + 1U) * 8;
		if (size > p->length)
			return;
		p->protocol = p->next[0];
	}
}

/* False: not IP. A length that the header does not keep is for the caller to look at. */
static bool decode(struct packet *p, in_port_t type)
{
	if (type == htons(ETH_P_IP) && p->length >= sizeof(struct iphdr))
		decode4(p);
	else if (type == htons(ETH_P_IPV6) && p->length >= sizeof(struct ip6_hdr))
		decode6(p);
	else
		return false;
	return true;
}

static bool tcp_counts(const struct packet *p, in_port_t our_port)
{
	struct tcphdr h;

	/* too short to tell: whatever it is, it left */
	if (p->length < 14)
		return true;
	memcpy(&h, p->next, 14);
	return our_port ? ntohs(h.source) == our_port : h.syn && !h.ack;
}

/* Of its own accord, or because of the tests' own changes of addresses */
static bool is_the_kernels(const struct packet *p)
{
	unsigned char type = p->length ? p->next[0] : 0;

	if (p->protocol == IPPROTO_ICMPV6)
		return type < ICMP6_ECHO_REQUEST ||
		       (p->is_near && ((type >= MLD_LISTENER_QUERY && type <= ND_REDIRECT) || type == MLD2_REPORT));
	return p->protocol == IPPROTO_ICMP &&
	       (type == ICMP_DEST_UNREACH || type == ICMP_REDIRECT || type == ICMP_TIME_EXCEEDED);
}

static bool counts(const struct packet *p, in_port_t our_port)
{
	return p->protocol == IPPROTO_TCP ? tcp_counts(p, our_port) : !our_port && !is_the_kernels(p);
}

static bool is_fence(const struct packet *p)
{
	char text[32], want[32];
	int n = snprintf(want, sizeof(want), "fence %u", fences);

	if (p->protocol != IPPROTO_UDP || p->length != 8U + (unsigned int)n)
		return false;
	memcpy(text, p->next + 8, (size_t)n);
	return !memcmp(text, want, (size_t)n);
}

static void note(char *text, size_t size, const char *source)
{
	const char *known = text;
	size_t n = strlen(text), length = strlen(source);

	while ((known = strstr(known, source))) {
		if ((known == text || known[-1] == ' ') && (known[length] == ' ' || !known[length]))
			return;
		known += length;
	}
	snprintf(text + n, size - n, "%s%s", n ? " " : "", source);
}

static void read_up_to_fence(int fd, in_port_t our_port, char *text, size_t size)
{
	unsigned char room[65536];

	for (;;) {
		struct sockaddr_ll from;
		socklen_t length = sizeof(from);
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		struct packet p = { .next = room };
		ssize_t n;

		errno = ETIMEDOUT;
		if (poll(&wait, 1, 20000) != 1)
			bail_out("the fence did not come through");
		n = recvfrom(fd, room, sizeof(room), 0, (struct sockaddr *)&from, &length);
		if (n < 0)
			continue;
		p.length = (size_t)n;
		if ((fd == at_peer && from.sll_hatype == ARPHRD_LOOPBACK) || !decode(&p, from.sll_protocol))
			continue;
		if (is_fence(&p))
			return;
		if (counts(&p, our_port))
			note(text, size, text_of(&p.from));
	}
}

static void send_fence(const char *dest)
{
	union address to = address_of(dest, FENCE_PORT);
	char text[32];
	int n = snprintf(text, sizeof(text), "fence %u", fences);

	if (sendto(fence_socket, text, (size_t)n, 0, &to.sa, address_length(&to)) != n)
		bail_out("cannot send to %s from outside the cgroup", dest);
}

void wire_saw(in_port_t our_port, char *text, size_t size)
{
	fences++;
	*text = '\0';
	send_fence(PEER);
	send_fence("::1");
	read_up_to_fence(at_peer, our_port, text, size);
	read_up_to_fence(at_lo, our_port, text, size);
}
