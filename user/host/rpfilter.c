// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "host/nat.h"
#include "host/nat_match.h"
#include "host/rpfilter.h"

static bool is_zero(const json_t *value)
{
	const char *text = json_string_value(value);

	return json_is_false(value) || (text && !strcmp(text, "0"));
}

/* Without iif any device will do: "loose". */
static bool is_strict(const json_t *match)
{
	const json_t *fib = json_object_get(json_object_get(match, "left"), "fib");
	const json_t *flags = json_object_get(fib, "flags");

	return nat_has_string(flags, "saddr") && nat_has_string(flags, "iif") &&
	       !strcmp(nat_text(fib, "result"), "oif") && is_zero(json_object_get(match, "right"));
}

static bool drops(const json_t *rule)
{
	const char *family = nat_text(rule, "family");
	const json_t *statements = json_object_get(rule, "expr");
	bool filters = false;

	if (strcmp(family, "inet") != 0 && strcmp(family, "ip6") != 0)
		return false;
	for (size_t i = 0; i < json_array_size(statements); i++) {
		const json_t *s = json_array_get(statements, i);

		filters |= is_strict(json_object_get(s, "match"));
		if (filters && json_object_get(s, "drop"))
			return true;
	}
	return false;
}

bool rpfilter_ipv6_is_strict(void)
{
	_cleanup_free_ char *text = NULL;
	struct failure ignored = { "" };
	json_t *listing, *objects;
	bool found = false;

	if (nat_list(&text, &ignored) || !text)
		return false;
	listing = json_loads(text, 0, NULL);
	objects = json_object_get(listing, "nftables");
	for (size_t i = 0; i < json_array_size(objects) && !found; i++)
		found = drops(json_object_get(json_array_get(objects, i), "rule"));
	json_decref(listing);
	return found;
}
