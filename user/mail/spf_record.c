// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "mail/spf_record.h"

static const struct {
	const char *name;
	enum spf_kind kind;
	enum { NO_SPEC, MAY_SPEC, MUST_SPEC } spec;
	bool cidr;
} mechanisms[] = {
	{ "all", SPF_ALL, NO_SPEC, false },  { "include", SPF_INCLUDE, MUST_SPEC, false },
	{ "a", SPF_A, MAY_SPEC, true },      { "mx", SPF_MX, MAY_SPEC, true },
	{ "ptr", SPF_PTR, MAY_SPEC, false }, { "ip4", SPF_IP4, MUST_SPEC, true },
	{ "ip6", SPF_IP6, MUST_SPEC, true }, { "exists", SPF_EXISTS, MUST_SPEC, false },
};

#define N_MECHANISMS (sizeof(mechanisms) / sizeof(*mechanisms))

bool spf_is_record(const char *text)
{
	return !strncasecmp(text, "v=spf1", 6) && (!text[6] || text[6] == ' ');
}

static bool is(const char *name, const char *text, size_t length)
{
	return strlen(name) == length && !strncasecmp(name, text, length);
}

/* "0", or digits that begin with another one */
static bool read_number(const char *p, size_t length, unsigned int max, unsigned int *ret)
{
	*ret = 0;
	if (!length || length > 3 || (length > 1 && *p == '0'))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!isdigit((unsigned char)p[i]))
			return false;
		*ret = *ret * 10 + (unsigned int)(p[i] - '0');
	}
	return *ret <= max;
}

/* Does it end in a macro, or in what can be a top-level domain, which is not all digits? */
static bool is_domain_spec(const char *p, size_t length)
{
	size_t n = length && p[length - 1] == '.' ? length - 1 : length, start;
	bool letter = false;

	for (size_t i = 0; i < length; i++)
		if (p[i] <= ' ' || p[i] > '~')
			return false;
	if (length >= 2 && (p[length - 1] == '}' || (p[length - 2] == '%' && strchr("%_-", p[length - 1]))))
		return true;
	for (start = n; start && p[start - 1] != '.'; start--) {
		if (!isalnum((unsigned char)p[start - 1]) && p[start - 1] != '-')
			return false;
		letter |= !isdigit((unsigned char)p[start - 1]);
	}
	return start && n > start && letter && p[start] != '-' && p[n - 1] != '-';
}

/* The first slash of "/24", "//64" or "/24//64" at the end of the LENGTH bytes at P, or NULL. */
static const char *find_slash(const char *p, size_t length)
{
	size_t n = length;

	while (n && (isdigit((unsigned char)p[n - 1]) || p[n - 1] == '/'))
		n--;
	return memchr(p + n, '/', length - n);
}

static bool read_dual_cidr(const char *p, const char *end, struct spf_term *t)
{
	const char *six = memmem(p, (size_t)(end - p), "//", 2);
	const char *four_end = six ? six : end;

	if (four_end > p && !read_number(p + 1, (size_t)(four_end - p - 1), 32, &t->cidr4))
		return false;
	return !six || read_number(six + 2, (size_t)(end - six - 2), 128, &t->cidr6);
}

static bool read_network(struct spf_term *t, int family)
{
	const char *slash = memchr(t->spec, '/', t->spec_length), *end = t->spec + t->spec_length;
	size_t length = slash ? (size_t)(slash - t->spec) : t->spec_length;
	char address[INET6_ADDRSTRLEN];

	if (length >= sizeof(address))
		return false;
	memcpy(address, t->spec, length);
	address[length] = '\0';
	t->address[10] = t->address[11] = 0xff;
	if (inet_pton(family, address, family == AF_INET ? t->address + 12 : t->address) != 1)
		return false;
	t->spec = NULL;
	return !slash || read_number(slash + 1, (size_t)(end - slash - 1), family == AF_INET ? 32 : 128,
				     family == AF_INET ? &t->cidr4 : &t->cidr6);
}

/* P: after the mechanism's name */
static bool read_mechanism(size_t which, const char *p, const char *end, struct spf_term *t)
{
	t->kind = mechanisms[which].kind;
	if (p < end && *p == ':') {
		t->spec = p + 1;
		t->spec_length = (size_t)(end - p - 1);
		p = end;
	}
	if (t->spec ? mechanisms[which].spec == NO_SPEC || !t->spec_length : mechanisms[which].spec == MUST_SPEC)
		return false;
	if (t->spec && (t->kind == SPF_IP4 || t->kind == SPF_IP6))
		return read_network(t, t->kind == SPF_IP4 ? AF_INET : AF_INET6);
	if (mechanisms[which].cidr && t->spec) {
		const char *slash = find_slash(t->spec, t->spec_length);

		p = slash ? slash : end;
		t->spec_length = (size_t)(p - t->spec);
	}
	if (p < end && (!mechanisms[which].cidr || !read_dual_cidr(p, end, t)))
		return false;
	return !t->spec || is_domain_spec(t->spec, t->spec_length);
}

/* Where the value of NAME=VALUE begins; NULL: it is none. */
static const char *find_value(const char *p, const char *end)
{
	const char *q = p;

	if (q == end || !isalpha((unsigned char)*q))
		return NULL;
	while (q < end && (isalnum((unsigned char)*q) || strchr("-_.", *q)))
		q++;
	return q < end && *q == '=' ? q + 1 : NULL;
}

static bool read_term(const char *p, const char *end, struct spf_term *t)
{
	static const struct {
		char sign;
		enum spf_result result;
	} qualifier[] = { { '+', SPF_PASS }, { '-', SPF_FAIL }, { '~', SPF_SOFTFAIL }, { '?', SPF_NEUTRAL } };
	const char *value = find_value(p, end);
	size_t length;

	if (value) {
		t->kind = is("redirect=", p, (size_t)(value - p)) ? SPF_REDIRECT : SPF_OTHER;
		t->spec = value;
		t->spec_length = (size_t)(end - value);
		return (t->kind == SPF_OTHER && !is("exp=", p, (size_t)(value - p))) ||
		       is_domain_spec(value, t->spec_length);
	}
	for (size_t i = 0; i < sizeof(qualifier) / sizeof(*qualifier); i++) {
		if (*p != qualifier[i].sign)
			continue;
		t->result = qualifier[i].result;
		p++;
		break;
	}
	length = (size_t)(end - p);
	for (size_t i = 0; i < length; i++)
		if (p[i] == ':' || p[i] == '/')
			length = i;
	for (size_t i = 0; i < N_MECHANISMS; i++)
		if (is(mechanisms[i].name, p, length))
			return read_mechanism(i, p + length, end, t);
	return false;
}

int spf_next_term(const char **next, struct spf_term *ret)
{
	const char *p = *next;

	if (spf_is_record(p))
		p += strlen("v=spf1");
	p += strspn(p, " ");
	*ret = (struct spf_term){ .text = p, .length = strcspn(p, " "), .result = SPF_PASS, .cidr4 = 32, .cidr6 = 128 };
	*next = p + ret->length;
	if (!ret->length)
		return 0;
	return read_term(p, *next, ret) ? 1 : -EINVAL;
}
