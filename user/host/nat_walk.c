// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Follows a packet through the chains. */
#include <limits.h>
#include <string.h>

#include "host/nat_match.h"

enum { MAX_DEPTH = 16, MAX_STEPS_OF_CHAIN = 1000000 };

/* What a chain is walked for, and the answer so far */
struct walk {
	struct nat_packet packet;
	enum nat_kind kind;
	struct nat_rule rule;
	enum nat_answer answer;
	unsigned int end;     /* of the steps that this chain may take */
	enum nat_answer kept; /* how surely a rule leaves the source as it is, for good */
	bool all_chains;      /* walks those of the table, whichever it is that a rule means */
};

/* Do the packets go on after a rule? */
enum leave { STAY, MAY_LEAVE, LEAVE };

/* With the next rule of this chain, and with that of the chain that jumped here */
struct next {
	enum leave chain, all;
};

static enum leave leave_if(enum nat_answer matches)
{
	return matches == NAT_ALL ? LEAVE : matches ? MAY_LEAVE : STAY;
}

static enum leave later(enum leave a, enum leave b)
{
	return a > b ? a : b;
}

static bool is_over(const struct walk *w)
{
	return w->packet.rules->steps >= w->end;
}

static struct next walk_chain(struct walk *w, const char *chain, enum nat_answer so_far, int depth);

static void note_rule(struct walk *w, const json_t *rule, const json_t *statement, enum nat_answer answer)
{
	const json_t *to = json_object_get(json_object_get(statement, "dnat"), "addr");

	if (answer <= w->answer)
		return;
	w->answer = answer;
	w->rule.handle = json_integer_value(json_object_get(rule, "handle"));
	w->rule.to = json_string_value(to ? to : json_object_get(json_object_get(statement, "mangle"), "value"));
	w->rule.to_host = json_object_get(statement, "redirect") != NULL;
}

static struct next jump(struct walk *w, const char *target, enum nat_answer matches, bool goes, int depth)
{
	struct next next = walk_chain(w, target, matches, depth + 1);

	return (struct next){ .chain = goes ? leave_if(matches) : STAY, .all = next.all };
}

/* One statement of a rule that matches with the answer MATCHES */
static struct next follow(struct walk *w, const json_t *rule, const json_t *s, enum nat_answer matches, int depth)
{
	const json_t *to = json_object_get(s, "jump"), *go = json_object_get(s, "goto");
	struct nat_outcome o = nat_outcome(&w->packet, s, w->kind);
	enum nat_answer same = nat_weaker(matches, o.same);

	note_rule(w, rule, s, nat_weaker(matches, o.other));
	w->kept = nat_stronger(w->kept, same);
	if (same)
		return (struct next){ .all = leave_if(same) };
	if (o.other) /* whatever comes after it: the source is another, if it came to this */
		return (struct next){ .all = nat_weaker(matches, o.other) == NAT_ALL ? LEAVE : STAY };
	if (json_object_get(s, "accept"))
		return (struct next){ .all = leave_if(matches) };
	if (json_object_get(s, "return"))
		return (struct next){ .chain = leave_if(matches) };
	if (to || go)
		return jump(w, nat_text(to ? to : go, "target"), matches, go, depth);
	return (struct next){ STAY, STAY };
}

static bool is_jumped_to(const struct walk *w, const json_t *chain)
{
	return chain && !json_object_get(chain, "hook") && !strcmp(nat_text(chain, "table"), w->rule.table) &&
	       !strcmp(nat_text(chain, "family"), w->rule.family);
}

/* A map whose elements are not known: they may accept, drop, or lead to any chain of the table. */
static struct next follow_any(struct walk *w, int depth)
{
	const json_t *objects = json_object_get(w->packet.rules->listing, "nftables");
	bool is_first = !w->all_chains;

	w->kept = nat_stronger(w->kept, NAT_PERHAPS);
	w->all_chains = true;
	for (size_t i = 0; is_first && i < json_array_size(objects); i++) {
		const json_t *chain = json_object_get(json_array_get(objects, i), "chain");

		if (is_jumped_to(w, chain))
			walk_chain(w, nat_text(chain, "name"), NAT_PERHAPS, depth + 1);
	}
	if (is_first)
		w->all_chains = false;
	return (struct next){ MAY_LEAVE, MAY_LEAVE };
}

