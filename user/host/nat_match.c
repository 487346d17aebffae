// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Does a condition of a rule hold for a packet? */
#include <string.h>

#include "host/nat_match.h"

static enum nat_answer compare(const struct nat_packet *p, const json_t *left, const char *op, const json_t *right,
			       int depth);

/* Is this element "*", for all that no other one of its set or map is for? */
static bool is_rest(const json_t *element)
{
	const json_t *inner = json_object_get(json_object_get(element, "elem"), "val");
	const char *s = json_string_value(inner ? inner : element);

	return s && !strcmp(s, "*");
}

/* Any of a list */
static enum nat_answer compare_any(const struct nat_packet *p, const json_t *left, const json_t *list, int depth)
{
	enum nat_answer answer = NAT_NONE;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);

		answer = nat_stronger(answer, is_rest(one) ? NAT_ALL : compare(p, left, "==", one, depth));
	}
	return answer;
}

/* "ip daddr . tcp dport": all of them */
static enum nat_answer compare_each(const struct nat_packet *p, const json_t *left, const json_t *right, int depth)
{
	enum nat_answer answer = NAT_ALL;

	if (!right)
		return NAT_PERHAPS;
	for (size_t i = 0; i < json_array_size(left); i++)
		answer = nat_weaker(answer, compare(p, json_array_get(left, i), "==", json_array_get(right, i), depth));
	return answer;
}

/* A value of a rule: one, or a list or set of them, of which the strongest answer counts */
static enum nat_answer compare(const struct nat_packet *p, const json_t *left, const char *op, const json_t *right,
			       int depth)
{
	const char *s = json_string_value(right);
	const json_t *inner;

	if (depth > 8 || ++p->rules->steps > NAT_MAX_STEPS)
		return NAT_PERHAPS;
	if (s && *s == '@')
		inner = nat_elements(p, "set", s);
	else
		inner = json_is_array(right) ? right : json_object_get(right, "set");
	if (inner)
		return !strcmp(op, "==") ? compare_any(p, left, inner, depth + 1) : NAT_PERHAPS;
	if (s && *s == '@')
		return NAT_PERHAPS;
	if ((inner = json_object_get(json_object_get(right, "elem"), "val")))
		return compare(p, left, op, inner, depth + 1);
	if ((inner = json_object_get(left, "concat")))
		return !strcmp(op, "==") ? compare_each(p, inner, json_object_get(right, "concat"), depth + 1)
					 : NAT_PERHAPS;
	return nat_has_value(p, left, op, right);
}

enum nat_answer nat_compare(const struct nat_packet *p, const json_t *key, const json_t *values)
{
	return compare(p, key, "==", values, 0);
}

enum nat_answer nat_has_pair(const struct nat_packet *p, const json_t *key, const json_t *pairs, size_t i)
{
	const json_t *value = json_array_get(json_array_get(pairs, i), 0);
	enum nat_answer others = NAT_NONE;

	if (!is_rest(value))
		return nat_compare(p, key, value);
	for (size_t k = 0; k < json_array_size(pairs); k++)
		if (k != i)
			others = nat_stronger(others, nat_compare(p, key, json_array_get(json_array_get(pairs, k), 0)));
	return nat_opposite(others);
}

/* "in" asks for one bit of several (ct state established,related), "!" for none of them */
enum nat_answer nat_match(const struct nat_packet *p, const json_t *match)
{
	const json_t *left = json_object_get(match, "left"), *right = json_object_get(match, "right");
	const char *op = nat_text(match, "op");

	if (nat_key_of(p->way, left).kind == KEY_OTHER_FAMILY)
		return NAT_NONE; /* also with != */
	if (!strcmp(op, "!=") || !strcmp(op, "!"))
		return nat_opposite(nat_compare(p, left, right));
	return compare(p, left, strcmp(op, "in") != 0 ? op : "==", right, 0);
}
