// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Does a packet get past a statement, to the next one of the rule? Surely only
 * where the kernel has no way to end the rule there (NFT_BREAK): quotas, limits
 * and counts of connections do so, and sets that are full.
 */
#include <string.h>

#include "host/nat_match.h"

/* The kernel has a value for each of these, so the statement that sets one of them does not end the rule. */
static bool is_plain(const json_t *value, int depth)
{
	static const char *const operators[] = { "|", "&", "^", "<<", ">>" };

	if (json_is_integer(value) || (json_is_string(value) && *json_string_value(value) != '@') ||
	    json_object_get(value, "meta") || json_object_get(value, "ct"))
		return true;
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators) && depth < 4; i++) {
		const json_t *of = json_object_get(value, operators[i]);

		if (of)
			return is_plain(json_array_get(of, 0), depth + 1) && is_plain(json_array_get(of, 1), depth + 1);
	}
	return false;
}

static bool mangles_surely(const json_t *mangle)
{
	const json_t *key = json_object_get(mangle, "key");
	const char *protocol = nat_text(json_object_get(key, "payload"), "protocol");

	return (json_object_get(key, "meta") || json_object_get(key, "ct") || !strcmp(protocol, "ip") ||
		!strcmp(protocol, "ip6")) &&
	       is_plain(json_object_get(mangle, "value"), 0);
}

enum nat_answer nat_passes(const struct nat_packet *p, const json_t *statement)
{
	/* and what nat_outcome() or the walk of the chains follows */
	static const char *const names[] = { "counter",  "log",   "notrack", "continue", "last",
					     "accept",   "drop",  "return",  "jump",     "goto",
					     "vmap",     "snat",  "dnat",    "reject",   "masquerade",
					     "redirect", "queue", "fwd",     "dup" };
	const json_t *match = json_object_get(statement, "match"), *mangle = json_object_get(statement, "mangle");
	const json_t *xt = json_object_get(statement, "xt");

	if (match)
		return nat_match(p, match);
	if (mangle)
		return mangles_surely(mangle) ? NAT_ALL : NAT_PERHAPS;
	if (xt) /* what a match is compared with is not listed */
		return !strcmp(nat_text(xt, "type"), "match") && strcmp(nat_text(xt, "name"), "comment") != 0
			       ? NAT_PERHAPS
			       : NAT_ALL;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (json_object_get(statement, names[i]))
			return NAT_ALL;
	return NAT_PERHAPS;
}
