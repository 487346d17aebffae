// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/ip.h"
#include "mail/spf.h"

#define MAX_LOOKUPS 10 /* RFC 7208, 4.6.4: terms that ask the DNS */
#define MAX_VOID 2     /* terms that find nothing */
#define MAX_NAMES 10   /* in the MX or PTR of one term */

/* For a term, a function returns SPF_PASS: it matches; SPF_NONE: it does not; or an error, which ends the check. */
static enum spf_result check(struct spf *s, const char *domain);

const char *spf_result_text(enum spf_result r)
{
	static const char *const text[] = { "none", "neutral", "pass", "fail", "softfail", "temperror", "permerror" };

	return text[r];
}

static bool is_error(enum spf_result r)
{
	return r == SPF_TEMPERROR || r == SPF_PERMERROR;
}

/* Of the same family, and equal in its first bits? */
static bool in_network(const struct spf *s, const uint8_t network[16], const struct spf_term *t)
{
	struct prefix p;
	bool ipv4 = address_is_ipv4(network);

	if (ipv4 != address_is_ipv4(s->address))
		return false;
	p.prefixlen = ipv4 ? 96 + t->cidr4 : t->cidr6;
	memcpy(p.addr, network, sizeof(p.addr));
	return prefix_covers(&p, s->address);
}

static enum spf_result wrong(struct spf *s, const char *what, const char *domain)
{
	snprintf(s->why, sizeof(s->why), "%s, in the record of %s", what, domain);
	return SPF_PERMERROR;
}

static enum spf_result no_answer(struct spf *s, const struct dns_query *q)
{
	snprintf(s->why, sizeof(s->why), "%s: %s", q->name, dns_status_text(q->status));
	return SPF_TEMPERROR;
}

/* Did the DNS not answer? If a name cannot be asked for, that is an answer: it has nothing. */
static bool is_unanswered(const struct dns_query *q)
{
	return !dns_is_known(q->status) && q->status != DNS_BAD_NAME;
}

/* Asks for a term of the record of DOMAIN: SPF_PASS if there is something to look at. */
static enum spf_result ask(struct spf *s, enum dns_type type, const char *name, const char *domain,
			   const struct dns_query **ret)
{
	const struct dns_query *q = *ret = dns_ask(s->dns, type, name);

	dns_wait(s->dns);
	if (q->status == DNS_FOUND)
		return SPF_PASS;
	if (is_unanswered(q))
		return no_answer(s, q);
	if (++s->void_lookups > MAX_VOID)
		return wrong(s, "more than 2 terms ask for what is not there", domain);
	return SPF_NONE;
}

static enum dns_type address_type(const struct spf *s)
{
	return address_is_ipv4(s->address) ? DNS_A : DNS_AAAA;
}

static bool has_address(const struct spf *s, const struct dns_query *q, const struct spf_term *t)
{
	for (size_t i = 0; i < q->n; i++)
		if (in_network(s, q->record[i].address, t))
			return true;
	return false;
}

static enum spf_result match_a(struct spf *s, const struct spf_term *t, const char *domain, const char *name)
{
	const struct dns_query *q;
	enum spf_result found = ask(s, address_type(s), name, domain, &q);

	return found == SPF_PASS && !has_address(s, q, t) ? SPF_NONE : found;
}

static enum spf_result match_mx(struct spf *s, const struct spf_term *t, const char *domain, const char *name)
{
	const struct dns_query *mx, *q[MAX_NAMES];
	enum spf_result found = ask(s, DNS_MX, name, domain, &mx);

	if (found != SPF_PASS)
		return found;
	if (mx->n > MAX_NAMES)
		return wrong(s, "mx: more than 10 names", domain);
	for (size_t i = 0; i < mx->n; i++)
		q[i] = dns_ask(s->dns, address_type(s), mx->record[i].text);
	dns_wait(s->dns);
	for (size_t i = 0; i < mx->n; i++) {
		if (is_unanswered(q[i]))
			return no_answer(s, q[i]);
		if (has_address(s, q[i], t))
			return SPF_PASS;
	}
	return SPF_NONE;
}

static bool is_below(const char *name, const char *domain)
{
	size_t n = strlen(name), d = strlen(domain);

	n -= n && name[n - 1] == '.';
	d -= d && domain[d - 1] == '.';
	return n >= d && !strncasecmp(name + n - d, domain, d) && (n == d || name[n - d - 1] == '.');
}

static void note_unknown(struct spf *s, const struct dns_query *q)
{
	if (is_unanswered(q))
		s->unknown = q;
}

/* An error is no match here (5.5). Notes what had no answer: another receiver may get one. */
static enum spf_result match_ptr(struct spf *s, const struct spf_term *t, const char *name)
{
	const struct dns_query *ptr = dns_ask_pointer(s->dns, s->address), *q[MAX_NAMES];
	size_t n;

	dns_wait(s->dns);
	note_unknown(s, ptr);
	n = ptr->n < MAX_NAMES ? ptr->n : MAX_NAMES;
	for (size_t i = 0; i < n; i++)
		q[i] = dns_ask(s->dns, address_type(s), ptr->record[i].text);
	dns_wait(s->dns);
	for (size_t i = 0; i < n; i++) {
		if (!is_below(ptr->record[i].text, name))
			continue;
		if (has_address(s, q[i], t))
			return SPF_PASS;
		note_unknown(s, q[i]);
	}
	return SPF_NONE;
}