/* A map of verdicts */
static struct next follow_map(struct walk *w, const json_t *rule, const json_t *map, enum nat_answer matches, int depth)
{
	const json_t *key = json_object_get(map, "key"), *pairs = nat_pairs(&w->packet, json_object_get(map, "data"));
	struct next all = { STAY, STAY };

	if (!pairs)
		return follow_any(w, depth);
	for (size_t i = 0; i < json_array_size(pairs); i++) {
		const json_t *verdict = json_array_get(json_array_get(pairs, i), 1);
		enum nat_answer here = nat_weaker(matches, nat_has_pair(&w->packet, key, pairs, i));
		struct next next = here ? follow(w, rule, verdict, here, depth) : (struct next){ STAY, STAY };

		all = (struct next){ later(all.chain, next.chain), later(all.all, next.all) };
	}
	return all;
}

static struct next walk_rule(struct walk *w, const json_t *rule, enum nat_answer matches, int depth)
{
	const json_t *statements = json_object_get(rule, "expr");
	struct next next = { STAY, STAY };

	for (size_t i = 0; i < json_array_size(statements) && next.chain == STAY && next.all == STAY; i++) {
		const json_t *s = json_array_get(statements, i), *map = json_object_get(s, "vmap");

		matches = nat_weaker(matches, nat_passes(&w->packet, s));
		if (matches == NAT_NONE)
			break;
		next = map ? follow_map(w, rule, map, matches, depth) : follow(w, rule, s, matches, depth);
	}
	return next;
}

static bool is_of_chain(const struct walk *w, const json_t *rule, const char *chain)
{
	return rule && !strcmp(nat_text(rule, "chain"), chain) && !strcmp(nat_text(rule, "table"), w->rule.table) &&
	       !strcmp(nat_text(rule, "family"), w->rule.family);
}

/* SO_FAR: how surely a packet comes here. What may have left before a rule comes to it only perhaps. */
static struct next walk_chain(struct walk *w, const char *chain, enum nat_answer so_far, int depth)
{
	const json_t *objects = json_object_get(w->packet.rules->listing, "nftables");
	struct next all = { STAY, STAY };

	for (size_t i = 0; depth <= MAX_DEPTH && i < json_array_size(objects) && !is_over(w); i++) {
		const json_t *rule = json_object_get(json_array_get(objects, i), "rule");
		struct next next;

		w->packet.rules->steps++;
		if (!is_of_chain(w, rule, chain))
			continue;
		next = walk_rule(w, rule, so_far, depth);
		all.all = later(all.all, next.all);
		if (next.chain == LEAVE || next.all == LEAVE)
			break;
		if (next.chain || next.all)
			so_far = nat_weaker(so_far, NAT_PERHAPS);
	}
	return all;
}

/* Is its table switched off for now? */
static bool is_dormant(const json_t *objects, const json_t *chain)
{
	for (size_t i = 0; i < json_array_size(objects); i++) {
		const json_t *table = json_object_get(json_array_get(objects, i), "table");

		if (table && !strcmp(nat_text(table, "family"), nat_text(chain, "family")) &&
		    !strcmp(nat_text(table, "name"), nat_text(chain, "table")))
			return nat_has_string(json_object_get(table, "flags"), "dormant");
	}
	return false;
}

/* To a chain that a bridge has, or one at a device, after the guard? */
static enum nat_answer comes_below(const json_t *chain, const struct nat_way *way)
{
	const char *family = nat_text(chain, "family"), *hook = nat_text(chain, "hook");
	const json_t *device = json_object_get(chain, "dev");
	enum nat_answer answer = NAT_NONE;

	if (!strcmp(family, "bridge"))
		return way->has_bridge && (!strcmp(hook, "output") || !strcmp(hook, "postrouting")) ? NAT_ALL
												    : NAT_NONE;
	if (strcmp(family, "netdev") != 0 || strcmp(hook, "egress") != 0)
		return NAT_NONE;
	if (!device) /* nft 1.0.6 does not say */
		return NAT_PERHAPS;
	for (size_t i = 0; i < way->n_below; i++)
		if (nat_has_string(device, way->below[i]))
			answer = way->n_below > 1 ? NAT_PERHAPS : NAT_ALL;
	return nat_has_string(device, way->device) ? NAT_ALL : answer;
}

