// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Ways that bypass the kernel's own IP: a packet is given to a device, or comes out of one. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/world.h"
#include "ways/ways_out.h"

int packet_socket(struct call *c)
{
	bool v6 = address_of(c->dest, 0).sa.sa_family == AF_INET6;
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(v6 ? ETH_P_IPV6 : ETH_P_IP),
		.sll_ifindex = (int)if_nametoindex("vps"),
		.sll_halen = ETH_ALEN,
		.sll_addr = { 255, 255, 255, 255, 255, 255 },
	};
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned char packet[HAND_MAX];
	size_t size = hand_made_udp(c, packet);

	if (fd < 0)
		return errno;
	return sendto(fd, packet, size, 0, (struct sockaddr *)&to, sizeof(to)) == (ssize_t)size ? 0 : errno;
}

int tun_device(struct call *c)
{
	struct ifreq device = { .ifr_flags = IFF_TUN | IFF_NO_PI, .ifr_name = "own" };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	unsigned char packet[HAND_MAX];
	size_t size = hand_made_udp(c, packet);

	if (fd < 0)
		return NOT_HERE;
	if (ioctl(fd, TUNSETIFF, &device))
		return errno;
	shell("ip link set own addrgenmode none && ip link set own up");
	return write(fd, packet, size) == (ssize_t)size ? 0 : errno;
}

int tunnel_device(struct call *c)
{
	union address inner = address_of("10.99.0.2", 9);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	setenv("TUNNEL_TO", c->dest, 1);
	setenv("TUNNEL_LOCAL", c->local ? "local" : "", 1);
	setenv("TUNNEL_FROM", c->local ? c->local : "", 1);
	shell("ip link add tunnel address 02:00:00:00:00:01 type vxlan id 7 $TUNNEL_LOCAL $TUNNEL_FROM "
	      "remote $TUNNEL_TO dstport 4789 || :");
	if (!if_nametoindex("tunnel"))
		return NOT_HERE;
	shell("sysctl -qw net.ipv6.conf.tunnel.disable_ipv6=1 && ip link set tunnel up && "
	      "ip addr add 10.99.0.1/24 dev tunnel && ip neigh add 10.99.0.2 lladdr 02:00:00:00:00:02 dev tunnel");
	return sendto(fd, "x", 1, 0, &inner.sa, address_length(&inner)) == 1 ? 0 : errno;
}
