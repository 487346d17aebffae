// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/quote.h"
#include "config/config.h"
#include "host/cgroup.h"
#include "host/cgroup_procs.h"
#include "host/leaf.h"
#include "host/route.h"
#include "kernel/unheld.h"
#include "policy/policies.h"
#include "policy/sources.h"
#include "report/health.h"
#include "unit/unit_start.h"

void health_add_problem(struct health *h, enum health_state state, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	h->problem = xreallocarray(h->problem, h->n_problems + 1, sizeof(*h->problem));
	h->problem[h->n_problems++] = text;
	if (state > h->state)
		h->state = state;
}

void health_examine_hooks(const struct loaded *l, struct health *h)
{
	if (l->gone) {
		health_add_problem(
			h, HEALTH_STALE,
			"cgroup %s with the id %llu is gone, and its pins with it (load again once the service runs)",
			l->cgroup, (unsigned long long)l->cgroup_id);
		return;
	}
	if (l->idle) {
		health_add_problem(
			h, HEALTH_IDLE,
			"nothing is in force for cgroup %s: a load or an unload of it is under way, or was killed "
			"(load "
			"again, or unload)",
			l->cgroup);
		return;
	}
	if (l->unheld)
		health_add_problem(h, HEALTH_DEGRADED,
				   "programs of srcpin that are not held in " BPFFS_HOME " are attached to cgroup %s, "
				   "too" UNHELD_REMEDY,
				   l->cgroup);
	for (int i = 0; i < N_HOOKS; i++)
		if (l->hook[i].wanted && !l->hook[i].attached)
			health_add_problem(h, HEALTH_DEGRADED, "%s is not attached to cgroup %s (load again)",
					   l->hook[i].name, l->cgroup);
	if (l->has_policy && l->overruled)
		health_add_problem(h, HEALTH_DEGRADED, "a pinned cgroup around %s may decide for it (load again)",
				   l->cgroup);
	if (!l->has_policy)
		health_add_problem(h, HEALTH_DEGRADED,
				   "cgroup %s has no policy: all that it sends is refused (load again)", l->cgroup);
}

/* Is there a process in the cgroup that it could pin? A slice waits for what is to run in it. */
static void examine_processes(const struct loaded *l, struct health *h)
{
	_cleanup_close_ int fd = cgroup_open_id(l->cgroup_id);

	if (fd >= 0 && !unit_start_is_slice(l->cgroup) && !cgroup_has_processes(fd))
		health_add_problem(
			h, HEALTH_DEGRADED,
			"no process is in cgroup %s or below it (is the service running, and is it in another cgroup? "
			"systemd-cgls shows it)",
			l->cgroup);
}

static const char *consequence(const struct policy *p, const struct srcpin_rule *rule, const struct address_state *s)
{
	if (p->observe)
		return "would be refused, were it enforced";
	if (s->nonlocal) /* the bind succeeds, so the program does not know; then there is no route from it */
		return "counts as pinned and fails with ENETUNREACH, also with missing = pass, as "
		       "net.ipv4.ip_nonlocal_bind is 1";
	return rule->missing == SRCPIN_MISSING_PASS ? "leaves unpinned" : "is refused until it is usable";
}

static bool names(const struct srcpin_list *l, const struct srcpin_source *source)
{
	for (__u32 i = 0; i < l->n; i++)
		if (!memcmp(&l->source[i], source, sizeof(*source)))
			return true;
	return false;
}

static const char *key_of(const struct policy *p, const struct srcpin_source *source)
{
	const struct srcpin_rule *ipv6 = policy_source(p, &policy_ipv6), *ipv4 = policy_source(p, &policy_ipv4);
	struct srcpin_list l = { 0 };

	if (ipv6)
		l = policy_sources(p, ipv6);
	if (names(&l, source))
		return "source";
	if (ipv4)
		l = policy_sources(p, ipv4);
	return names(&l, source) ? "source4" : "to";
}

static struct health_source *find_source(const struct health *h, const struct srcpin_source *source)
{
	const struct prefix prefix = source_prefix(source);

	for (size_t i = 0; i < h->n_sources; i++)
		if (!memcmp(&h->source[i].prefix, &prefix, sizeof(prefix)))
			return &h->source[i];
	return NULL;
}

