// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/quote.h"
#include "doctor/way.h"
#include "host/cgroup_ids.h"
#include "host/cgroup_procs.h"
#include "policy/sources.h"

enum { SMTP = 25 };

/* What is being asked. */
struct search {
	const struct policy *policy;
	const uint8_t *source;
	const struct address_state *state;
	const struct doctor_users *users;
	struct rules rules;
	struct ways *found;
};

static bool is_listed(const struct doctor_users *users, uint32_t uid)
{
	for (size_t i = 0; i < users->n; i++)
		if (users->uid[i] == uid)
			return true;
	return false;
}

void doctor_find_users(uint64_t cgroup, struct doctor_users *ret)
{
	_cleanup_(process_names_free) struct process_names names = { 0 };
	_cleanup_(cgroup_ids_free) struct cgroup_ids of = { 0 };
	const struct cgroup_ids none = { 0 };
	struct failure ignored = { "" };

	*ret = (struct doctor_users){ 0 };
	if (cgroup && !cgroup_ids_below(cgroup, &none, &of, &ignored))
		cgroup_process_names(&of, &names);
	for (size_t i = 0; i < names.n && ret->n < sizeof(ret->uid) / sizeof(*ret->uid); i++)
		if (names.item[i].uid && !is_listed(ret, names.item[i].uid))
			ret->uid[ret->n++] = names.item[i].uid;
	ret->n += !ret->n; /* root */
}

static bool is_ruled(const struct route *r)
{
	return r->table && r->table != RT_TABLE_MAIN && r->table != RT_TABLE_DEFAULT;
}

/* Next hops are chosen by a hash that the source is a part of. */
static bool is_hop(const struct way *w)
{
	struct failure ignored = { "" };
	struct route_hops hops;

	return !route_hops(w->dest, w->source, &w->sender, &hops, &ignored) && hops.n > 1;
}

bool way_has_own_rule(const struct way *w)
{
	struct failure ignored = { "" };
	struct route all;

	if (route_for(w->dest, NULL, &w->sender, &all, &ignored) || all.error)
		return is_ruled(&w->from);
	if (is_ruled(&w->from))
		return all.table != w->from.table;
	/* "default from PREFIX": such a route is for the source, too */
	return !address_is_ipv4(w->source) && !route_equal(&all, &w->from) && !is_hop(w);
}

/* The destinations that take the same way are said together. */
static void add_name(struct way *w, const char *name)
{
	size_t n = w->n_to++ ? strcspn(w->to, " ") : 0;

	if (n && !strncmp(w->to, THE_INTERNET, strlen(THE_INTERNET)))
		n = strlen(THE_INTERNET);
	if (w->n_to > 2)
		snprintf(w->to + n, sizeof(w->to) - n, " and %zu other prefixes", w->n_to - 1);
	else
		snprintf(w->to + n, sizeof(w->to) - n, "%s%s", n ? " and " : "", name);
}

static bool is_same(const struct way *a, const struct way *b)
{
	return route_equal(&a->from, &b->from) && !strcmp(a->because, b->because) && a->part == b->part &&
	       (a->from.error || way_has_own_rule(a) == way_has_own_rule(b));
}

static void add(struct search *s, const struct way *w, const char *name)
{
	for (size_t i = 0; i < s->found->n; i++) {
		struct way *same = &s->found->item[i];

		if (!is_same(same, w))
			continue;
		if (memcmp(same->dest, w->dest, sizeof(w->dest)) != 0)
			add_name(same, name);
		return;
	}
	ADD_ELEMENT(s->found->item, s->found->n, *w);
	add_name(&s->found->item[s->found->n - 1], name);
}

/* Other packets from the source to the same destination go another way: why? */
static void explain(struct search *s, struct way *w)
{
	struct failure ignored = { "" };
	const struct rule *rule;
	struct route other;

	if (route_to(w->dest, w->source, &other, &ignored) || route_equal(&other, &w->from))
		return;
	rule = rules_find(&s->rules, &w->sender, w->from.table);
	if (rule)
		rule_print(rule, w->because);
	else
		snprintf(w->because, sizeof(w->because), "TCP port %u, user %u", w->sender.port, w->sender.uid);
}

/*
 * Leaves the hops that the kernel takes for some of 64 neighbours of DEST. It
 * chooses by a hash of the addresses; but IPv4 since Linux 6.16 takes the hop
 * whose device has the source as its first address, if there is one.
 */
static void keep_taken(const struct way *w, struct route_hops *hops)
{
	bool taken[sizeof(hops->item) / sizeof(*hops->item)] = { false };
	struct failure ignored = { "" };
	size_t kept = 0;

	for (uint8_t i = 0; i < 64; i++) {
		uint8_t dest[16];
		struct route r;

		memcpy(dest, w->dest, sizeof(dest));
		dest[15] ^= i;
		if (route_for(dest, w->source, &w->sender, &r, &ignored))
			continue;
		for (size_t k = 0; k < hops->n; k++)
			taken[k] |= route_equal(&r, &hops->item[k]);
	}
	for (size_t i = 0; i < hops->n; i++)
		if (taken[i])
			hops->item[kept++] = hops->item[i];
	hops->n = kept;
}