/* How surely does a packet of the way come to a chain? */
static enum nat_answer comes_to(const json_t *chain, const struct nat_way *way, enum nat_kind kind)
{
	const char *family = nat_text(chain, "family"), *hook = nat_text(chain, "hook");
	bool is_last = !strcmp(hook, "postrouting"), is_nat = !strcmp(nat_text(chain, "type"), "nat");
	bool is_first = !strcmp(hook, *way->in ? "prerouting" : "output");
	bool comes = is_first || is_last || (*way->in && !strcmp(hook, "forward"));

	if (kind == NAT_EGRESS)
		return comes_below(chain, way);
	if (strcmp(family, "inet") != 0 && strcmp(family, address_is_ipv4(way->source) ? "ip" : "ip6") != 0)
		return NAT_NONE;
	if (kind == NAT_TRANSLATION)
		comes = is_nat && is_last;
	else if (kind == NAT_DESTINATION)
		comes = is_first;
	return comes ? NAT_ALL : NAT_NONE;
}

/* The next base chain after the object I that a packet comes to; it has been walked then. */
static bool walk_next(struct walk *w, size_t *i)
{
	const json_t *objects = json_object_get(w->packet.rules->listing, "nftables");
	struct nat_rules *rules = w->packet.rules;

	while (*i < json_array_size(objects)) {
		const json_t *chain = json_object_get(json_array_get(objects, (*i)++), "chain");
		enum nat_answer comes = chain ? comes_to(chain, w->packet.way, w->kind) : NAT_NONE;

		if (!comes || is_dormant(objects, chain))
			continue;
		w->rule = (struct nat_rule){ .family = nat_text(chain, "family"),
					     .table = nat_text(chain, "table"),
					     .priority = json_integer_value(json_object_get(chain, "prio")) };
		w->packet.family = w->rule.family;
		w->packet.table = w->rule.table;
		w->answer = w->kept = NAT_NONE;
		w->end = rules->steps + MAX_STEPS_OF_CHAIN;
		if (w->end > NAT_MAX_STEPS)
			w->end = NAT_MAX_STEPS;
		walk_chain(w, nat_text(chain, "name"), comes, 0);
		if (is_over(w) && w->answer == NAT_NONE)
			w->answer = NAT_PERHAPS;
		return true;
	}
	return false;
}

/*
 * A SNAT to the source itself is NAT all the same: no chain after it changes
 * that (nf_nat_inet_fn()). From which priority on are chains of no account, as
 * surely as KEPT?
 */
static json_int_t kept_from(struct walk w, enum nat_answer kept)
{
	json_int_t first = INT_MAX;

	for (size_t i = 0; walk_next(&w, &i);)
		if (w.kept >= kept && w.rule.priority < first)
			first = w.rule.priority;
	return first;
}

/* The answer of one flow */
static enum nat_answer answer_of(struct walk w, struct nat_rule *rule)
{
	bool keeps = w.kind == NAT_TRANSLATION || w.kind == NAT_DESTINATION;
	json_int_t surely = keeps ? kept_from(w, NAT_ALL) : INT_MAX;
	json_int_t perhaps = keeps ? kept_from(w, NAT_PERHAPS) : INT_MAX;
	enum nat_answer answer = NAT_NONE;
	json_int_t first = INT_MAX;

	for (size_t i = 0; walk_next(&w, &i);) {
		if (w.rule.priority > perhaps ||
		    (w.rule.priority == perhaps && !w.kept)) /* which is first is not listed */
			w.answer = nat_weaker(w.answer, NAT_PERHAPS);
		if (w.rule.priority > surely || !w.answer)
			continue;
		if (w.rule.priority < first)
			first = w.rule.priority;
		if (w.answer <= answer)
			continue;
		answer = w.answer;
		*rule = w.rule;
	}
	if (answer)
		rule->priority = first;
	return answer;
}

enum nat_answer nat_of(struct nat_rules *r, const struct nat_way *way, enum nat_kind kind, struct nat_rule *rule)
{
	struct nat_flow flows[NAT_MAX_FLOWS];
	size_t n = nat_flows(way, flows);
	enum nat_answer strongest = NAT_NONE;

	for (size_t i = 0; i < n; i++) {
		struct nat_rule of = { 0 };
		enum nat_answer answer;

		if (kind == NAT_DESTINATION && !flows[i].port) /* mail and DNS alone: others have proxies on purpose */
			continue;
		answer = answer_of(
			(struct walk){ .packet = { .rules = r, .way = way, .flow = &flows[i] }, .kind = kind }, &of);
		if (answer <= strongest)
			continue;
		strongest = answer;
		*rule = of;
	}
	return strongest;
}
