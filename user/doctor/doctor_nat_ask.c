// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What root has to ask for, in the network namespace of a source, to know of NAT. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "doctor/doctor.h"
#include "host/nat.h"
#include "host/route.h"

enum { MAX_WAYS = 16 };

static void add_way(const struct prefix *to, const uint8_t source[16], struct nat_seen *ret)
{
	struct nat_seen_way way = { .to = *to };
	struct route from, any;
	struct failure ignored = { "" };

	doctor_choose_in(to, way.dest);
	if (route_to(way.dest, source, &from, &ignored) || from.error)
		return;
	memcpy(way.device, from.device, sizeof(way.device));
	way.is_kernels_own = !route_to(way.dest, NULL, &any, &ignored) && !any.error && any.has_source &&
			     !strcmp(any.device, from.device) && !memcmp(any.source, source, 16);
	ADD_ELEMENT(ret->way, ret->n_ways, way);
}

static void add_devices(struct nat_seen *ret)
{
	struct if_nameindex *all = if_nameindex();

	for (size_t i = 0; all && all[i].if_index; i++) {
		if (!strcmp(all[i].if_name, "lo"))
			continue;
		ret->device = xreallocarray(ret->device, ret->n_devices + 1, sizeof(*ret->device));
		snprintf(ret->device[ret->n_devices++], IFNAMSIZ, "%s", all[i].if_name);
	}
	if_freenameindex(all);
}

/* Without nft there may be rules all the same. So it is unknown if the kernel's NAT is there. */
void doctor_ask_nat(struct doctor *d, const struct policy *p, const uint8_t source[16], struct nat_seen *ret)
{
	struct failure f = { "" };

	*ret = (struct nat_seen){ 0 };
	for (size_t i = 0; i < p->n_entries && ret->n_ways < MAX_WAYS; i++)
		if (policy_says_source(&p->entry[i], source))
			add_way(&p->entry[i].prefix, source, ret);
	if (!ret->n_ways)
		return;
	add_devices(ret);
	if (nat_is_legacy())
		doctor_unknown(d, CHECK_NAT, "there is NAT of iptables-legacy, whose rules nft does not list");
	else if (nat_list(&ret->listing, &f))
		doctor_unknown(d, CHECK_NAT, "%s", f.text);
	else if (!ret->listing && !access("/sys/module/nf_nat", F_OK))
		doctor_unknown(d, CHECK_NAT, "nft is not installed (package nftables), so NAT is not known");
}

void nat_seen_free(struct nat_seen *seen)
{
	free(seen->listing);
	free(seen->way);
	free(seen->device);
	*seen = (struct nat_seen){ 0 };
}