/* The sources of each pin in the policy, only once each. */
static void list_sources(const struct policy *p, struct health *h)
{
	for (size_t i = 0; i < p->n_entries; i++) {
		const struct srcpin_rule *rule = &p->entry[i].rule;
		const struct srcpin_list l = policy_sources(p, rule);

		for (__u32 k = 0; k < l.n; k++) {
			struct health_source s = { .key = key_of(p, &l.source[k]), .rule = rule };

			if (find_source(h, &l.source[k]))
				continue;
			s.prefix = source_prefix(&l.source[k]);
			memcpy(s.address, s.prefix.addr, sizeof(s.address));
			source_print(&l.source[k], s.text);
			ADD_ELEMENT(h->source, h->n_sources, s);
		}
	}
}

/* A list is missing only if none of its sources is usable. */
static void spare_others(const struct policy *p, struct health *h)
{
	for (size_t i = 0; i < h->n_sources; i++)
		h->source[i].spared = !h->source[i].state.usable;
	for (size_t i = 0; i < p->n_entries; i++) {
		const struct srcpin_list l = policy_sources(p, &p->entry[i].rule);
		bool usable = false;

		for (__u32 k = 0; k < l.n; k++)
			usable |= find_source(h, &l.source[k])->state.usable;
		for (__u32 k = 0; k < l.n && !usable; k++)
			find_source(h, &l.source[k])->spared = false;
	}
}

/* Where it is usable counts, or else the first network namespace. */
static void look_for_sources(const struct networks *n, size_t network, struct health *h)
{
	struct failure f = { "" };
	int back;

	if (network_enter(&n->item[network], &back, &f)) {
		health_add_problem(h, HEALTH_DEGRADED, "%s", f.text);
		return;
	}
	for (size_t i = 0; i < h->n_sources; i++) {
		struct health_source *s = &h->source[i];
		struct address_state state;

		if (source_state(&s->prefix, &state, &f)) {
			health_add_problem(h, HEALTH_DEGRADED, "%s", f.text);
			continue;
		}
		if (!s->known || (state.usable && !s->state.usable)) {
			s->state = state;
			s->network = network;
		}
		s->known = true;
		s->usable_in += state.usable;
		if (!state.usable)
			s->lacking = n->item[network].pid;
		else if (s->usable_in == 1 || (int32_t)(state.since - s->since) > 0)
			s->since = state.since;
	}
	network_leave(back);
}

static void describe_networks(const struct networks *n, struct health *h)
{
	h->n_networks = n->n;
	h->users_process = n->left_out;
	h->other_network = n->n == 1 && !networks_are_ours(n);
	for (size_t i = 0; i < n->n && !h->network_process; i++)
		h->network_process = n->item[i].fd < 0 ? 0 : n->item[i].pid;
}

void health_examine_sources(const struct policy *p, const struct networks *n, struct health *h)
{
	char where[96] = "";

	describe_networks(n, h);
	if (h->other_network)
		snprintf(where, sizeof(where), ", in the network namespace of process %ld", h->network_process);
	else if (n->n > 1)
		snprintf(where, sizeof(where), ", in none of the %zu network namespaces of its processes", n->n);
	list_sources(p, h);
	for (size_t i = 0; i < n->n; i++)
		look_for_sources(n, i, h);
	spare_others(p, h);
	for (size_t i = 0; i < h->n_sources; i++) {
		const struct health_source *s = &h->source[i];

		if (s->known && !s->state.usable && !s->spared)
			health_add_problem(h, HEALTH_DEGRADED, "source %s is %s%s: what is pinned to it %s", s->text,
					   s->state.why, where, consequence(p, s->rule, &s->state));
	}
}

void health_examine_sources_of(const struct policy *p, uint64_t cgroup, struct health *h)
{
	_cleanup_(networks_free) struct networks n = { 0 };

	networks_find(cgroup, &n);
	health_examine_sources(p, &n, h);
}

/* As it is in the network namespace that the caller is in; AS: for what it sends. */
static void add_left(const uint8_t far[16], const struct route_sender *as, struct health_left *l)
{
	struct failure ignored = { "" };
	char from[INET6_ADDRSTRLEN];
	size_t n = strlen(l->from);
	struct route r;

	if (route_for(far, NULL, as, &r, &ignored) || r.error || !r.has_source)
		return;
	address_print(r.source, from);
	if (!strstr(l->from, from)) /* a part of another one is rare, and would only be said less often */
		snprintf(l->from + n, sizeof(l->from) - n, "%s%s", n ? " or " : "", from);
}

