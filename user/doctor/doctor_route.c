// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * How a source leaves: by which device and router, and whether that router is
 * likely to take it, and answers to come back. Only the host's own tables are
 * looked at, so what is not certain to fail is a note.
 */
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quote.h"
#include "doctor/doctor.h"
#include "host/route.h"
#include "host/uplink.h"

/* All that is known of the way of a source. */
struct way {
	const uint8_t *source;
	const struct address_state *state;
	struct route from;     /* what the kernel does with the source */
	const char *word, *by; /* the source's device, and that of the route, for the command line */
	char router[INET6_ADDRSTRLEN], via[INET6_ADDRSTRLEN + 8];
};

static bool is_ruled(const struct way *w)
{
	return w->from.table && w->from.table != RT_TABLE_MAIN && w->from.table != RT_TABLE_DEFAULT;
}

/* By a rule for the source, and not by one for all, as a VPN has. */
static bool has_own_rule(const struct way *w)
{
	struct failure ignored = { "" };
	struct route all;

	return is_ruled(w) &&
	       (route_to(doctor_far_from(w->source), NULL, &all, &ignored) || all.error || all.table != w->from.table);
}

/* Answers come in at the source's device. A strict filter there drops what it would not send out by that device. */
static bool is_filtered(const struct way *w)
{
	return address_is_ipv4(w->source) && uplink_setting(w->state->device, "rp_filter") == 1;
}

static void find_filter(struct doctor *d, const struct way *w, const struct routers *own)
{
	char text[INET6_ADDRSTRLEN];

	doctor_finding(d, CHECK_ROUTE,
		       "it leaves by %s%s, but the source is on %s, where rp_filter = 1 drops the answers",
		       w->from.device, w->via, w->state->device);
	if (own->n)
		doctor_advise(d, "all that is pinned to it times out",
			      "ip rule add from %s lookup 100, and ip route add default via %s dev %s table 100",
			      d->source, address_print(own->item[0].address, text), w->word);
	else
		doctor_advise(d, "all that is pinned to it times out",
			      "ip rule add from %s lookup 100, with ip route add default via ROUTER dev %s table 100; "
			      "or sysctl net.ipv4.conf.all.rp_filter=2",
			      d->source, w->word);
}

static void find_router(struct doctor *d, const struct way *w, const struct router *own)
{
	const char *ip = address_is_ipv4(w->source) ? "ip" : "ip -6";
	char text[INET6_ADDRSTRLEN];

	address_print(own->address, text);
	doctor_finding(d, CHECK_ROUTE, "it leaves by %s%s, but the source is on %s, which has a router of its own, %s",
		       w->from.device, w->via, w->state->device, text);
	doctor_advise(d,
		      "a router may drop what has a source of another network; then all that is pinned to it times out",
		      "%s rule add from %s lookup 100, and %s route add default via %s dev %s table 100", ip, d->source,
		      ip, text, w->word);
}

/* The source is on another device than the one that it leaves by. It may be right: the router may lead it here. */
static void examine_other_device(struct doctor *d, const struct way *w)
{
	struct failure ignored = { "" };
	struct routers own = { 0 };
	struct link l;

	if (link_read(w->state->device, &l, &ignored))
		l = (struct link){ .bridge = true };
	if (routers_by(w->state->device, address_is_ipv4(w->source), &own, &ignored))
		own.n = 0;
	if (!l.bridge && !l.inside && is_filtered(w)) {
		find_filter(d, w, &own);
		return;
	}
	if (!l.inside && !has_own_rule(w) && own.n && memcmp(own.item[0].address, w->from.gateway, 16) != 0) {
		find_router(d, w, &own.item[0]);
		return;
	}
	if (l.inside || has_own_rule(w))
		doctor_ok(d, CHECK_ROUTE, "to the internet by %s%s", w->from.device, w->via);
	else
		doctor_note(d, CHECK_ROUTE,
			    "to the internet by %s%s, while the source is on %s: right only if that router takes it",
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
		doctor_advise(d, "mail cannot leave, and is deferred", "see whether it is there: ping, and ip neigh");
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
	char first[INET6_ADDRSTRLEN], second[INET6_ADDRSTRLEN];
	struct failure ignored = { "" };
	struct routers all;

	if (is_ruled(w) || routers_advertised(&all, &ignored) || all.n < 2 || !is_of_other_subnet(w) ||
	    !memcmp(all.item[0].address, all.item[1].address, 16)) /* one router, by two devices */
		return;
	doctor_note_once(
		d, CHECK_ROUTER,
		"several routers advertise themselves (%s, %s): if one of them drops the other's prefix, ip -6 rule "
		"add from SOURCE lookup 100, and ip -6 route add default via ROUTER dev %s table 100",
		address_print(all.item[0].address, first), address_print(all.item[1].address, second), w->by);
}

/* Routes stay while a device has no carrier, unless ignore_routes_with_linkdown is set. */
static bool find_carrier(struct doctor *d, const char *device, const char *word)
{
	struct failure ignored = { "" };
	struct link l;

	if (link_read(device, &l, &ignored) || l.carrier)
		return false;
	doctor_finding(d, CHECK_ROUTE, "it leaves by %s, which has no carrier", device);
	doctor_advise(d, "all that is pinned to it times out, or fails",
		      "see what %s is connected to, and whether that is up (ip link show dev %s)", word, word);
	return true;
}

static void find_no_route(struct doctor *d, const struct way *w)
{
	static const char why[] = "mail cannot leave, and is deferred";
	struct failure ignored = { "" };
	struct link l;

	if (link_read(w->state->device, &l, &ignored))
		l = (struct link){ .up = true, .carrier = true };
	doctor_finding(d, CHECK_ROUTE, "no route to the internet from the source: %s", strerror(w->from.error));
	if (!l.up)
		doctor_advise(d, why, "ip link set %s up, and add its routes again: it is down", w->word);
	else if (!l.carrier)
		doctor_advise(d, why, "see what %s is connected to: it has no carrier (ip link show dev %s)", w->word,
			      w->word);
	else
		doctor_advise(d, why,
			      "add a default route (ip route), or look at ip rule if only this source has none");
}

static void describe_router(struct way *w)
{
	if (!w->from.has_gateway)
		return;
	address_print(w->from.gateway, w->router);
	snprintf(w->via, sizeof(w->via), " via %s", w->router);
}

void doctor_examine_route(struct doctor *d, const uint8_t source[16], const struct address_state *s)
{
	_cleanup_free_ char *word = quote_word(s->device), *by = NULL;
	struct way w = { .source = source, .state = s, .word = word };
	struct failure f = { "" };

	if (route_to(doctor_far_from(source), source, &w.from, &f)) {
		doctor_unknown(d, CHECK_ROUTE, "%s", f.text);
		return;
	}
	if (w.from.error) {
		find_no_route(d, &w);
		return;
	}
	by = quote_word(w.from.device);
	w.by = by;
	describe_router(&w);
	if (find_carrier(d, w.from.device, by))
		return;
	if (strcmp(w.from.device, s->device) != 0)
		examine_other_device(d, &w);
	else
		doctor_ok(d, CHECK_ROUTE, "to the internet by %s%s", w.from.device, w.via);
	if (!w.from.has_gateway)
		return;
	if (neighbour_has_failed(w.from.device, w.from.gateway))
		find_silent(d, &w);
	else if (address_is_ipv4(source))
		examine_arp(d, &w);
	else
		examine_advertised(d, &w);
}
