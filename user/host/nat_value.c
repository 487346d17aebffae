// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Does one value of a rule, an address, a name, a port ..., hold for a packet? */
#include <string.h>

#include "host/nat_match.h"

/* The destinations that are meant by "the internet" */
static const struct prefix internet_ipv6 = { 3, { 0x20 } };

const char *nat_text(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

bool nat_has_string(const json_t *strings, const char *s)
{
	const char *one = json_string_value(strings);

	if (one)
		return !strcmp(one, s);
	for (size_t i = 0; i < json_array_size(strings); i++)
		if (nat_has_string(json_array_get(strings, i), s))
			return true;
	return false;
}

enum nat_answer nat_weaker(enum nat_answer a, enum nat_answer b)
{
	return a < b ? a : b;
}

enum nat_answer nat_stronger(enum nat_answer a, enum nat_answer b)
{
	return a > b ? a : b;
}

enum nat_answer nat_opposite(enum nat_answer a)
{
	return a == NAT_ALL ? NAT_NONE : a == NAT_NONE ? NAT_ALL : a;
}

bool nat_name_matches(const char *pattern, const char *name)
{
	size_t n = strlen(pattern);

	if (n && pattern[n - 1] == '*')
		return !strncmp(pattern, name, n - 1);
	return !strcmp(pattern, name);
}

static enum nat_answer answer(bool holds)
{
	return holds ? NAT_ALL : NAT_NONE;
}

/* From FIRST to LAST */
struct span {
	uint8_t first[16], last[16];
};

static bool address_of(const json_t *value, uint8_t ret[16])
{
	const char *s = json_string_value(value);

	return s && address_parse(s, (int)strlen(s), ret) != AF_UNSPEC;
}

static bool prefix_of(const json_t *value, struct prefix *ret)
{
	const json_t *prefix = json_object_get(value, "prefix");

	*ret = (struct prefix){ .prefixlen = 128 };
	if (!prefix)
		return address_of(value, ret->addr);
	ret->prefixlen = (uint32_t)json_integer_value(json_object_get(prefix, "len"));
	if (!address_of(json_object_get(prefix, "addr"), ret->addr))
		return false;
	if (address_is_ipv4(ret->addr))
		ret->prefixlen += MAPPED_BITS;
	return ret->prefixlen <= 128;
}

static struct span span_of_prefix(const struct prefix *p)
{
	struct span s;

	memcpy(s.first, p->addr, 16);
	memcpy(s.last, p->addr, 16);
	for (uint32_t i = p->prefixlen; i < 128; i++)
		s.last[i / 8] |= (uint8_t)(0x80 >> i % 8);
	return s;
}

static bool span_of(const json_t *value, struct span *ret)
{
	const json_t *range = json_object_get(value, "range");
	struct prefix p;

	if (range)
		return address_of(json_array_get(range, 0), ret->first) &&
		       address_of(json_array_get(range, 1), ret->last);
	if (!prefix_of(value, &p))
		return false;
	*ret = span_of_prefix(&p);
	return true;
}

/* With OP "==": in the span; "<" and others: compared with its only address */
static enum nat_answer is_in(const struct span *s, const char *op, const uint8_t address[16])
{
	int first = memcmp(address, s->first, 16), last = memcmp(address, s->last, 16);

	if (!strcmp(op, "=="))
		return answer(first >= 0 && last <= 0);
	if (!strcmp(op, "<"))
		return answer(first < 0);
	if (!strcmp(op, "<="))
		return answer(last <= 0);
	if (!strcmp(op, ">"))
		return answer(last > 0);
	return !strcmp(op, ">=") ? answer(first >= 0) : NAT_PERHAPS;
}

enum nat_answer nat_has_address(const json_t *value, const uint8_t address[16])
{
	struct span s;

	return span_of(value, &s) ? is_in(&s, "==", address) : NAT_PERHAPS;
}

/* The 16 bits that follow the first SKIPPED ones */
static int bits_after(const uint8_t address[16], uint32_t skipped)
{
	uint32_t bytes = 0;

	for (uint32_t i = skipped / 8; i < skipped / 8 + 4; i++)
		bytes = bytes << 8 | (i < 16 ? address[i] : 0U);
	return (int)(bytes >> (16 - skipped % 8) & 0xffff);
}

/*
 * Are those destinations in it for which no rule has a word of its own? Those
 * that have one are looked at one by one. So what covers all of them counts,
 * and, as a part, what has a sixteenth of them.
 */
static enum nat_answer has_rest_of(const struct span *s, const struct prefix *to)
{
	bool is_internet = !to->prefixlen || (to->prefixlen == MAPPED_BITS && prefix_is_ipv4(to));
	struct span all = span_of_prefix(to->prefixlen ? to : &internet_ipv6);
	const uint8_t *first, *last;

	if (is_internet && to->prefixlen)
		all.last[12] = 0xdf; /* multicast, and what comes after it, is none of it */
	if (memcmp(s->last, all.first, 16) < 0 || memcmp(s->first, all.last, 16) > 0)
		return NAT_NONE;
	first = memcmp(s->first, all.first, 16) > 0 ? s->first : all.first;
	last = memcmp(s->last, all.last, 16) < 0 ? s->last : all.last;
	if (!memcmp(first, all.first, 16) && !memcmp(last, all.last, 16))
		return NAT_ALL;
	return bits_after(last, to->prefixlen) - bits_after(first, to->prefixlen) >= 0xfff ? NAT_SOME : NAT_NONE;
}

/* OP as of is_in() */
static enum nat_answer has_dest(const struct span *s, const char *op, const struct prefix *to)
{
	struct span half = *s;

	if (!strcmp(op, "=="))
		return has_rest_of(&half, to);
	if (to->prefixlen == 128)
		return is_in(s, op, to->addr);
	if (*op == '<')
		memset(half.first, 0, sizeof(half.first));
	else if (*op == '>')
		memset(half.last, 0xff, sizeof(half.last));
	else
		return NAT_PERHAPS;
	return has_rest_of(&half, to);
}

static void remember_dest(struct nat_rules *r, const json_t *value)
{
	const json_t *range = json_object_get(value, "range");
	struct prefix p;

	if (!prefix_of(range ? json_array_get(range, 0) : value, &p))
		return;
	for (size_t i = 0; i < r->n_dest; i++)
		if (!memcmp(&r->dest[i], &p, sizeof(p)))
			return;
	if (r->n_dest == NAT_MAX_NAMED)
		r->name_more = true;
	else
		r->dest[r->n_dest++] = p;
}

static void remember_device(struct nat_rules *r, const char *pattern)
{
	for (size_t i = 0; i < r->n_device; i++)
		if (!strcmp(r->device[i], pattern))
			return;
	if (r->n_device == NAT_MAX_NAMED)
		r->name_more = true;
	else
		r->device[r->n_device++] = pattern;
}

static enum nat_answer has_name(const json_t *value, const char *name)
{
	const char *s = json_string_value(value);

	return !s ? NAT_PERHAPS : answer(nat_name_matches(s, name));
}

/* In a frame with a VLAN's tag the type is another. */
static enum nat_answer has_ethertype(const json_t *value, const char *name)
{
	const char *s = json_string_value(value);

	return s && (!strcmp(s, name) || !strcmp(s, "arp") || !strncmp(s, "ip", 2)) ? has_name(value, name)
										    : NAT_PERHAPS;
}

/* The rules of a bridge, and those at a device, may mean one that is below the way's. */
static enum nat_answer has_device(const struct nat_packet *p, const json_t *value)
{
	const struct nat_way *w = p->way;
	bool is_below = !strcmp(p->family, "bridge") || !strcmp(p->family, "netdev");
	enum nat_answer is = has_name(value, w->device);

	for (size_t i = 0; is_below && i < w->n_below; i++)
		is = nat_stronger(is, nat_weaker(has_name(value, w->below[i]), w->n_below > 1 ? NAT_PERHAPS : NAT_ALL));
	return is;
}

static enum nat_answer has_number(const json_t *value, const char *op, json_int_t number)
{
	const json_t *range = json_object_get(value, "range");
	json_int_t first = json_integer_value(range ? json_array_get(range, 0) : value),
		   last = json_integer_value(range ? json_array_get(range, 1) : value);

	if (!range && !json_is_integer(value))
		return NAT_PERHAPS;
	if (!strcmp(op, "=="))
		return answer(first <= number && number <= last);
	if (!strcmp(op, "<"))
		return answer(number < first);
	if (!strcmp(op, "<="))
		return answer(number <= last);
	if (!strcmp(op, ">"))
		return answer(number > last);
	return !strcmp(op, ">=") ? answer(number >= first) : NAT_PERHAPS;
}

static enum nat_answer is_protocol(const struct nat_flow *f, const char *name)
{
	if (*f->protocol)
		return answer(!strcmp(f->protocol, name));
	return !strcmp(name, "tcp") || !strcmp(name, "udp") ? NAT_PERHAPS : NAT_NONE;
}

/* "th dport" is of any protocol */
static enum nat_answer has_port(const struct nat_flow *f, const char *protocol, const json_t *value, const char *op)
{
	enum nat_answer is = strcmp(protocol, "th") != 0 ? is_protocol(f, protocol) : NAT_ALL;

	if (!f->port && json_is_integer(value) && !strcmp(op, "=="))
		return nat_flow_has_own((uint16_t)json_integer_value(value)) ? NAT_NONE : nat_weaker(is, NAT_PERHAPS);
	return nat_weaker(is, f->port ? has_number(value, op, f->port) : NAT_PERHAPS);
}

enum nat_answer nat_has_value(const struct nat_packet *p, const json_t *left, const char *op, const json_t *value)
{
	const struct nat_key key = nat_key_of(p->way, left);
	const char *name = json_string_value(value);
	struct span s;

	switch (key.kind) {
	case KEY_OTHER_FAMILY:
		return NAT_NONE;
	case KEY_SOURCE:
		return span_of(value, &s) ? is_in(&s, op, p->way->source) : NAT_PERHAPS;
	case KEY_DEST:
		remember_dest(p->rules, value);
		return span_of(value, &s) ? has_dest(&s, op, p->way->to) : NAT_PERHAPS;
	case KEY_PORT:
		return has_port(p->flow, key.name, value, op);
	default:
		break;
	}
	if (strcmp(op, "==") != 0)
		return NAT_PERHAPS;
	switch (key.kind) {
	case KEY_DEVICE:
		if (name)
			remember_device(p->rules, name);
		return has_device(p, value);
	case KEY_NAME:
		return has_name(value, key.name);
	case KEY_ETHERTYPE:
		return has_ethertype(value, key.name);
	case KEY_PROTOCOL:
		return name ? is_protocol(p->flow, name) : NAT_PERHAPS;
	default:
		return NAT_PERHAPS;
	}
}