static void examine_left(const struct policy *p, const char *name, const struct prefix *family, const uint8_t far[16],
			 const struct networks *n, struct health *h)
{
	const struct srcpin_rule *rule = policy_leaves(p, family);
	const struct route_sender mail = { .port = 25 }; /* a rule (ip rule) may be for its port alone */
	struct failure ignored = { "" };
	struct health_left *l;
	int back;

	if (!rule || p->observe)
		return;
	l = &h->left[h->n_left++];
	*l = (struct health_left){ .family = name, .meant = rule->line, .unknown = n->left_out };
	for (size_t i = 0; i < n->n && !l->unknown; i++) {
		if (network_enter(&n->item[i], &back, &ignored))
			continue;
		add_left(far, &mail, l);
		add_left(far, NULL, l);
		network_leave(back);
	}
}

void health_examine_left(const struct policy *p, const struct networks *n, struct health *h)
{
	examine_left(p, "IPv6", &policy_ipv6, route_far_ipv6, n, h);
	examine_left(p, "IPv4", &policy_ipv4, route_far_ipv4, n, h);
}

enum health_config health_compare_config(const struct loaded *l, struct failure *f)
{
	_cleanup_(policies_free) struct policies now = { 0 };
	struct diagnostics d = { 0 };
	const struct policy *p;
	enum health_config is;

	if (leaf_is(l->cgroup))
		return CONFIG_SAME;
	if (policies_read(l->config, &now, &d, f))
		is = CONFIG_UNREADABLE;
	else if (d.n)
		is = CONFIG_ERRORS;
	else if (!(p = policies_find(&now, cgroup_name(l->cgroup))))
		is = CONFIG_NO_SECTION;
	else
		is = policy_equal(p, &l->policy) ? CONFIG_SAME : CONFIG_OTHER;
	diagnostics_free(&d);
	return is;
}

static void examine_mixed(const struct loaded *l, struct health *h)
{
	for (size_t i = 0; i < h->n_sources; i++) {
		_cleanup_free_ char *text = health_mixed(l, h, &h->source[i]);

		if (text)
			health_add_problem(h, HEALTH_DEGRADED, "%s", text);
	}
}

static void examine_config(const struct loaded *l, struct health *h)
{
	_cleanup_free_ char *config = quote_word(l->config), *cgroup = quote_word(l->cgroup);
	enum health_config is;
	struct failure f = { "" };

	is = health_compare_config(l, &f);
	h->config_differs = is != CONFIG_SAME;
	switch (is) {
	case CONFIG_UNREADABLE:
		health_add_problem(h, HEALTH_DEGRADED, "what is in force cannot be compared with its config: %s",
				   f.text);
		break;
	case CONFIG_ERRORS:
		health_add_problem(h, HEALTH_DEGRADED,
				   "%s has errors, and the next load would fail (srcpin check -c %s)", l->config,
				   config);
		break;
	case CONFIG_NO_SECTION:
		health_add_problem(h, HEALTH_DEGRADED, "%s has no section for %s any more (add it, or unload)",
				   l->config, cgroup_name(l->cgroup));
		break;
	case CONFIG_OTHER:
		health_add_problem(h, HEALTH_DEGRADED,
				   "%s says something else than what is in force (srcpin reload --cgroup %s)",
				   l->config, cgroup);
		break;
	case CONFIG_SAME:
		break;
	}
}

void health_examine(const struct loaded *l, struct health *ret)
{
	_cleanup_(networks_free) struct networks n = { 0 };

	*ret = (struct health){ 0 };
	networks_find(l->gone ? 0 : l->cgroup_id, &n);
	health_examine_hooks(l, ret);
	health_examine_sources(&l->policy, &n, ret);
	if (!l->gone && l->has_policy) {
		examine_mixed(l, ret);
		health_examine_left(&l->policy, &n, ret);
		examine_config(l, ret);
	}
	if (!l->gone)
		examine_processes(l, ret);
}

void health_examine_force(const struct loaded *l, struct health *ret)
{
	*ret = (struct health){ 0 };
	health_examine_hooks(l, ret);
	if (!l->gone && l->has_policy)
		examine_config(l, ret);
}

void health_add_note(struct health *h, const char *text)
{
	char *before = h->note;

	h->note = before ? xasprintf("%s; %s", before, text) : xstrdup(text);
	free(before);
}

void health_examine_older(const struct loaded *l, const struct cgroup_ids *pinned, struct health *h)
{
	const struct older_query q = { l->cgroup_id, pinned, &l->policy };
	struct failure f = { "" };

	if (l->gone || !l->has_policy || l->policy.observe)
		return;
	h->older_known = !older_count(&q, &h->older, &f);
	if (h->older_known)
		return;
	health_add_note(h, f.text);
}

void health_free(struct health *h)
{
	for (size_t i = 0; i < h->n_problems; i++)
		free(h->problem[i]);
	free(h->problem);
	free(h->source);
	free(h->note);
	*h = (struct health){ 0 };
}
