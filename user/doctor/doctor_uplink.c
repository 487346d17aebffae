// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The other ways out of a host that a source does not take, or is not to take, and a table for the one of its own. */
#include <string.h>

#include "base/cleanup.h"
#include "doctor/way.h"
#include "host/other_address.h"
#include "host/uplink.h"

enum { FIRST_TABLE = 100 };

/* One that was named for another source stays named: the user may follow both remedies. */
const char *doctor_table_for(struct doctor *d, const struct way *w)
{
	static uint32_t next[2] = { FIRST_TABLE, FIRST_TABLE };
	bool ipv4 = address_is_ipv4(w->source);
	uint32_t table;

	if (*d->table)
		return d->table;
	table = rules_unused_table(ipv4, next[ipv4]);
	if (table) {
		snprintf(d->table, sizeof(d->table), "%u", table);
		next[ipv4] = table + 1;
	} else {
		snprintf(d->table, sizeof(d->table), "TABLE");
	}
	return d->table;
}

static bool is_named(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = list; (at = strstr(at, name)); at += n)
		if ((at == list || at[-1] == ' ') && (!at[n] || at[n] == ','))
			return true;
	return false;
}

static void add_name(char *list, size_t size, const char *name)
{
	size_t n = strlen(list);

	if (!is_named(list, name))
		snprintf(list + n, size - n, "%s%s", n ? ", " : "", name);
}

/* The devices of other default routes, and those of them that would drop answers. */
static void name_others(const struct way *w, char *others, char *filtered, size_t size)
{
	bool ipv4 = address_is_ipv4(w->source);
	struct failure ignored = { "" };
	char device[IF_NAMESIZE];
	struct routers all;
	struct link l;

	*others = *filtered = '\0';
	if (uplinks_list(ipv4, &all, &ignored))
		return;
	for (size_t i = 0; i < all.n; i++) {
		if (!if_indextoname(all.item[i].device, device) || !strcmp(device, w->from.device) ||
		    link_read(device, &l, &ignored) || l.inside || !l.up)
			continue;
		add_name(others, size, device);
		if (ipv4 && uplink_setting(device, "rp_filter") == 1)
			add_name(filtered, size, device);
	}
}

/*
 * Who asks for the source on the link gets no answer: by IPv6 only the device
 * that has an address answers for it, by ARP any, unless arp_ignore is set.
 */
static bool nobody_answers(const struct way *w)
{
	return w->from.has_gateway && address_is_beside(w->source, w->from.device) &&
	       (!address_is_ipv4(w->source) || uplink_setting(w->from.device, "arp_ignore"));
}

static void examine_on_link(struct doctor *d, const struct way *w)
{
	if (!nobody_answers(w))
		return;
	if (address_is_ipv4(w->source)) {
		doctor_finding(d, CHECK_ROUTER,
			       "nobody answers ARP for the source on %s: it is on %s, and arp_ignore = %u",
			       w->from.device, w->state->device, uplink_setting(w->from.device, "arp_ignore"));
		doctor_advise(d,
			      "if the router asks for it, answers do not come in, and what is pinned to it times out",
			      "ip addr add %s/32 dev %s", d->source, w->by);
	} else {
		doctor_note(
			d, CHECK_ROUTER,
			"nobody answers for the source on %s, on whose link it is, as it is on %s: right only if the "
			"router has a route to it by this host; else ip -6 addr add %s/128 dev %s preferred_lft 0",
			w->from.device, w->state->device, d->source, w->by);
	}
}

void doctor_examine_inside(struct doctor *d, const struct way *w)
{
	char others[8 * (IF_NAMESIZE + 2)], filtered[sizeof(others)];

	examine_on_link(d, w);
	name_others(w, others, filtered, sizeof(others));
	if (*filtered)
		doctor_note(
			d, CHECK_ROUTE,
			"to %s by %s%s, while another uplink is %s: right only if that router takes the source, and "
			"answers come in by %s, as rp_filter = 1 drops them on %s",
			w->to, w->from.device, w->via, others, w->from.device, filtered);
	else if (*others && !way_has_own_rule(w))
		doctor_note(d, CHECK_ROUTE,
			    "to %s by %s%s, while another uplink is %s: right only if that router takes the source",
			    w->to, w->from.device, w->via, others);
	else
		doctor_ok(d, CHECK_ROUTE, "to %s by %s%s", w->to, w->from.device, w->via);
}

static void note_mark(struct doctor *d, const struct way *w, const struct rule *rule, const struct route *marked)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (marked->has_gateway)
		address_print(marked->gateway, text);
	if (marked->error)
		doctor_note(d, CHECK_ROUTE,
			    "ip rule %u goes by fwmark 0x%x: what is marked so has no route; whether mail is marked "
			    "(nftables, SO_MARK) cannot be known",
			    rule->priority, rule->mark);
	else
		doctor_note(d, CHECK_ROUTE,
			    "ip rule %u goes by fwmark 0x%x: what is marked so leaves by %s%s%s, and not by %s; "
			    "whether mail is marked (nftables, SO_MARK) cannot be known",
			    rule->priority, rule->mark, marked->device, *text ? " via " : "", text, w->from.device);
}

void doctor_examine_marks(struct doctor *d, const struct way *w)
{
	_cleanup_(rules_free) struct rules all = { 0 };
	struct failure ignored = { "" };

	if (rules_list(address_is_ipv4(w->source), &all, &ignored))
		return;
	for (size_t i = 0; i < all.n; i++) {
		struct route_sender as = w->sender;
		struct route marked;
		bool said = !all.item[i].mark;

		for (size_t k = 0; k < i && !said; k++)
			said = all.item[k].mark == all.item[i].mark;
		as.mark = all.item[i].mark;
		if (!said && !route_for(w->dest, w->source, &as, &marked, &ignored) && !route_equal(&marked, &w->from))
			note_mark(d, w, &all.item[i], &marked);
	}
}
