// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "host/lack.h"
#include "host/uplink.h"

/* An address is announced a moment before its route is there. In a VRF its route is in the VRF's own table. */
static void find_route(const char *device, const struct link *l, struct lack *s)
{
	memcpy(s->vrf, l->vrf, sizeof(s->vrf));
	s->unrouted = !*s->vrf;
	if (*s->vrf)
		snprintf(s->why, sizeof(s->why), "on %s, but not in the local routing table (it is in the VRF %s)",
			 device, s->vrf);
	else
		snprintf(s->why, sizeof(s->why), "on %s, but not in the local routing table (its route was removed)",
			 device);
}

/* With keep_addr_on_down a device that is set down keeps its IPv6 addresses, but not their routes. */
void lack_find(const char *device, bool tentative, struct lack *s)
{
	struct failure ignored = { "" };
	struct link l;

	*s = (struct lack){ 0 };
	if (link_read(device, &l, &ignored))
		l = (struct link){ .up = true };
	s->down = !l.up;
	if (s->down)
		snprintf(s->why, sizeof(s->why), "on %s, which is down", device);
	else if (!tentative)
		find_route(device, &l, s);
}
