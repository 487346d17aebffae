// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/ip.h"
#include "base/privilege.h"
#include "base/run.h"
#include "host/nat.h"
#include "host/route.h"

enum { SECONDS = 10, MAX_DEPTH = 16, MAX_STEPS = 1000000 };

/* What a chain is walked for, and the answer so far */
struct walk {
	const json_t *objects;
	const uint8_t *source;
	const char *device;
	struct nat_rule rule;
	enum nat_answer answer;
	unsigned int steps; /* rules that were looked at, over and over */
	bool kept;          /* a rule leaves the source as it is, for good */
};

/* How the rules of a chain go on */
enum next { GO_ON, LEAVE_CHAIN, LEAVE_ALL };

int nat_list(char **ret, struct failure *f)
{
	static const char *const paths[] = { "/usr/sbin/nft", "/sbin/nft", NULL }, *const argv[] = { "-j", "-t", "list",
												     "ruleset", NULL };
	int status, err = run_program(&(const struct program){ .paths = paths,
							       .argv = argv,
							       .keep = CAPABILITY(CAP_NET_ADMIN),
							       .seconds = SECONDS },
				      ret, &status, f);

	if (err == -ENOENT || err == -ENOTDIR) {
		*ret = NULL;
		return 0;
	}
	if (err)
		return err;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		free(*ret);
		*ret = NULL;
		return fail(f, -EIO, "nft -j list ruleset fails");
	}
	return 0;
}

bool nat_is_legacy(void)
{
	static const char *const names[] = { "/proc/self/net/ip_tables_names", "/proc/self/net/ip6_tables_names" };
	char line[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		_cleanup_fclose_ FILE *in = fopen(names[i], "re");

		while (in && fgets(line, sizeof(line), in))
			if (!strcmp(line, "nat\n"))
				return true;
	}
	return false;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

static enum nat_answer weaker(enum nat_answer a, enum nat_answer b)
{
	return a < b ? a : b;
}

static enum nat_answer opposite(enum nat_answer a)
{
	return a == NAT_ALL ? NAT_NONE : a == NAT_NONE ? NAT_ALL : a;
}

/* A name of a device, with which "eth*" is meant to match eth0 */
static bool name_matches(const char *pattern, const char *name)
{
	size_t n = strlen(pattern);

	if (n && pattern[n - 1] == '*')
		return !strncmp(pattern, name, n - 1);
	return !strcmp(pattern, name);
}

static bool address_of(const json_t *value, uint8_t ret[16])
{
	const char *s = json_string_value(value);

	return s && address_parse(s, (int)strlen(s), ret) != AF_UNSPEC;
}

static enum nat_answer in_prefix(const json_t *prefix, const uint8_t source[16])
{
	struct prefix p = { 0 };
	json_int_t length = json_integer_value(json_object_get(prefix, "len"));

	if (!address_of(json_object_get(prefix, "addr"), p.addr))
		return NAT_PERHAPS;
	p.prefixlen = (uint32_t)length + (address_is_ipv4(p.addr) ? MAPPED_BITS : 0);
	return prefix_covers(&p, source) ? NAT_ALL : NAT_NONE;
}

static enum nat_answer in_range(const json_t *range, const uint8_t source[16])
{
	uint8_t first[16], last[16];

	if (!address_of(json_array_get(range, 0), first) || !address_of(json_array_get(range, 1), last))
		return NAT_PERHAPS;
	return memcmp(first, source, 16) <= 0 && memcmp(source, last, 16) <= 0 ? NAT_ALL : NAT_NONE;
}

/* Is the source in what a rule names: an address, a prefix, a range, or one of these? */
static enum nat_answer has_source(const json_t *value, const uint8_t source[16])
{
	uint8_t address[16];

	if (address_of(value, address))
		return memcmp(address, source, 16) ? NAT_NONE : NAT_ALL;
	if (json_object_get(value, "prefix"))
		return in_prefix(json_object_get(value, "prefix"), source);
	if (json_object_get(value, "range"))
		return in_range(json_object_get(value, "range"), source);
	return NAT_PERHAPS;
}

static enum nat_answer has_name(const json_t *value, const char *name)
{
	const char *s = json_string_value(value);

	return !s || *s == '@' ? NAT_PERHAPS : name_matches(s, name) ? NAT_ALL : NAT_NONE;
}

/* A value of a rule: one, or a set of them, of which the strongest answer counts. NAME is NULL for an address. */
static enum nat_answer has_value(const json_t *right, const uint8_t source[16], const char *name)
{
	const json_t *set = json_object_get(right, "set");
	enum nat_answer answer = NAT_NONE;

	if (!set)
		return name ? has_name(right, name) : has_source(right, source);
	for (size_t i = 0; i < json_array_size(set); i++) {
		const json_t *element = json_array_get(set, i);
		const json_t *inner = json_object_get(json_object_get(element, "elem"), "val");
		enum nat_answer a = inner ? has_value(inner, source, name) : has_value(element, source, name);

		if (a > answer)
			answer = a;
	}
	return answer;
}

/* Is it a port that a mail server sends to: SMTP, submission, DNS? */
static enum nat_answer has_port(const json_t *value)
{
	static const int ports[] = { 25, 53, 465, 587 };
	const json_t *range = json_object_get(value, "range"), *set = json_object_get(value, "set");
	enum nat_answer answer = NAT_NONE;

	for (size_t i = 0; i < json_array_size(set); i++) {
		enum nat_answer a = has_port(json_array_get(set, i));

		if (a > answer)
			answer = a;
	}
	if (set)
		return answer;
	if (!range && !json_is_integer(value))
		return NAT_PERHAPS;
	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++)
		if (json_integer_value(range ? json_array_get(range, 0) : value) <= ports[i] &&
		    ports[i] <= json_integer_value(range ? json_array_get(range, 1) : value))
			return NAT_SOME;
	return NAT_NONE;
}

