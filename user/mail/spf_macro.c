// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The macros of SPF (RFC 7208, 7). */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/ip.h"
#include "mail/spf.h"

#define MAX_EXPANDED 2048
#define MAX_PARTS 128

struct expansion {
	char text[MAX_EXPANDED];
	size_t length;
	bool bad;
};

static void append(struct expansion *e, const char *text, size_t length)
{
	if (e->length + length >= sizeof(e->text)) {
		e->bad = true;
		return;
	}
	memcpy(e->text + e->length, text, length);
	e->length += length;
	e->text[e->length] = '\0';
}

/* %{i}: IPv4 with dots, IPv6 with a dot after each nibble */
static void print_address(const uint8_t address[16], char ret[64])
{
	size_t n = 0;

	if (address_is_ipv4(address)) {
		inet_ntop(AF_INET, address + 12, ret, 64);
		return;
	}
	for (int i = 0; i < 16; i++)
		n += (size_t)snprintf(ret + n, 64 - n, "%s%x.%x", i ? "." : "", address[i] >> 4, address[i] & 15);
}

/* NULL: there is no such macro. SPACE holds a value that is made here. */
static const char *value_of(const struct spf *s, const char *domain, char letter, char space[MAX_EXPANDED])
{
	switch (letter) {
	case 's':
		snprintf(space, MAX_EXPANDED, "postmaster@%s", s->domain);
		return space;
	case 'l':
		return "postmaster";
	case 'o':
		return s->domain;
	case 'd':
		return domain;
	case 'i':
		print_address(s->address, space);
		return space;
	case 'p': /* 7.2: costs lookups and should not be used; "unknown" is allowed */
		return "unknown";
	case 'v':
		return address_is_ipv4(s->address) ? "in-addr" : "ip6";
	case 'h':
		return s->helo;
	default: /* c, r and t are for explanations */
		return NULL;
	}
}

struct transformer {
	unsigned int digits; /* 0: all parts */
	bool reverse;
	char delimiters[16];
};

/* Reads what is between the letter and the brace. */
static bool read_transformer(const char *p, size_t length, struct transformer *ret)
{
	size_t i = 0;

	*ret = (struct transformer){ .delimiters = "." };
	for (; i < length && isdigit((unsigned char)p[i]); i++)
		if (ret->digits < 1000)
			ret->digits = ret->digits * 10 + (unsigned int)(p[i] - '0');
	if (i && !ret->digits)
		return false;
	if (i < length && (p[i] == 'r' || p[i] == 'R')) {
		ret->reverse = true;
		i++;
	}
	if (i == length)
		return true;
	if (length - i >= sizeof(ret->delimiters))
		return false;
	for (size_t k = i; k < length; k++)
		if (!strchr(".-+,/_=", p[k]))
			return false;
	memcpy(ret->delimiters, p + i, length - i);
	ret->delimiters[length - i] = '\0';
	return true;
}

/* Appends the parts of VALUE that are wanted, with dots between. Cuts VALUE up. */
static void transform(struct expansion *e, const struct transformer *t, char *value)
{
	char *part[MAX_PARTS];
	size_t n = 0, first;

	part[n++] = value;
	for (char *p = value; n < MAX_PARTS && (p = strpbrk(p, t->delimiters)); part[n++] = p)
		*p++ = '\0';
	first = t->digits && t->digits < n ? n - t->digits : 0;
	for (size_t i = first; i < n; i++) {
		const char *text = part[t->reverse ? n - 1 - i : i];

		append(e, ".", i > first);
		append(e, text, strlen(text));
	}
}

/* Appends as in a URL: an upper case letter asks for that. */
static void append_escaped(struct expansion *to, const struct expansion *from)
{
	for (size_t i = 0; i < from->length; i++) {
		unsigned char c = (unsigned char)from->text[i];
		char hex[4];

		if (isalnum(c) || strchr("-._~", c)) {
			append(to, (const char *)&from->text[i], 1);
		} else {
			snprintf(hex, sizeof(hex), "%%%02X", c);
			append(to, hex, 3);
		}
	}
}

/* "{ir}", "{d2}" ...: returns what comes after it, or NULL. */
static const char *expand_braces(struct expansion *e, const struct spf *s, const char *domain, const char *p,
				 const char *end)
{
	const char *close = memchr(p, '}', (size_t)(end - p));
	struct expansion transformed = { .length = 0 };
	char space[MAX_EXPANDED], copy[MAX_EXPANDED];
	struct transformer t;
	const char *value;

	if (!close || close - p < 2)
		return NULL;
	value = value_of(s, domain, (char)tolower((unsigned char)p[1]), space);
	if (!value || !read_transformer(p + 2, (size_t)(close - p - 2), &t))
		return NULL;
	snprintf(copy, sizeof(copy), "%s", value);
	transform(&transformed, &t, copy);
	if (isupper((unsigned char)p[1]))
		append_escaped(e, &transformed);
	else
		append(e, transformed.text, transformed.length);
	return close + 1;
}

static void expand(struct expansion *e, const struct spf *s, const char *domain, const char *p, const char *end)
{
	while (p && p < end) {
		const char *percent = memchr(p, '%', (size_t)(end - p));

		append(e, p, (size_t)((percent ? percent : end) - p));
		if (!percent)
			return;
		p = percent + 2;
		if (p > end)
			p = NULL;
		else if (percent[1] == '%')
			append(e, "%", 1);
		else if (percent[1] == '_')
			append(e, " ", 1);
		else if (percent[1] == '-')
			append(e, "%20", 3);
		else
			p = percent[1] == '{' ? expand_braces(e, s, domain, percent + 1, end) : NULL;
	}
	e->bad |= !p;
}

int spf_expand(const struct spf *s, const char *domain, const char *spec, size_t length, char ret[SPF_MAX_NAME + 1])
{
	struct expansion e = { .length = 0 };
	const char *name = e.text;

	expand(&e, s, domain, spec, spec + length);
	if (e.bad)
		return -EINVAL;
	while (strlen(name) > SPF_MAX_NAME) {
		const char *dot = strchr(name, '.');

		name = dot ? dot + 1 : "";
	}
	memcpy(ret, name, strlen(name) + 1);
	return 0;
}
