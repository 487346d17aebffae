// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "host/nat_match.h"

/* What a rule looks at in a packet */
enum key_kind { KEY_UNKNOWN, KEY_OTHER_FAMILY, KEY_SOURCE, KEY_DEST, KEY_DEVICE, KEY_NAME, KEY_PORT, KEY_PROTOCOL };

struct key {
	enum key_kind kind;
	const char *name; /* KEY_NAME: what the packet has there */
};

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

static enum nat_answer opposite(enum nat_answer a)
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

static enum nat_answer in_range(const json_t *range, const uint8_t address[16])
{
	uint8_t first[16], last[16];

	if (!address_of(json_array_get(range, 0), first) || !address_of(json_array_get(range, 1), last))
		return NAT_PERHAPS;
	return memcmp(first, address, 16) <= 0 && memcmp(address, last, 16) <= 0 ? NAT_ALL : NAT_NONE;
}

enum nat_answer nat_has_address(const json_t *value, const uint8_t address[16])
{
	const json_t *range = json_object_get(value, "range");
	struct prefix p;

	if (range)
		return in_range(range, address);
	if (!prefix_of(value, &p))
		return NAT_PERHAPS;
	return prefix_covers(&p, address) ? NAT_ALL : NAT_NONE;
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

	return !s ? NAT_PERHAPS : nat_name_matches(s, name) ? NAT_ALL : NAT_NONE;
}

/* Is it a port that a mail server sends to: SMTP, submission, DNS? */
static enum nat_answer has_port(const json_t *value)
{
	static const int ports[] = { 25, 53, 465, 587 };
	const json_t *range = json_object_get(value, "range");

	if (!range && !json_is_integer(value))
		return NAT_PERHAPS;
	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++)
		if (json_integer_value(range ? json_array_get(range, 0) : value) <= ports[i] &&
		    ports[i] <= json_integer_value(range ? json_array_get(range, 1) : value))
			return NAT_SOME;
	return NAT_NONE;
}

static enum nat_answer has_protocol(const json_t *value)
{
	const char *s = json_string_value(value);

	return !s ? NAT_PERHAPS : !strcmp(s, "tcp") || !strcmp(s, "udp") ? NAT_SOME : NAT_NONE;
}

static struct key key_of_payload(const struct nat_way *w, const json_t *payload)
{
	const char *protocol = nat_text(payload, "protocol"), *field = nat_text(payload, "field");

	if (!strcmp(field, "dport"))
		return (struct key){ .kind = KEY_PORT };
	if (strcmp(protocol, "ip") != 0 && strcmp(protocol, "ip6") != 0)
		return (struct key){ .kind = KEY_UNKNOWN };
	if (address_is_ipv4(w->source) != !strcmp(protocol, "ip"))
		return (struct key){ .kind = KEY_OTHER_FAMILY };
	if (!strcmp(field, "saddr") || !strcmp(field, "daddr"))
		return (struct key){ .kind = *field == 's' ? KEY_SOURCE : KEY_DEST };
	return (struct key){ .kind = !strcmp(field, "protocol") || !strcmp(field, "nexthdr") ? KEY_PROTOCOL
											     : KEY_UNKNOWN };
}

static struct key key_of_meta(const struct nat_way *w, const char *key)
{
	bool ipv4 = address_is_ipv4(w->source);

	if (!strcmp(key, "oifname") || !strcmp(key, "oif"))
		return (struct key){ .kind = KEY_DEVICE };
	if (!strcmp(key, "iifname") || !strcmp(key, "iif"))
		return (struct key){ KEY_NAME, "" }; /* what a process sends came in by no device */
	if (!strcmp(key, "nfproto"))
		return (struct key){ KEY_NAME, ipv4 ? "ipv4" : "ipv6" };
	if (!strcmp(key, "protocol"))
		return (struct key){ KEY_NAME, ipv4 ? "ip" : "ip6" };
	return (struct key){ .kind = !strcmp(key, "l4proto") ? KEY_PROTOCOL : KEY_UNKNOWN };
}

/* NAT decides on the first packet of a connection. */
static struct key key_of_conntrack(const char *key)
{
	if (!strcmp(key, "state"))
		return (struct key){ KEY_NAME, "new" };
	if (!strcmp(key, "direction"))
		return (struct key){ KEY_NAME, "original" };
	return (struct key){ .kind = KEY_UNKNOWN };
}

/* Of which type is the source, or the destination, as such? Not on a device. */
static struct key key_of_fib(const json_t *fib)
{
	const json_t *flags = json_object_get(fib, "flags");
	const char *flag = json_string_value(json_is_array(flags) ? json_array_get(flags, 0) : flags);