static enum nat_answer match_meta(const struct walk *w, const char *key, const json_t *right)
{
	if (!strcmp(key, "oifname") || !strcmp(key, "oif"))
		return has_value(right, w->source, w->device);
	if (!strcmp(key, "iifname") || !strcmp(key, "iif"))
		return has_value(right, w->source, ""); /* what a process sends came in by no device */
	if (!strcmp(key, "nfproto"))
		return has_value(right, w->source, address_is_ipv4(w->source) ? "ipv4" : "ipv6");
	return !strcmp(key, "l4proto") ? NAT_SOME : NAT_PERHAPS;
}

/* A destination in the internet, of the source's family */
static const uint8_t *far_away(const uint8_t source[16])
{
	return address_is_ipv4(source) ? route_far_ipv4 : route_far_ipv6;
}

static enum nat_answer match(const struct walk *w, const json_t *m)
{
	const json_t *left = json_object_get(m, "left"), *right = json_object_get(m, "right");
	const json_t *payload = json_object_get(left, "payload");
	const char *protocol = text_of(payload, "protocol"), *field = text_of(payload, "field");
	bool inverse = !strcmp(text_of(m, "op"), "!=");
	enum nat_answer answer = NAT_PERHAPS;

	if (payload && (!strcmp(protocol, "ip") || !strcmp(protocol, "ip6"))) {
		if (address_is_ipv4(w->source) != !strcmp(protocol, "ip"))
			return NAT_NONE; /* of the other family; also with != */
		answer = !strcmp(field, "saddr")   ? has_value(right, w->source, NULL)
			 : !strcmp(field, "daddr") ? has_value(right, far_away(w->source), NULL)
						   : NAT_PERHAPS;
	} else if (payload) {
		answer = !strcmp(field, "dport") ? has_port(right) : NAT_PERHAPS;
	} else if (json_object_get(left, "meta")) {
		answer = match_meta(w, text_of(json_object_get(left, "meta"), "key"), right);
	}
	return inverse ? opposite(answer) : answer;
}

