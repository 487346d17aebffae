// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Does NAT of this host take the source from what was pinned to it? */
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/ip.h"
#include "doctor/doctor.h"
#include "host/nat.h"
#include "host/route.h"

/* What comes of a packet that NAT has rewritten? */
static const char *rewritten(const struct policy *p)
{
	if (p->guard)
		return "the guard drops what is rewritten, and a connect ends in a timeout";
	return "it leaves from another address, though it counts as pinned, since guard = off";
}

enum { PRIORITY_OF_CONNTRACK = -200 }; /* NF_IP_PRI_CONNTRACK, of a header that does not go with netinet/in.h */

/*
 * A SNAT to the source itself in an earlier chain of a table of its own: no
 * NAT after it changes the packet, and no tool that owns or flushes its own
 * tables undoes it. The kernel has no chain of NAT before conntrack.
 */
static void advise(struct doctor *d, const struct policy *p, const struct nat_rule *r)
{
	const char *family = strchr(d->source, ':') ? "ip6" : "ip";

	if (r->priority - 1 <= PRIORITY_OF_CONNTRACK)
		doctor_advise(d, rewritten(p), "have that rule leave %s alone", d->source);
	else
		doctor_advise(d, rewritten(p),
			      "nft 'table %s srcpin { chain postrouting { type nat hook postrouting priority %d; "
			      "%s saddr %s snat to %s; }; }', where the rules are made at boot",
			      family, (int)r->priority - 1, family, d->source, d->source);
}

/* Without nft there may be rules all the same. So it is unknown if the kernel's NAT is there. */
void doctor_ask_nat(struct doctor *d, const uint8_t source[16], struct nat_seen *ret)
{
	struct failure f = { "" };
	struct route route;

	*ret = (struct nat_seen){ 0 };
	if (route_to(address_is_ipv4(source) ? route_far_ipv4 : route_far_ipv6, source, &route, &f) || route.error)
		return;
	memcpy(ret->device, route.device, sizeof(ret->device));
	if (nat_is_legacy())
		doctor_unknown(d, CHECK_NAT, "there is NAT of iptables-legacy, whose rules nft does not list");
	else if (nat_list(&ret->listing, &f))
		doctor_unknown(d, CHECK_NAT, "%s", f.text);
	else if (!ret->listing && !access("/sys/module/nf_nat", F_OK))
		doctor_unknown(d, CHECK_NAT, "nft is not installed (package nftables), so NAT is not known");
}

void doctor_examine_nat(struct doctor *d, const struct policy *p, const uint8_t source[16], const struct nat_seen *seen)
{
	json_t *listing = seen->listing ? json_loads(seen->listing, JSON_REJECT_DUPLICATES, NULL) : NULL;
	struct nat_rule r = { 0 };

	if (seen->listing && !listing)
		doctor_unknown(d, CHECK_NAT, "what nft -j lists is no JSON");
	if (!listing)
		return;
	switch (nat_of(listing, source, seen->device, &r)) {
	case NAT_NONE:
		doctor_ok(d, CHECK_NAT, "no rule of NAT on this host rewrites what leaves from the source");
		break;
	case NAT_PERHAPS:
		doctor_note(d, CHECK_NAT,
			    "NAT of this host may rewrite what leaves from the source: rule %d of table %s %s",
			    (int)r.handle, r.family, r.table);
		break;
	case NAT_SOME:
	case NAT_ALL:
		doctor_finding(d, CHECK_NAT,
			       "NAT of this host rewrites what leaves from the source: rule %d of table %s %s",
			       (int)r.handle, r.family, r.table);
		advise(d, p, &r);
		break;
	}
	json_decref(listing);
}
