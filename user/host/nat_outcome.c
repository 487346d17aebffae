// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which source, or destination, does a rule give to what comes to it? */
#include <string.h>

#include "host/nat_match.h"

static const struct nat_outcome nothing = { NAT_NONE, NAT_NONE }, unknown = { NAT_PERHAPS, NAT_PERHAPS },
				other = { NAT_ALL, NAT_NONE }, same = { NAT_NONE, NAT_ALL };

static struct nat_outcome to_value(const struct nat_packet *p, const json_t *value, int depth);

/* Does the key of a map choose among all of its pairs, by turns or by a hash? */
static bool chooses_any(const json_t *key, size_t n_pairs)
{
	static const char *const names[] = { "numgen", "jhash", "symhash" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const json_t *by = json_object_get(key, names[i]);

		if (by)
			return json_integer_value(json_object_get(by, "mod")) <= (json_int_t)n_pairs;
	}
	return false;
}

/* One of them, or nothing if the key is in none: the kernel then goes on with the next rule. */
static struct nat_outcome to_map(const struct nat_packet *p, const json_t *map, int depth)
{
	const json_t *key = json_object_get(map, "key"), *pairs = nat_pairs(p, json_object_get(map, "data"));
	bool any = chooses_any(key, json_array_size(pairs)), all_other = any, all_same = any;
	struct nat_outcome out = nothing;

	for (size_t i = 0; i < json_array_size(pairs); i++) {
		const json_t *pair = json_array_get(pairs, i);
		struct nat_outcome to = to_value(p, json_array_get(pair, 1), depth);
		enum nat_answer here = nat_has_pair(p, key, pairs, i);

		all_other = all_other && to.other == NAT_ALL;
		all_same = all_same && to.same == NAT_ALL;
		out.other = nat_stronger(out.other, nat_weaker(here, to.other));
		out.same = nat_stronger(out.same, nat_weaker(here, to.same));
	}
	return !pairs ? unknown : all_other ? other : all_same ? same : out;
}

/* What comes after "snat to": an address, a range of which one is taken, a prefix for the first bits, a map of these */
static struct nat_outcome to_value(const struct nat_packet *p, const json_t *value, int depth)
{
	const json_t *range = json_object_get(value, "range"), *inner;

	if (depth > 4)
		return unknown;
	if ((inner = json_object_get(value, "concat"))) /* with a port */
		return to_value(p, json_array_get(inner, 0), depth + 1);
	if ((inner = json_object_get(json_object_get(value, "elem"), "val")))
		return to_value(p, inner, depth + 1);
	if (json_object_get(value, "map"))
		return to_map(p, json_object_get(value, "map"), depth + 1);
	switch (nat_has_address(value, p->way->source)) {
	case NAT_NONE:
		return other;
	case NAT_ALL:
		return range && !json_equal(json_array_get(range, 0), json_array_get(range, 1)) ? unknown : same;
	default:
		return unknown;
	}
}

static struct nat_outcome translate(const struct nat_packet *p, const json_t *statement)
{
	const json_t *snat = json_object_get(statement, "snat"), *addr = json_object_get(snat, "addr");
	const char *name = nat_text(json_object_get(statement, "xt"), "name"), *family = nat_text(snat, "family");

	if (snat && *family && address_is_ipv4(p->way->source) != !strcmp(family, "ip"))
		return nothing; /* nft_nat_inet_eval() goes on with the next rule */
	if (snat)
		return addr ? to_value(p, addr, 0) : same;
	if (json_object_get(statement, "masquerade") || !strcmp(name, "MASQUERADE"))
		return p->way->is_kernels_own ? unknown : other; /* it may choose as the kernel would */
	return !strcmp(name, "SNAT") || !strcmp(name, "NETMAP") ? unknown : nothing; /* to where is not listed */
}

/* A statement that writes into the packet: does it write FIELD (saddr, daddr)? One that goes by bytes may. */
static enum nat_answer writes(const struct nat_packet *p, const json_t *statement, const char *field)
{
	const json_t *key = json_object_get(json_object_get(statement, "mangle"), "key");
	const json_t *payload = json_object_get(key, "payload");
	const char *base = nat_text(payload, "base");

	if (*base)
		return !strcmp(base, "nh") || !strcmp(base, "ll") ? NAT_PERHAPS : NAT_NONE;
	return !strcmp(nat_text(payload, "field"), field) &&
			       !strcmp(nat_text(payload, "protocol"), address_is_ipv4(p->way->source) ? "ip" : "ip6")
		       ? NAT_ALL
		       : NAT_NONE;
}

