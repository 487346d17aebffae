/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Why an address is not usable, where the kernel's list of addresses does not tell: its device, and its route. */
#ifndef SRCPIN_LACK_H
#define SRCPIN_LACK_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct lack {
	bool down;          /* the device is */
	bool unrouted;      /* the local route is gone, for none of the other reasons */
	char vrf[IFNAMSIZ]; /* the VRF that has the local route; "": none */
	/* IPv6: switched off, by the sysctl disable_ipv6 of this device, or of "all"; "": it is not */
	char disabled[IFNAMSIZ];
	bool no_ipv6;  /* IPv6: no device has a global address, and no route leads out */
	char why[128]; /* ""; or as in struct address_state */
};

/* For ADDR (IPv4 as v4-mapped), which DEVICE has; "": no device has it. TENTATIVE: duplicate address detection is still
 * going on. */
void lack_find(const uint8_t addr[16], const char *device, bool tentative, struct lack *ret);

#endif
