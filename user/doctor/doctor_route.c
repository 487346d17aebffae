// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * How a source leaves: by which device and router, and whether that router is
 * likely to take it, and answers to come back. Only the host's own tables are
 * looked at, so what is not certain to fail is a note.
 */
#include <net/if.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "doctor/way.h"
#include "host/rpfilter.h"
#include "host/uplink.h"

/* Answers come in at the source's device. A strict filter there drops what it would not send out by that device. */
static bool is_filtered(const struct way *w)
{
	return address_is_ipv4(w->source) ? uplink_setting(w->state->device, "rp_filter") == 1
					  : rpfilter_ipv6_is_strict();
}

static const char *times_out(const struct way *w)
{
	return w->part ? "what takes that way times out" : "all that is pinned to it times out";
}

/* "it leaves by eth0", and where to, unless that is all of the internet. */
static void begin(const struct way *w, char *ret, size_t size)
{
	bool all = !strcmp(w->to, THE_INTERNET);

	snprintf(ret, size, "%s%s%sit leaves by %s", all ? "" : "to ", all ? "" : w->to, all ? "" : " ",
		 w->from.device);
}

static void find_filter(struct doctor *d, const struct way *w, const struct routers *own)
{
	const char *table = doctor_table_for(d, w);
	char text[INET6_ADDRSTRLEN], it[512];
	bool ipv4 = address_is_ipv4(w->source);
	const char *ip = ipv4 ? "ip" : "ip -6";

	begin(w, it, sizeof(it));
	doctor_finding(d, CHECK_ROUTE, "%s%s, but the source is on %s, where %s drops the answers", it, w->via,
		       w->state->device, ipv4 ? "rp_filter = 1" : "nftables (fib saddr . iif oif missing drop)");
	if (own->n)
		doctor_advise(d, times_out(w),
			      "%s rule add from %s lookup %s, and %s route add default via %s dev %s table %s", ip,
			      d->source, table, ip, address_print(own->item[0].address, text), w->word, table);
	else
		doctor_advise(d, times_out(w),
			      "%s rule add from %s lookup %s, with %s route add default via ROUTER dev %s table %s; or "
			      "%s",
			      ip, d->source, table, ip, w->word, table,
			      ipv4 ? "sysctl net.ipv4.conf.all.rp_filter=2" : "IPv6_rpfilter=no in firewalld.conf");
}

static void find_router(struct doctor *d, const struct way *w, const struct router *own)
{
	const char *ip = address_is_ipv4(w->source) ? "ip" : "ip -6", *table = doctor_table_for(d, w);
	char text[INET6_ADDRSTRLEN], it[512];

	address_print(own->address, text);
	begin(w, it, sizeof(it));
	doctor_finding(d, CHECK_ROUTE, "%s%s, but the source is on %s, which has a router of its own, %s", it, w->via,
		       w->state->device, text);
	doctor_advise(d,
		      w->part ? "a router may drop what has a source of another network; then what takes that way "
				"times out"
			      : "a router may drop what has a source of another network; then all that is pinned to it "
				"times out",
		      "%s rule add from %s lookup %s, and %s route add default via %s dev %s table %s", ip, d->source,
		      table, ip, text, w->word, table);
}

/* Is the router that it leaves by one of the source's own link? */
static bool is_own_router(const struct way *w, const struct routers *own)
{
	for (size_t i = 0; i < own->n; i++)
		if (!memcmp(own->item[i].address, w->from.gateway, 16))
			return true;
	return w->from.has_gateway && prefix_covers(&w->state->on_link, w->from.gateway);
}