/* Is it for packets of the source's family? nft_nat_inet_eval() goes on with the next rule else. */
static bool is_of_family(const json_t *snat, const uint8_t source[16])
{
	const char *family = text_of(snat, "family");

	return !*family || address_is_ipv4(source) == !strcmp(family, "ip");
}

/* Does the statement give what comes to it another source? */
static enum nat_answer translates(const json_t *statement, const uint8_t source[16])
{
	const json_t *snat = json_object_get(statement, "snat"), *addr = json_object_get(snat, "addr");
	const char *name = text_of(json_object_get(statement, "xt"), "name");
	uint8_t to[16];

	if (snat) {
		if (!is_of_family(snat, source) || !addr)
			return NAT_NONE; /* or only the port */
		if (!json_is_string(addr))
			return NAT_PERHAPS; /* a map: it depends on what is looked up in it */
		return address_of(addr, to) && !memcmp(to, source, 16) ? NAT_NONE : NAT_ALL;
	}
	if (json_object_get(statement, "masquerade") || !strcmp(name, "MASQUERADE") || !strcmp(name, "SNAT") ||
	    !strcmp(name, "NETMAP"))
		return NAT_ALL;
	return NAT_NONE;
}

/* A SNAT to the source itself is NAT all the same: no chain after it changes that (nf_nat_inet_fn()). */
static bool keeps(const json_t *statement, const uint8_t source[16])
{
	const json_t *snat = json_object_get(statement, "snat");

	return snat && is_of_family(snat, source);
}

static enum next walk_chain(struct walk *w, const char *chain, enum nat_answer so_far, int depth);

static void note_rule(struct walk *w, const json_t *rule, enum nat_answer answer)
{
	if (answer <= w->answer)
		return;
	w->answer = answer;
	w->rule.handle = json_integer_value(json_object_get(rule, "handle"));
}

/* One statement of a rule that matches with the answer MATCHES */
static enum next follow(struct walk *w, const json_t *rule, const json_t *s, enum nat_answer matches, int depth)
{
	const json_t *jump = json_object_get(s, "jump"), *go = json_object_get(s, "goto");
	enum nat_answer translated = weaker(matches, translates(s, w->source));
	bool sure = matches == NAT_ALL;
	enum next next;

	if (translated) {
		note_rule(w, rule, translated);
		return translated == NAT_ALL ? LEAVE_ALL : GO_ON;
	}
	if (keeps(s, w->source) || json_object_get(s, "accept") || json_object_get(s, "drop")) {
		w->kept |= sure && !json_object_get(s, "accept");
		return sure ? LEAVE_ALL : GO_ON;
	}
	if (json_object_get(s, "return"))
		return sure ? LEAVE_CHAIN : GO_ON;
	if (!jump && !go)
		return GO_ON;
	next = walk_chain(w, text_of(jump ? jump : go, "target"), matches, depth + 1);
	if (!sure)
		return GO_ON;
	return next == LEAVE_ALL ? LEAVE_ALL : go ? LEAVE_CHAIN : GO_ON;
}

/* A map of verdicts: each of them may be the one. */
static void follow_map(struct walk *w, const json_t *rule, const json_t *map, int depth)
{
	const json_t *pairs = json_object_get(json_object_get(map, "data"), "set");

	for (size_t i = 0; i < json_array_size(pairs); i++)
		follow(w, rule, json_array_get(json_array_get(pairs, i), 1), NAT_PERHAPS, depth);
}

static enum next walk_rule(struct walk *w, const json_t *rule, enum nat_answer matches, int depth)
{
	const json_t *statements = json_object_get(rule, "expr");

	for (size_t i = 0; i < json_array_size(statements); i++) {
		const json_t *s = json_array_get(statements, i);
		const json_t *m = json_object_get(s, "match");
		enum next next;

		if (m)
			matches = weaker(matches, match(w, m));
		else if (!strcmp(text_of(json_object_get(s, "xt"), "type"), "match") || json_object_get(s, "limit"))
			matches = weaker(matches, NAT_PERHAPS);
		if (matches == NAT_NONE)
			return GO_ON;
		follow_map(w, rule, json_object_get(s, "vmap"), depth);
		next = follow(w, rule, s, matches, depth);
		if (next != GO_ON)
			return next;
	}
	return GO_ON;
}