static struct nat_outcome rewrite(const struct nat_packet *p, const json_t *statement)
{
	enum nat_answer does = writes(p, statement, "saddr");
	struct nat_outcome out;

	if (!strcmp(nat_text(json_object_get(statement, "xt"), "name"), "SNPT"))
		return (struct nat_outcome){ .other = NAT_PERHAPS };
	if (!does)
		return nothing;
	out = to_value(p, json_object_get(json_object_get(statement, "mangle"), "value"), 0);
	return (struct nat_outcome){ .other = nat_weaker(does, out.other) }; /* a later rule may write again */
}

/* The first one counts, as of the source; with no address it only sets the port. */
static struct nat_outcome redirect(const struct nat_packet *p, const json_t *statement)
{
	const json_t *dnat = json_object_get(statement, "dnat");
	const char *name = nat_text(json_object_get(statement, "xt"), "name"), *family = nat_text(dnat, "family");

	if (dnat && *family && address_is_ipv4(p->way->source) != !strcmp(family, "ip"))
		return nothing;
	if (dnat)
		return json_object_get(dnat, "addr") ? other : same;
	if (json_object_get(statement, "redirect") || !strcmp(name, "REDIRECT"))
		return other;
	if (!strcmp(name, "DNAT") || !strcmp(name, "DNPT"))
		return unknown; /* to where is not listed */
	return (struct nat_outcome){ .other = writes(p, statement, "daddr") };
}

static bool is_one_of(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* Targets of iptables, and those of ebtables, which write other addresses (of Ethernet). They pass the packet on. */
static bool is_known_target(const char *name)
{
	static const char *const names[] = {
		"comment", "MARK", "CONNMARK", "LOG",     "NFLOG",       "TCPMSS",     "CLASSIFY", "CHECKSUM",
		"DSCP",    "TOS",  "TRACE",    "SECMARK", "CONNSECMARK", "CT",         "NOTRACK",  "SET",
		"HL",      "TTL",  "RATEEST",  "AUDIT",   "LED",         "IDLETIMER",  "ECN",      "TCPOPTSTRIP",
		"TEE",     "DNAT", "REDIRECT", "DNPT",    "SNAT",        "MASQUERADE", "NETMAP",   "SNPT",
		"TPROXY",  "mark", "snat",     "dnat",    "redirect",    "arpreply",   "log",      "nflog",
	};

	return is_one_of(name, names, sizeof(names) / sizeof(*names));
}

/* A statement that nft has no JSON for is a string, as in a rule's text: "add @map { ... }", and chains with no name.
 */
static bool is_known_text(const char *text)
{
	static const char *const verbs[] = { "add @", "update @", "delete @", "last", "reset " };

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strncmp(text, verbs[i], strlen(verbs[i])))
			return true;
	return false;
}

/* Does it leave the addresses of a packet alone, for all that is known of it? */
static bool is_known(const json_t *statement)
{
	static const char *const names[] = {
		"match",      "counter",        "log",        "notrack",  "continue", "last",
		"accept",     "drop",           "return",     "jump",     "goto",     "vmap",
		"snat",       "dnat",           "masquerade", "redirect", "mangle",   "set",
		"map",        "meter",          "quota",      "limit",    "ct count", "ct helper",
		"ct timeout", "ct expectation", "secmark",    "reset",    "dup",      "flow",
		"tproxy",     "synproxy",
	};
	const json_t *xt = json_object_get(statement, "xt");
	const char *text = json_string_value(statement);

	if (text)
		return is_known_text(text);
	if (xt)
		return !strcmp(nat_text(xt, "type"), "match") || !strcmp(nat_text(xt, "type"), "watcher") ||
		       is_known_target(nat_text(xt, "name"));
	return is_one_of(json_object_iter_key(json_object_iter((json_t *)statement)), names,
			 sizeof(names) / sizeof(*names));
}

struct nat_outcome nat_outcome(const struct nat_packet *p, const json_t *statement, enum nat_kind kind)
{
	if (json_object_get(statement, "drop") || json_object_get(statement, "reject") ||
	    json_object_get(statement, "fwd") || !strcmp(nat_text(json_object_get(statement, "xt"), "name"), "REJECT"))
		return same;
	if (!is_known(statement))
		return unknown;
	if (kind == NAT_DESTINATION)
		return redirect(p, statement);
	return kind == NAT_TRANSLATION ? translate(p, statement) : rewrite(p, statement);
}
