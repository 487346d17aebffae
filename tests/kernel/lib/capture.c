// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "lib/capture.h"

#define FRAME 128U /* the kernel's header, and as much of a packet as says from where it is: cut there */
#define FRAMES (1U << 19)
#define BLOCK (1U << 20)

static void bind_to_veth(int fd)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	struct ifreq device = { .ifr_name = "peer" };

	if (ioctl(fd, SIOCGIFINDEX, &device))
		bail_out("the peer has no device");
	at.sll_ifindex = device.ifr_ifindex;
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)))
		bail_out("cannot listen on the wire");
}

void capture_open(struct capture *c)
{
	const struct tpacket_req ring = { .tp_block_size = BLOCK,
					  .tp_block_nr = FRAMES / (BLOCK / FRAME),
					  .tp_frame_size = FRAME,
					  .tp_frame_nr = FRAMES };
	const int version = TPACKET_V2, one = 1;
	union address to = address_of(PEER, FENCE_PORT);

	memset(c, 0, sizeof(*c));
	c->fd = world_peer_socket(AF_PACKET, SOCK_DGRAM, 0);
	if (setsockopt(c->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(c->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) ||
	    setsockopt(c->fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)))
		bail_out("cannot have a ring for packets");
	c->ring = mmap(NULL, (size_t)FRAME * FRAMES, PROT_READ | PROT_WRITE, MAP_SHARED, c->fd, 0);
	if (c->ring == MAP_FAILED)
		bail_out("cannot map the ring");
	bind_to_veth(c->fd);
	c->fence = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (c->fence < 0 || connect(c->fence, &to.sa, address_length(&to)))
		bail_out("cannot have a fence");
}

void capture_clear(struct capture *c)
{
	memset(c->source, 0, sizeof(c->source));
	c->n_sources = 0;
	c->more = 0;
}

void capture_fence(const struct capture *c)
{
	/* there is nobody at that port, which a send before may have been told */
	if (send(c->fence, "f", 1, 0) != 1 && (errno != ECONNREFUSED || send(c->fence, "f", 1, 0) != 1))
		bail_out("cannot send the fence");
}

static void count(struct capture *c, const struct in6_addr *from, enum capture_kind kind)
{
	unsigned int i = 0;

	while (i < c->n_sources && !IN6_ARE_ADDR_EQUAL(&c->source[i].address, from))
		i++;
	if (i == CAPTURE_ADDRESSES) {
		c->more++;
		return;
	}
	if (i == c->n_sources)
		c->source[c->n_sources++].address = *from;
	c->source[i].packets[kind]++;
}

static enum capture_kind kind_of(unsigned int protocol)
{
	return protocol == IPPROTO_TCP ? CAPTURE_TCP : protocol == IPPROTO_UDP ? CAPTURE_UDP : CAPTURE_OTHER;
}

static bool is_fence(const struct ip6_hdr *ip)
{
	in_port_t ports[2];

	memcpy(ports, ip + 1, sizeof(ports));
	return ip->ip6_nxt == IPPROTO_UDP && ports[1] == htons(FENCE_PORT);
}

/* RFC 4861: hop limit 255, type 133 to 137; RFC 3810: reports to multicast groups, behind a hop-by-hop header */
static bool is_neighbour(const struct ip6_hdr *ip)
{
	const unsigned char *type = (const void *)(ip + 1);

	return (ip->ip6_nxt == IPPROTO_ICMPV6 && ip->ip6_hlim == 255 && *type >= 133 && *type <= 137) ||
	       (ip->ip6_nxt == IPPROTO_HOPOPTS && ip->ip6_hlim == 1);
}

/* Returns whether it was the fence. */
static bool count_packet(struct capture *c, const struct tpacket2_hdr *header)
{
	const char *packet = (const char *)header + header->tp_net;
	const struct sockaddr_ll *from = (const void *)(header + 1);
	struct in6_addr mapped = { .s6_addr = { [10] = 0xff, [11] = 0xff } };
	struct ip6_hdr ip6;
	struct iphdr ip;

	if (from->sll_protocol == htons(ETH_P_IPV6)) {
		memcpy(&ip6, packet, sizeof(ip6));
		if (is_fence((const void *)packet))
			return true;
		if (!is_neighbour((const void *)packet))
			count(c, &ip6.ip6_src, kind_of(ip6.ip6_nxt));
	} else if (from->sll_protocol == htons(ETH_P_IP)) {
		memcpy(&ip, packet, sizeof(ip));
		memcpy(&mapped.s6_addr[12], &ip.saddr, sizeof(ip.saddr));
		count(c, &mapped, kind_of(ip.protocol));
	}
	return false;
}

void capture_read(struct capture *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	struct tpacket_stats stats = { 0 };
	socklen_t length = sizeof(stats);
	bool fence = false;
	int idle = 0;

	while (!fence) {
		struct tpacket2_hdr *header = (void *)(c->ring + (size_t)FRAME * c->next);

		if (!(__atomic_load_n(&header->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER)) {
			errno = ETIMEDOUT;
			if (!poll(&p, 1, 1000) && ++idle == 600)
				bail_out("the capture waits in vain for its fence");
			continue;
		}
		fence = count_packet(c, header);
		__atomic_store_n(&header->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		c->next = (c->next + 1) % FRAMES;
	}
	if (getsockopt(c->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length))
		bail_out("cannot read how many packets were lost");
	c->lost += stats.tp_drops;
}

unsigned long capture_of(const struct capture_source *s)
{
	unsigned long n = 0;
	int i;

	for (i = 0; i < CAPTURE_KINDS; i++)
		n += s->packets[i];
	return n;
}

const char *capture_text(const struct capture_source *s)
{
	const union address a = { .in6 = { .sin6_family = AF_INET6, .sin6_addr = s->address } };

	return text_of(&a);
}