static void add_hops(struct search *s, const struct way *w, const struct route_hops *hops, const char *name)
{
	for (size_t i = 0; i < hops->n; i++) {
		struct way hop = *w;

		hop.from = hops->item[i];
		hop.from.table = w->from.table;
		hop.part = hops->n > 1;
		if (hop.part)
			snprintf(hop.because, sizeof(hop.because), "one of %zu next hops", hops->n);
		else
			explain(s, &hop);
		add(s, &hop, name);
	}
}

static int ask_as(struct search *s, const uint8_t dest[16], const char *name, const struct route_sender *as,
		  struct failure *f)
{
	struct way w = { .source = s->source, .state = s->state, .sender = *as };
	struct failure ignored = { "" };
	struct route_hops hops;
	int err;

	memcpy(w.dest, dest, sizeof(w.dest));
	err = route_for(dest, s->source, as, &w.from, f);
	if (err)
		return err;
	if (route_hops(dest, s->source, as, &hops, &ignored))
		hops.n = 0;
	if (hops.n > 1)
		keep_taken(&w, &hops);
	if (hops.n) {
		add_hops(s, &w, &hops, name);
		return 0;
	}
	explain(s, &w);
	add(s, &w, name);
	return 0;
}

static int ask(struct search *s, const uint8_t dest[16], const char *name, const struct srcpin_rule *rule,
	       struct failure *f)
{
	int err = 0;

	for (size_t i = 0; i < s->users->n && !err; i++) {
		const struct route_sender as = { s->users->uid[i], rule->n_ports ? rule->ports[0] : SMTP, 0 };

		err = ask_as(s, dest, name, &as, f);
	}
	return err;
}

void doctor_choose_in(const struct prefix *p, uint8_t ret[16])
{
	const uint8_t *far = prefix_is_ipv4(p) ? route_far_ipv4 : route_far_ipv6;
	struct failure ignored = { "" };
	struct route r;

	memcpy(ret, prefix_covers(p, far) ? far : p->addr, 16);
	if (ret[15] != p->addr[15] || p->prefixlen > 125)
		return;
	do
		ret[15]++;
	while ((ret[15] & 7) < 6 && !route_to(ret, NULL, &r, &ignored) && r.local);
}

static int ask_for_all(struct search *s, struct failure *f)
{
	const struct srcpin_rule *of_family =
		policy_source(s->policy, address_is_ipv4(s->source) ? &policy_ipv4 : &policy_ipv6);
	const uint8_t *far = doctor_far_from(s->source);
	char text[PREFIX_STRLEN];
	uint8_t dest[16];
	int err = 0;

	if (of_family && policy_rule_has(s->policy, of_family, s->source))
		err = ask(s, far, THE_INTERNET, policy_match(s->policy, far), f);
	for (size_t i = 0; i < s->policy->n_entries && !err; i++) {
		const struct policy_entry *e = &s->policy->entry[i];

		if (policy_is_family(&e->prefix) || !policy_says_source(s->policy, e, s->source))
			continue;
		doctor_choose_in(&e->prefix, dest);
		err = ask(s, dest, prefix_print(&e->prefix, text), &e->rule, f);
	}
	return err;
}

static void describe(struct way *w)
{
	w->word = quote_word(w->state->device);
	w->by = quote_word(w->from.device);
	if (w->from.has_gateway) {
		address_print(w->from.gateway, w->router);
		snprintf(w->via, sizeof(w->via), " via %s", w->router);
	}
	if (*w->because)
		snprintf(w->via + strlen(w->via), sizeof(w->via) - strlen(w->via), " (%s)", w->because);
}

int ways_find(const struct policy *p, const uint8_t source[16], const struct address_state *state,
	      const struct doctor_users *users, struct ways *ret, struct failure *f)
{
	struct search s = { .policy = p, .source = source, .state = state, .users = users, .found = ret };
	int err;

	*ret = (struct ways){ 0 };
	err = rules_list(address_is_ipv4(source), &s.rules, f);
	if (!err)
		err = ask_for_all(&s, f);
	rules_free(&s.rules);
	for (size_t i = 0; i < ret->n; i++) {
		ret->item[i].part |= ret->n > 1;
		describe(&ret->item[i]);
	}
	if (err)
		ways_free(ret);
	return err;
}

void ways_free(struct ways *w)
{
	for (size_t i = 0; i < w->n; i++) {
		free(w->item[i].word);
		free(w->item[i].by);
	}
	free(w->item);
	*w = (struct ways){ 0 };
}