/* The source is on another device than the one that it leaves by. It may be right: the router may lead it here. */
static void examine_other_device(struct doctor *d, const struct way *w)
{
	struct failure ignored = { "" };
	struct routers own = { 0 };
	struct link l;

	if (link_read(w->state->device, &l, &ignored))
		l = (struct link){ .bridge = true };
	if (l.inside) {
		doctor_examine_inside(d, w);
		return;
	}
	if (routers_by(w->state->device, address_is_ipv4(w->source), &own, &ignored))
		own.n = 0;
	if (!l.bridge && is_filtered(w))
		find_filter(d, w, &own);
	else if (is_own_router(w, &own) && way_has_own_rule(w))
		doctor_ok(d, CHECK_ROUTE, "to %s by %s%s", w->to, w->from.device, w->via);
	else if (own.n && !is_own_router(w, &own))
		find_router(d, w, &own.item[0]);
	else
		doctor_note(d, CHECK_ROUTE,
			    "to %s by %s%s, while the source is on %s: right only if that router takes it", w->to,
			    w->from.device, w->via, w->state->device);
}

/* The address that the kernel would choose, if it would choose another one. */
static bool other_choice(const struct way *w, uint8_t ret[16], struct address_state *s)
{
	struct failure ignored = { "" };

	return doctor_would_choose(w->source, ret) && !address_state(ret, s, &ignored) && s->usable;
}

/* Is the source new to the router, whose subnet the host's other address is of? */
static bool is_of_other_subnet(const struct way *w)
{
	struct address_state usual;
	uint8_t other[16];

	if (!other_choice(w, other, &usual))
		return false;
	if (!address_is_ipv4(w->source))
		return memcmp(other, w->source, 8) != 0;
	return !prefix_covers(&w->state->on_link, w->from.gateway) && prefix_covers(&usual.on_link, w->from.gateway);
}

static bool arp_asks_from_source(const struct way *w)
{
	struct failure ignored = { "" };
	struct link l;

	return address_is_ipv4(w->source) && !uplink_setting(w->from.device, "arp_announce") &&
	       !link_read(w->from.device, &l, &ignored) && l.arp;
}

/* IPv6 asks from the source only if it is on the device. */
static bool nd_asks_from_source(const struct way *w)
{
	return !address_is_ipv4(w->source) && !strcmp(w->from.device, w->state->device);
}

/* The router was asked for its link-layer address, and did not answer. */
static void find_silent(struct doctor *d, const struct way *w)
{
	doctor_finding(d, CHECK_ROUTER, "the router, %s, does not answer on %s", w->router, w->from.device);
	if (arp_asks_from_source(w) && is_of_other_subnet(w))
		doctor_advise(d, "some routers answer no ARP from an address of another subnet",
			      "if it answers to other services: sysctl net.ipv4.conf.all.arp_announce=2");
	else if (nd_asks_from_source(w) && is_of_other_subnet(w))
		doctor_advise(d, "some routers answer no neighbour solicitation from a prefix that is not on the link",
			      "if it answers to other services, and the prefix is routed to this host: ip -6 addr del "
			      "%s/%u dev %s, and ip -6 addr add %s/128 dev lo preferred_lft 0",
			      d->source, w->state->on_link.prefixlen, w->word, d->source);
	else
		doctor_advise(d, "nothing leaves from it: mail takes the other family, or is deferred",
			      "see whether it is there: ping, and ip neigh");
}

static void examine_arp(struct doctor *d, const struct way *w)
{
	if (arp_asks_from_source(w) && is_of_other_subnet(w))
		doctor_note_once(d, CHECK_ROUTER,
				 "ARP asks for %s from the source, which is of another subnet: if it times out, sysctl "
				 "net.ipv4.conf.all.arp_announce=2",
				 w->router);
}

