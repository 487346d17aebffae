// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Does NAT of this host take the source from what was pinned to it? */
#include <ctype.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/ip.h"
#include "base/quote.h"
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

/* nft(8) parses its arguments, so quotes for the shell are not enough: LEXICAL CONVENTIONS there. */
static bool is_identifier(const char *name)
{
	return isalpha((unsigned char)*name) &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.-")] == 0;
}

/* Before all rules of the chain, in the words of the tool that made it */
static void advise(struct doctor *d, const struct policy *p, const struct nat_rule *r)
{
	_cleanup_free_ char *table = quote_word(r->table), *chain = quote_word(r->chain);
	bool ipv6 = strchr(d->source, ':') != NULL;

	if (!is_identifier(r->table) || !is_identifier(r->chain))
		doctor_advise(d, rewritten(p), "have that rule leave %s alone", d->source);
	else if (strcmp(r->family, "inet") != 0 && !strcmp(r->table, "nat") && !strcmp(r->chain, "POSTROUTING"))
		doctor_advise(d, rewritten(p),
			      "%s -t nat -I POSTROUTING -s %s -j ACCEPT, where the rules are made at boot",
			      ipv6 ? "ip6tables" : "iptables", d->source);
	else
		doctor_advise(d, rewritten(p),
			      "nft insert rule %s %s %s %s saddr %s accept, where the rules are made at boot",
			      r->family, table, chain, ipv6 ? "ip6" : "ip", d->source);
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
