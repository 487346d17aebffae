/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The devices and routers by which packets leave and answers come back, by rtnetlink(7) and sysctl(8). */
#ifndef SRCPIN_UPLINK_H
#define SRCPIN_UPLINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

struct link {
	bool inside; /* no packet comes in there from outside: it is lo, or a dummy */
	bool bridge;
	bool up;            /* an administrator wants it to work */
	bool carrier;       /* something is at its other end, and up */
	bool arp;           /* neighbours are asked for by ARP or neighbour solicitation */
	char vrf[IFNAMSIZ]; /* the VRF that it is in; "": none */
};

/* 0, or a negative errno if the kernel cannot be asked, or has no such device. */
int link_read(const char *device, struct link *ret, struct failure *f);

struct router {
	uint8_t address[16]; /* IPv4 as v4-mapped; only zeros after its prefix: the device needs none */
	unsigned int device; /* its index */
};

struct routers {
	struct router item[8]; /* each only once */
	size_t n;
};

/* The gateways of the default routes by this device, in all tables. At most eight are looked for. */
int routers_by(const char *device, bool ipv4, struct routers *ret, struct failure *f);

/* Those of all devices, and the devices whose default route has none. A half of the internet (0.0.0.0/1) counts. */
int uplinks_list(bool ipv4, struct routers *ret, struct failure *f);

/* The routers whose advertisements (IPv6) gave this host a default route. */
int routers_advertised(struct routers *ret, struct failure *f);

/* Has the kernel asked for the neighbour at this address in vain? */
bool neighbour_has_failed(const char *device, const uint8_t address[16]);

/* A setting of IPv4 for which the larger value of "all" and of the device counts: rp_filter, arp_announce, arp_ignore.
 */
unsigned int uplink_setting(const char *device, const char *setting);

#endif
