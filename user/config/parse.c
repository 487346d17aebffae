// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "config/parse.h"

bool word_next(struct word *w, const struct config_value *v, const char *separators)
{
	const char *text = w->text ? w->text + w->len : v->text;

	text += strspn(text, separators);
	*w = (struct word){
		.text = text,
		.len = (int)strcspn(text, separators),
		.line = v->line,
		.col = v->col + (unsigned int)(text - v->text),
	};
	return w->len > 0;
}

/* Only decimal and canonical: nobody has to wonder whether 010 is eight. */
static bool parse_number(const char *text, int len, unsigned int max, unsigned int *ret)
{
	*ret = 0;
	if (len < 1 || len > 5 || (len > 1 && *text == '0'))
		return false;
	for (int i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*ret = *ret * 10 + (unsigned int)(text[i] - '0');
	}
	return *ret <= max;
}

/* RFC 4291, 2.4, and for IPv4 RFC 6890. A prefix comes before those that contain it. */
static const struct {
	struct prefix prefix;
	const char *what;
} not_a_source[] = {
	{ { 128, { 0 } }, "the unspecified address" },
	{ { 128, { [15] = 1 } }, "the loopback address" },
	{ { 96, { 0 } }, "IPv4-compatible" },
	{ { 104, { [10] = 0xff, [11] = 0xff, 0 } }, "not an address of a host (RFC 1122, 3.2.1.3)" },
	{ { 104, { [10] = 0xff, [11] = 0xff, 127 } }, "a loopback address" },
	{ { 112, { [10] = 0xff, [11] = 0xff, 169, 254 } }, "link-local" },
	{ { 100, { [10] = 0xff, [11] = 0xff, 224 } }, "multicast" },
	{ { 100, { [10] = 0xff, [11] = 0xff, 240 } }, "reserved, or the broadcast address" },
	{ { 10, { 0xfe, 0x80 } }, "link-local, which needs a scope" },
	{ { 8, { 0xff } }, "multicast" },
};

/* P may be an address, or a prefix: none of its addresses may be one that is no source. */
static bool can_be_source(const struct word *w, int family, const char *wanted, const struct prefix *p,
			  struct diagnostics *d)
{
	int got = prefix_is_ipv4(p) ? AF_INET : AF_INET6;

	if (family != AF_UNSPEC && got != family) {
		diagnose(d, w->line, w->col, "'%.*s' cannot be a source here: it is %s, and %s", w->len, w->text,
			 got == AF_INET ? "IPv4" : "IPv6", wanted);
		return false;
	}
	for (size_t i = 0; i < sizeof(not_a_source) / sizeof(not_a_source[0]); i++) {
		const struct prefix *range = &not_a_source[i].prefix;

		if (prefix_covers(range, p->addr) && p->prefixlen >= range->prefixlen)
			diagnose(d, w->line, w->col, "'%.*s' cannot be a source: it is %s", w->len, w->text,
				 not_a_source[i].what);
		else if (prefix_covers(p, range->addr))
			diagnose(d, w->line, w->col,
				 "'%.*s' cannot be a source: not each address of it can be one (%s)", w->len, w->text,
				 not_a_source[i].what);
		else
			continue;
		return false;
	}
	return true;
}

static bool clear_host_bits(struct prefix *p)
{
	bool any = false;

	for (unsigned int bit = p->prefixlen; bit < 128; bit++) {
		__u8 mask = (__u8)(0x80 >> bit % 8);

		any |= p->addr[bit / 8] & mask;
		p->addr[bit / 8] &= (__u8)~mask;
	}
	return any;
}

bool parse_prefix(const struct word *w, struct prefix *ret, struct diagnostics *d)
{
	const char *slash = memchr(w->text, '/', (size_t)w->len);
	int len = slash ? (int)(slash - w->text) : w->len;
	int family = address_parse(w->text, len, ret->addr);
	unsigned int max = family == AF_INET ? 32 : 128;
	char text[PREFIX_STRLEN];

	if (family == AF_UNSPEC) {
		diagnose(d, w->line, w->col, "'%.*s' is neither an address nor a prefix", w->len, w->text);
		return false;
	}
	ret->prefixlen = max;
	if (slash && !parse_number(slash + 1, w->len - len - 1, max, &ret->prefixlen)) {
		diagnose(d, w->line, w->col + (unsigned int)len + 1,
			 "prefix length '%.*s' is not a number from 0 to %u", w->len - len - 1, slash + 1, max);
		return false;
	}
	if (family == AF_INET)
		ret->prefixlen += MAPPED_BITS;
	if (clear_host_bits(ret)) {
		diagnose(d, w->line, w->col, "%.*s has host bits set; did you mean %s?", w->len, w->text,
			 prefix_print(ret, text));
		return false;
	}
	return true;
}

bool parse_port(const struct word *w, __u16 *ret, struct diagnostics *d)
{
	unsigned int n;

	if (!parse_number(w->text, w->len, 65535, &n) || !n) {
		diagnose(d, w->line, w->col, "'%.*s' is not a port (1 to 65535)", w->len, w->text);
		return false;
	}
	*ret = (__u16)n;
	return true;
}

bool parse_keyword(const struct config_value *v, const struct keyword *keyword, size_t n, unsigned int *ret,
		   struct diagnostics *d)
{
	char list[80] = "";

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(v->text, keyword[i].name)) {
			*ret = keyword[i].value;
			return true;
		}
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "", keyword[i].name);
	}
	diagnose(d, v->line, v->col, "'%s' is none of %s", v->text, list);
	return false;
}

bool parse_source(const struct word *w, int family, const char *wanted, struct prefix *ret, struct diagnostics *d)
{
	int got = address_parse(w->text, w->len, ret->addr);
	char text[INET6_ADDRSTRLEN];

	if (memchr(w->text, '/', (size_t)w->len)) {
		if (!parse_prefix(w, ret, d))
			return false;
	} else if (got == AF_UNSPEC) {
		diagnose(d, w->line, w->col, "'%.*s' is not an %s address", w->len, w->text,
			 family == AF_INET6  ? "IPv6"
			 : family == AF_INET ? "IPv4"
					     : "IP");
		return false;
	} else {
		ret->prefixlen = 128;
	}
	if (got == AF_INET6 && address_is_ipv4(ret->addr)) {
		diagnose(d, w->line, w->col, "'%.*s' cannot be a source: it is IPv4-mapped; write %s", w->len, w->text,
			 address_print(ret->addr, text));
		return false;
	}
	return can_be_source(w, family, wanted, ret, d);
}