	if (strcmp(nat_text(fib, "result"), "type") != 0 || !flag || json_array_size(flags) > 1)
		return (struct key){ .kind = KEY_UNKNOWN };
	return (struct key){ KEY_NAME, !strcmp(flag, "saddr") ? "local" : "unicast" };
}

static struct key key_of(const struct nat_way *w, const json_t *left)
{
	if (json_object_get(left, "payload"))
		return key_of_payload(w, json_object_get(left, "payload"));
	if (json_object_get(left, "meta"))
		return key_of_meta(w, nat_text(json_object_get(left, "meta"), "key"));
	if (json_object_get(left, "ct"))
		return key_of_conntrack(nat_text(json_object_get(left, "ct"), "key"));
	if (json_object_get(left, "fib"))
		return key_of_fib(json_object_get(left, "fib"));
	return (struct key){ .kind = KEY_UNKNOWN };
}

/* One value that is neither a set nor a concatenation */
static enum nat_answer has_value(const struct nat_packet *p, const json_t *left, const json_t *value)
{
	const struct key key = key_of(p->way, left);

	switch (key.kind) {
	case KEY_OTHER_FAMILY:
		return NAT_NONE;
	case KEY_SOURCE:
		return nat_has_address(value, p->way->source);
	case KEY_DEST:
		remember_dest(p->rules, value);
		return nat_has_address(value, p->way->dest);
	case KEY_DEVICE:
		if (json_is_string(value))
			remember_device(p->rules, json_string_value(value));
		return has_name(value, p->way->device);
	case KEY_NAME:
		return has_name(value, key.name);
	case KEY_PORT:
		return has_port(value);
	case KEY_PROTOCOL:
		return has_protocol(value);
	default:
		return NAT_PERHAPS;
	}
}

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
static const json_t *elements_of(const struct nat_packet *p, const char *kind, const char *name)
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

static enum nat_answer compare(const struct nat_packet *p, const json_t *left, const json_t *right, int depth);

/* Any of a list */
static enum nat_answer compare_any(const struct nat_packet *p, const json_t *left, const json_t *list, int depth)
{
	enum nat_answer answer = NAT_NONE;

	for (size_t i = 0; i < json_array_size(list); i++)
		answer = nat_stronger(answer, compare(p, left, json_array_get(list, i), depth));
	return answer;
}

/* "ip daddr . tcp dport": all of them */
static enum nat_answer compare_each(const struct nat_packet *p, const json_t *left, const json_t *right, int depth)
{
	enum nat_answer answer = NAT_ALL;

	if (!right)
		return NAT_PERHAPS;
	for (size_t i = 0; i < json_array_size(left); i++)
		answer = nat_weaker(answer, compare(p, json_array_get(left, i), json_array_get(right, i), depth));
	return answer;
}

/* A value of a rule: one, or a list or set of them, of which the strongest answer counts */
static enum nat_answer compare(const struct nat_packet *p, const json_t *left, const json_t *right, int depth)
{
	const char *s = json_string_value(right);
	const json_t *inner;

	if (depth > 8 || ++p->rules->steps > NAT_MAX_STEPS)
		return NAT_PERHAPS;
	if (s && *s == '@')
		inner = elements_of(p, "set", s);
	else
		inner = json_is_array(right) ? right : json_object_get(right, "set");
	if (inner)
		return compare_any(p, left, inner, depth + 1);
	if (s && *s == '@')
		return NAT_PERHAPS;
	if ((inner = json_object_get(json_object_get(right, "elem"), "val")))
		return compare(p, left, inner, depth + 1);
	if ((inner = json_object_get(left, "concat")))
		return compare_each(p, inner, json_object_get(right, "concat"), depth + 1);
	return has_value(p, left, right);
}

enum nat_answer nat_compare(const struct nat_packet *p, const json_t *key, const json_t *values)
{
	return compare(p, key, values, 0);
}

enum nat_answer nat_match(const struct nat_packet *p, const json_t *match)
{
	const json_t *left = json_object_get(match, "left"), *right = json_object_get(match, "right");

	if (key_of(p->way, left).kind == KEY_OTHER_FAMILY)
		return NAT_NONE; /* also with != */
	if (!strcmp(nat_text(match, "op"), "!="))
		return opposite(nat_compare(p, left, right));
	return nat_compare(p, left, right);
}

const json_t *nat_pairs(const struct nat_packet *p, const json_t *data)
{
	const char *s = json_string_value(data);

	return s && *s == '@' ? elements_of(p, "map", s) : json_object_get(data, "set");
}