/* The result of another record, that of NAME. */
static enum spf_result check_other(struct spf *s, const struct spf_term *t, const char *domain, const char *name)
{
	enum spf_result result = check(s, name);

	if (result != SPF_NONE)
		return result;
	snprintf(s->why, sizeof(s->why),
		 t->kind == SPF_REDIRECT ? "%s has no record, and that of %s leads there"
					 : "%s has no record, and that of %s includes it",
		 name, domain);
	return SPF_PERMERROR;
}

static enum spf_result match_include(struct spf *s, const struct spf_term *t, const char *domain, const char *name)
{
	enum spf_result result = check_other(s, t, domain, name);

	return result == SPF_PASS || is_error(result) ? result : SPF_NONE;
}

/* For a redirect: the result of the check. */
static enum spf_result match(struct spf *s, const struct spf_term *t, const char *domain)
{
	bool asks = t->kind != SPF_ALL && t->kind != SPF_IP4 && t->kind != SPF_IP6 && t->kind != SPF_OTHER;
	char name[SPF_MAX_NAME + 1];
	const struct dns_query *q;

	snprintf(name, sizeof(name), "%s", domain);
	if (asks && t->spec && spf_expand(s, domain, t->spec, t->spec_length, name))
		return wrong(s, "a macro that is none", domain);
	if (asks && ++s->lookups > MAX_LOOKUPS)
		return wrong(s, "more than 10 terms ask the DNS", domain);
	switch (t->kind) {
	case SPF_ALL:
		return SPF_PASS;
	case SPF_IP4:
	case SPF_IP6:
		return in_network(s, t->address, t) ? SPF_PASS : SPF_NONE;
	case SPF_A:
		return match_a(s, t, domain, name);
	case SPF_MX:
		return match_mx(s, t, domain, name);
	case SPF_PTR:
		return match_ptr(s, t, name);
	case SPF_EXISTS:
		return ask(s, DNS_A, name, domain, &q);
	case SPF_INCLUDE:
		return match_include(s, t, domain, name);
	case SPF_REDIRECT:
		return check_other(s, t, domain, name);
	default:
		return SPF_NONE;
	}
}

/* All of the record must be right (4.6), before anything is asked; with at most one redirect and one exp. */
static enum spf_result check_syntax(struct spf *s, const char *record, const char *domain)
{
	unsigned int n_redirect = 0, n_exp = 0;
	struct spf_term t;
	int more;

	while ((more = spf_next_term(&record, &t)) > 0) {
		char expanded[SPF_MAX_NAME + 1];

		n_redirect += t.kind == SPF_REDIRECT;
		n_exp += t.kind == SPF_OTHER && !strncasecmp(t.text, "exp=", 4);
		if (t.spec && spf_expand(s, domain, t.spec, t.spec_length, expanded))
			more = -1;
		if (more < 0 || n_redirect > 1 || n_exp > 1)
			break;
	}
	if (!more)
		return SPF_PASS;
	snprintf(s->why, sizeof(s->why), "'%.*s' is wrong%s, in the record of %s", (int)t.length, t.text,
		 n_redirect > 1 || n_exp > 1 ? " (there may be only one)" : "", domain);
	return SPF_PERMERROR;
}

static enum spf_result evaluate(struct spf *s, const char *record, const char *domain)
{
	struct spf_term t, leads = { .kind = SPF_OTHER };

	if (check_syntax(s, record, domain) != SPF_PASS)
		return SPF_PERMERROR;
	while (spf_next_term(&record, &t) > 0) {
		enum spf_result found;

		if (t.kind == SPF_REDIRECT) {
			leads = t;
			continue;
		}
		found = match(s, &t, domain);
		if (is_error(found))
			return found;
		if (found == SPF_NONE)
			continue;
		/* the reason from the included record says more */
		if (t.kind != SPF_INCLUDE || t.result != SPF_PASS)
			snprintf(s->why, sizeof(s->why), "'%.*s' of %s", (int)t.length, t.text, domain);
		return t.result;
	}
	if (leads.kind == SPF_REDIRECT)
		return match(s, &leads, domain);
	snprintf(s->why, sizeof(s->why), "no term of %s is for it", domain);
	return SPF_NEUTRAL;
}

static enum spf_result check(struct spf *s, const char *domain)
{
	const struct dns_query *q = dns_ask(s->dns, DNS_TXT, domain);
	const char *record = NULL;

	dns_wait(s->dns);
	if (is_unanswered(q))
		return no_answer(s, q);
	for (size_t i = 0; i < q->n; i++) {
		if (!spf_is_record(q->record[i].text))
			continue;
		if (record) {
			snprintf(s->why, sizeof(s->why), "%s has more than one record", domain);
			return SPF_PERMERROR;
		}
		record = q->record[i].text;
	}
	if (record)
		return evaluate(s, record, domain);
	snprintf(s->why, sizeof(s->why), "%s has no SPF record", domain);
	return SPF_NONE;
}

enum spf_result spf_check(struct spf *s)
{
	enum spf_result result;

	s->lookups = s->void_lookups = 0;
	s->unknown = NULL;
	s->why[0] = '\0';
	result = check(s, s->domain);
	if (!s->unknown || result == SPF_PASS || result == SPF_PERMERROR)
		return result;
	return no_answer(s, s->unknown);
}
