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
#include "policy/sources.h"

enum { MAX_WAYS = 64 };

/* What is being asked for: the ways to what an entry of the policy is for */
struct question {
	const struct policy_entry *entry;
	const uint8_t *source;
	uint8_t dest[16];
	struct nat_seen *seen;
};

static bool is_kernels_own(const struct question *q, const struct route_sender *as, const struct route *from)
{
	struct failure ignored = { "" };
	struct route any;

	return !route_for(q->dest, NULL, as, &any, &ignored) && !any.error && any.has_source &&
	       !strcmp(any.device, from->device) && !memcmp(any.source, q->source, 16);
}

static void add_port(struct nat_seen_way *way, uint16_t port)
{
	for (size_t i = 0; i < way->n_ports; i++)
		if (way->ports[i] == port)
			return;
	if (way->n_ports < SRCPIN_MAX_PORTS)
		way->ports[way->n_ports++] = port;
}

/* To PORT alone; 0: to all ports, in which each is included */
static void add_way(const struct question *q, const struct route_sender *as, const struct route *from, uint16_t port)
{
	struct nat_seen_way way = { .to = q->entry->prefix, .is_kernels_own = is_kernels_own(q, as, from) };

	for (size_t i = 0; i < q->seen->n_ways; i++) {
		struct nat_seen_way *same = &q->seen->way[i];

		if (memcmp(&same->to, &way.to, sizeof(way.to)) != 0 || strcmp(same->device, from->device) != 0 ||
		    same->is_kernels_own != way.is_kernels_own)
			continue;
		if (port && same->n_ports)
			add_port(same, port);
		if (!port == !same->n_ports || !same->n_ports)
			return;
	}
	if (q->seen->n_ways == MAX_WAYS)
		return;
	memcpy(way.device, from->device, sizeof(way.device));
	below_find(way.device, &way.below);
	if (port)
		add_port(&way, port);
	ADD_ELEMENT(q->seen->way, q->seen->n_ways, way);
}

/* What AS sends may take any next hop of its route. */
static void add_ways_of(const struct question *q, const struct route_sender *as, uint16_t port)
{
	struct failure ignored = { "" };
	struct route_hops hops;
	struct route from;

	if (route_for(q->dest, q->source, as, &from, &ignored) || from.error || from.local)
		return;
	add_way(q, as, &from, port);
	if (route_hops(q->dest, q->source, as, &hops, &ignored))
		return;
	for (size_t i = 0; i < hops.n; i++)
		add_way(q, as, &hops.item[i], port);
}

/* A rule of routing may go by who sends, and to which port. */
static void add_ways(const struct question *q, const struct doctor_users *users)
{
	static const uint16_t mail[] = { 25, 465, 587 };
	const struct srcpin_rule *rule = &q->entry->rule;
	const uint16_t *ports = rule->n_ports ? rule->ports : mail;
	size_t n = rule->n_ports ? rule->n_ports : sizeof(mail) / sizeof(*mail);

	for (size_t i = 0; i < users->n; i++) {
		struct route_sender as = { users->uid[i], 0, 0 };

		if (!rule->n_ports)
			add_ways_of(q, &as, 0);
		for (size_t k = 0; k < n; k++) {
			as.port = ports[k];
			add_ways_of(q, &as, ports[k]);
		}
	}
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
static void ask_rules(struct doctor *d, struct nat_seen *ret)
{
	struct failure f = { "" };

	if (nat_is_legacy())
		doctor_unknown(d, CHECK_NAT, "there is NAT of iptables-legacy, whose rules nft does not list");
	else if (nat_list(&ret->listing, &f))
		doctor_unknown(d, CHECK_NAT, "%s", f.text);
	else if (!ret->listing && !access("/sys/module/nf_nat", F_OK))
		doctor_unknown(d, CHECK_NAT, "nft is not installed (package nftables), so NAT is not known");
}

void doctor_ask_nat(struct doctor *d, const struct policy *p, const uint8_t source[16],
		    const struct doctor_users *users, struct nat_seen *ret)
{
	*ret = (struct nat_seen){ 0 };
	for (size_t i = 0; i < p->n_entries; i++) {
		struct question q = { .entry = &p->entry[i], .source = source, .seen = ret };

		if (!policy_says_source(p, q.entry, source))
			continue;
		doctor_choose_in(&q.entry->prefix, q.dest);
		add_ways(&q, users);
	}
	if (!ret->n_ways)
		return;
	add_devices(ret);
	ask_rules(d, ret);
}

/*
 * The kernel is not asked for the route from the source, as for IPv4 it would
 * not answer. It forwards for the source if that is to be reached by another
 * device than the destination; and comes in by that one.
 */
static void add_way_through(const struct question *q)
{
	const struct srcpin_rule *rule = &q->entry->rule;
	struct nat_seen_way way = { .to = q->entry->prefix, .n_ports = rule->n_ports };
	struct failure ignored = { "" };
	struct route out, back;

	if (route_to(q->dest, NULL, &out, &ignored) || out.error || out.local ||
	    route_to(q->source, NULL, &back, &ignored) || back.error || back.local ||
	    !strcmp(out.device, back.device) || q->seen->n_ways == MAX_WAYS)
		return;
	memcpy(q->seen->in, back.device, sizeof(q->seen->in));
	memcpy(way.device, out.device, sizeof(way.device));
	memcpy(way.ports, rule->ports, sizeof(way.ports));
	below_find(way.device, &way.below);
	ADD_ELEMENT(q->seen->way, q->seen->n_ways, way);
}

void doctor_ask_nat_outside(struct doctor *d, const struct policy *p, const uint8_t source[16], struct nat_seen *ret)
{
	*ret = (struct nat_seen){ 0 };
	for (size_t i = 0; i < p->n_entries; i++) {
		struct question q = { .entry = &p->entry[i], .source = source, .seen = ret };

		if (!policy_says_source(p, q.entry, source))
			continue;
		doctor_choose_in(&q.entry->prefix, q.dest);
		add_way_through(&q);
	}
	if (!ret->n_ways)
		return;
	add_devices(ret);
	ask_rules(d, ret);
}

void nat_seen_free(struct nat_seen *seen)
{
	for (size_t i = 0; i < seen->n_ways; i++)
		free(seen->way[i].below.device);
	free(seen->listing);
	free(seen->way);
	free(seen->device);
	*seen = (struct nat_seen){ 0 };
}