/* SO_FAR: how surely a packet comes here */
static enum next walk_chain(struct walk *w, const char *chain, enum nat_answer so_far, int depth)
{
	if (depth > MAX_DEPTH)
		return GO_ON;
	for (size_t i = 0; i < json_array_size(w->objects); i++) {
		const json_t *rule = json_object_get(json_array_get(w->objects, i), "rule");
		enum next next;

		if (++w->steps > MAX_STEPS)
			return LEAVE_ALL;
		if (!rule || strcmp(text_of(rule, "family"), w->rule.family) != 0 ||
		    strcmp(text_of(rule, "table"), w->rule.table) != 0 || strcmp(text_of(rule, "chain"), chain) != 0)
			continue;
		next = walk_rule(w, rule, so_far, depth);
		if (next != GO_ON)
			return next;
	}
	return GO_ON;
}

/* Is its table switched off for now? */
static bool is_dormant(const json_t *objects, const json_t *chain)
{
	for (size_t i = 0; i < json_array_size(objects); i++) {
		const json_t *table = json_object_get(json_array_get(objects, i), "table");
		const json_t *flags = json_object_get(table, "flags");

		if (!table || strcmp(text_of(table, "family"), text_of(chain, "family")) != 0 ||
		    strcmp(text_of(table, "name"), text_of(chain, "table")) != 0)
			continue;
		for (size_t k = 0; k < json_array_size(flags); k++) {
			const char *flag = json_string_value(json_array_get(flags, k));

			if (flag && !strcmp(flag, "dormant"))
				return true;
		}
		return !strcmp(text_of(table, "flags"), "dormant");
	}
	return false;
}

static bool is_postrouting(const json_t *chain, const uint8_t source[16])
{
	const char *family = text_of(chain, "family");

	return !strcmp(text_of(chain, "type"), "nat") && !strcmp(text_of(chain, "hook"), "postrouting") &&
	       (!strcmp(family, "inet") || !strcmp(family, address_is_ipv4(source) ? "ip" : "ip6"));
}

/* The next base chain of NAT after the object I that a packet of W's source comes to; it has been walked then. */
static bool walk_next(struct walk *w, size_t *i)
{
	while (*i < json_array_size(w->objects)) {
		const json_t *chain = json_object_get(json_array_get(w->objects, (*i)++), "chain");

		if (!chain || !is_postrouting(chain, w->source) || is_dormant(w->objects, chain))
			continue;
		*w = (struct walk){ .objects = w->objects, .source = w->source, .device = w->device };
		w->rule = (struct nat_rule){ .family = text_of(chain, "family"),
					     .table = text_of(chain, "table"),
					     .priority = json_integer_value(json_object_get(chain, "prio")) };
		walk_chain(w, text_of(chain, "name"), NAT_ALL, 0);
		if (w->steps > MAX_STEPS && w->answer == NAT_NONE)
			w->answer = NAT_PERHAPS;
		return true;
	}
	return false;
}

/* The chains of a higher priority than this are of no account. */
static json_int_t kept_from(struct walk w)
{
	json_int_t first = INT_MAX;

	for (size_t i = 0; walk_next(&w, &i);)
		if (w.kept && w.rule.priority < first)
			first = w.rule.priority;
	return first;
}

enum nat_answer nat_of(const json_t *listing, const uint8_t source[16], const char *device, struct nat_rule *rule)
{
	struct walk w = { .objects = json_object_get(listing, "nftables"), .source = source, .device = device };
	json_int_t last = kept_from(w);
	enum nat_answer answer = NAT_NONE;

	for (size_t i = 0; walk_next(&w, &i);) {
		if (w.rule.priority > last || w.answer <= answer)
			continue;
		answer = w.answer;
		*rule = w.rule;
	}
	return answer;
}
