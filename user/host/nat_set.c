// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The elements of a set or map, if they are known */
#include <string.h>

#include "host/nat_match.h"

static bool is_of_table(const struct nat_packet *p, const json_t *object)
{
	return !strcmp(nat_text(object, "table"), p->table) && !strcmp(nat_text(object, "family"), p->family);
}

/* nft 1.0.6 has no JSON for a statement that writes to a map: it is a string, as in a rule's text. */
static bool writes(const json_t *statement, const char *name)
{
	const char *text = json_string_value(statement);

	return text ? strstr(text, name) != NULL
		    : !strcmp(nat_text(json_object_get(statement, "set"), "set"), name) ||
			       !strcmp(nat_text(json_object_get(statement, "map"), "map"), name);
}

/* Does a rule add to the set or map, or take from it? nft 1.0.6 does not list the flag "dynamic". */
static bool is_written(const struct nat_packet *p, const char *name)
{
	const json_t *objects = json_object_get(p->rules->listing, "nftables"), *statements;

	for (size_t i = 0; i < json_array_size(objects); i++) {
		const json_t *rule = json_object_get(json_array_get(objects, i), "rule");

		statements = rule && is_of_table(p, rule) ? json_object_get(rule, "expr") : NULL;
		for (size_t k = 0; k < json_array_size(statements); k++)
			if (writes(json_array_get(statements, k), name))
				return true;
	}
	return false;
}

/* The set or map of this name ("@name"), whose elements are listed, and stay as they are. NULL: there is none. */
const json_t *nat_elements(const struct nat_packet *p, const char *kind, const char *name)
{
	const json_t *objects = json_object_get(p->rules->listing, "nftables");

	for (size_t i = 0; i < json_array_size(objects); i++) {
		const json_t *o = json_object_get(json_array_get(objects, i), kind), *flags;

		if (!o || strcmp(nat_text(o, "name"), name + 1) != 0 || !is_of_table(p, o))
			continue;
		flags = json_object_get(o, "flags");
		if (nat_has_string(flags, "timeout") || nat_has_string(flags, "dynamic") || is_written(p, name))
			return NULL;
		return json_object_get(o, "elem");
	}
	return NULL;
}

const json_t *nat_pairs(const struct nat_packet *p, const json_t *data)
{
	const char *s = json_string_value(data);

	return s && *s == '@' ? nat_elements(p, "map", s) : json_object_get(data, "set");
}