/* A host that does not know which router is for which prefix sends all of it to one of them (RFC 8028). */
static void examine_advertised(struct doctor *d, const struct way *w)
{
	char first[INET6_ADDRSTRLEN], second[INET6_ADDRSTRLEN], device[IF_NAMESIZE];
	_cleanup_free_ char *word = NULL;
	struct failure ignored = { "" };
	const struct router *other;
	struct routers all;
	const char *table;

	/* with a table, a rule for this source was advised already */
	if (*d->table || way_has_own_rule(w) || routers_advertised(&all, &ignored) || all.n < 2 ||
	    !is_of_other_subnet(w) ||
	    !memcmp(all.item[0].address, all.item[1].address, 16)) /* one router, by two devices */
		return;
	other = &all.item[!memcmp(all.item[0].address, w->from.gateway, 16)];
	if (!if_indextoname(other->device, device))
		return;
	word = quote_word(device);
	table = doctor_table_for(d, w);
	doctor_note_once(
		d, CHECK_ROUTER,
		"several routers advertise themselves (%s, %s): if %s drops what comes from the source, ip -6 rule "
		"add from %s lookup %s, and ip -6 route add default via %s dev %s table %s",
		address_print(all.item[0].address, first), address_print(all.item[1].address, second), w->router,
		d->source, table, address_print(other->address, other == all.item ? first : second), word, table);
}

/* Routes stay while a device has no carrier, unless ignore_routes_with_linkdown is set. */
static bool find_carrier(struct doctor *d, const struct way *w)
{
	struct failure ignored = { "" };
	char it[512];
	struct link l;

	if (link_read(w->from.device, &l, &ignored) || l.carrier)
		return false;
	begin(w, it, sizeof(it));
	doctor_finding(d, CHECK_ROUTE, "%s, which has no carrier", it);
	doctor_advise(
		d, w->part ? "what takes that way times out, or fails" : "all that is pinned to it times out, or fails",
		"see what %s is connected to, and whether that is up (ip link show dev %s)", w->by, w->by);
	return true;
}

static void find_no_route(struct doctor *d, const struct way *w)
{
	static const char why[] = "nothing leaves from it: mail takes the other family, or is deferred";
	struct failure ignored = { "" };
	struct link l;

	if (link_read(w->state->device, &l, &ignored))
		l = (struct link){ .up = true, .carrier = true };
	doctor_finding(d, CHECK_ROUTE, "no route to %s from the source%s: %s", w->to, w->via, strerror(w->from.error));
	if (!l.up)
		doctor_advise(d, why, "ip link set %s up, and add its routes again: it is down", w->word);
	else if (!l.carrier)
		doctor_advise(d, why, "see what %s is connected to: it has no carrier (ip link show dev %s)", w->word,
			      w->word);
	else
		doctor_advise(d, why,
			      "add a default route (ip route), or look at ip rule if only this source has none");
}

/* False: it leaves by no router. */
static bool examine_way(struct doctor *d, const struct way *w)
{
	if (w->from.error) {
		find_no_route(d, w);
		return false;
	}
	if (w->from.local) {
		doctor_ok(d, CHECK_ROUTE, "%s is this host", w->to);
		return false;
	}
	if (find_carrier(d, w))
		return false;
	if (strcmp(w->from.device, w->state->device) != 0)
		examine_other_device(d, w);
	else
		doctor_ok(d, CHECK_ROUTE, "to %s by %s%s", w->to, w->from.device, w->via);
	return w->from.has_gateway;
}

static void examine_router(struct doctor *d, const struct way *w)
{
	if (neighbour_has_failed(w->from.device, w->from.gateway))
		find_silent(d, w);
	else if (address_is_ipv4(w->source))
		examine_arp(d, w);
	else
		examine_advertised(d, w);
}

void doctor_examine_route(struct doctor *d, const struct policy *p, const uint8_t source[16],
			  const struct address_state *s, const struct doctor_users *users)
{
	_cleanup_(ways_free) struct ways all = { 0 };
	struct failure f = { "" };

	if (ways_find(p, source, s, users, &all, &f)) {
		doctor_unknown(d, CHECK_ROUTE, "%s", f.text);
		return;
	}
	for (size_t i = 0; i < all.n; i++) {
		bool known = false;

		for (size_t k = 0; k < i; k++)
			known |= route_equal(&all.item[k].from, &all.item[i].from);
		if (examine_way(d, &all.item[i]) && !known)
			examine_router(d, &all.item[i]);
	}
	if (all.n)
		doctor_examine_marks(d, &all.item[0]);
}
