// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/ip.h"
#include "base/text.h"
#include "host/lack.h"
#include "host/other_address.h"
#include "host/route.h"
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

static bool is_off(const char *device)
{
	_cleanup_fclose_ FILE *in = NULL;
	char path[64];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", device);
	in = fopen(path, "re");
	return in && fgetc(in) == '1';
}

static bool leaves_by(const uint8_t far[16], struct route *r)
{
	struct failure ignored = { "" };

	return !route_to(far, NULL, r, &ignored) && !r->error;
}

/* Is it the device by which IPv4 leaves, while IPv6 does not leave at all? (A VPN may be for IPv4 alone.) */
static bool is_uplink(const char *device)
{
	struct route r;

	return !leaves_by(route_far_ipv6, &r) && leaves_by(route_far_ipv4, &r) && !strcmp(r.device, device);
}

/*
 * The device is not known, as none has the address. IPv6 may be off on a few
 * that do not matter, such as those of containers. So it counts if it is off
 * on all but lo, or on the only uplink.
 */
static void find_disabled(struct lack *s)
{
	struct if_nameindex *all = if_nameindex();
	const char *off = NULL, *uplink = NULL;
	bool on = false;

	for (size_t i = 0; all && all[i].if_index; i++) {
		if (!strcmp(all[i].if_name, "lo"))
			continue;
		if (!is_off(all[i].if_name)) {
			on = true;
			continue;
		}
		off = all[i].if_name;
		if (is_uplink(off))
			uplink = off;
	}
	if (off && !on && is_off("all"))
		snprintf(s->disabled, sizeof(s->disabled), "all");
	else if (uplink || (off && !on))
		snprintf(s->disabled, sizeof(s->disabled), "%s", uplink ? uplink : off);
	if_freenameindex(all);
}

/* ADDR is not one of this host's. A device may have a link-local address all the same. */
static bool has_no_ipv6(const uint8_t addr[16])
{
	struct route r;

	return !address_has_others(addr) && !leaves_by(route_far_ipv6, &r);
}

static void find_nowhere(const uint8_t addr[16], struct lack *s)
{
	find_disabled(s);
	text_clean(s->disabled);
	s->no_ipv6 = !*s->disabled && has_no_ipv6(addr);
	if (*s->disabled)
		snprintf(s->why, sizeof(s->why),
			 "not an address of this host, where IPv6 is switched off (net.ipv6.conf.%s.disable_ipv6 = 1)",
			 s->disabled);
}

/* With keep_addr_on_down a device that is set down keeps its IPv6 addresses, but not their routes. */
void lack_find(const uint8_t addr[16], const char *device, bool tentative, struct lack *s)
{
	struct failure ignored = { "" };
	struct link l;

	*s = (struct lack){ 0 };
	if (!*device) {
		if (!address_is_ipv4(addr))
			find_nowhere(addr, s);
		return;
	}
	if (link_read(device, &l, &ignored))
		l = (struct link){ .up = true };
	s->down = !l.up;
	if (s->down)
		snprintf(s->why, sizeof(s->why), "on %s, which is down", device);
	else if (!tentative)
		find_route(device, &l, s);
}
