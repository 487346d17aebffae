// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define CARES_NO_DEPRECATED /* Debian 12 has c-ares 1.18, which has nothing else */
#include <ares.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "dns/dns_answer.h"

static struct dns_record *add_record(struct dns_query *q)
{
	ADD_ELEMENT(q->record, q->n, (struct dns_record){ 0 });
	return &q->record[q->n - 1];
}

static void add_address(struct dns_query *q, int family, const void *address)
{
	struct dns_record *r = add_record(q);

	if (family == AF_INET6) {
		memcpy(r->address, address, 16);
	} else {
		r->address[10] = r->address[11] = 0xff;
		memcpy(r->address + 12, address, 4);
	}
}

/* BYTES are not terminated, and may be any. */
static void add_text(struct dns_record *r, const void *bytes, size_t n)
{
	size_t before = r->text ? strlen(r->text) : 0;

	r->text = xreallocarray(r->text, before + n + 1, 1);
	memcpy(r->text + before, bytes, n);
	for (char *p = r->text + before; p < r->text + before + n; p++)
		if (!*p)
			*p = '?';
	r->text[before + n] = '\0';
}

static void add_name(struct dns_query *q, const char *name, unsigned int preference)
{
	struct dns_record *r = add_record(q);

	r->preference = preference;
	add_text(r, name, strlen(name));
	text_clean(r->text);
}

void dns_answer_add_hosts(struct dns_query *q, const struct hostent *h)
{
	for (char **a = h->h_addr_list; *a; a++)
		add_address(q, h->h_addrtype, *a);
}

static int read_addresses(struct dns_query *q, const unsigned char *answer, int length)
{
	struct hostent *h = NULL;
	int err = q->type == DNS_A ? ares_parse_a_reply(answer, length, &h, NULL, NULL)
				   : ares_parse_aaaa_reply(answer, length, &h, NULL, NULL);

	if (!err)
		dns_answer_add_hosts(q, h);
	ares_free_hostent(h);
	return err;
}

static int by_preference(const void *left, const void *right)
{
	const struct dns_record *a = left, *b = right;

	if (a->preference != b->preference)
		return (a->preference > b->preference) - (a->preference < b->preference);
	return strcmp(a->text, b->text);
}

static int read_mx(struct dns_query *q, const unsigned char *answer, int length)
{
	struct ares_mx_reply *all = NULL;
	int err = ares_parse_mx_reply(answer, length, &all);

	for (const struct ares_mx_reply *mx = all; mx; mx = mx->next)
		add_name(q, mx->host, mx->priority);
	ares_free_data(all);
	if (q->n)
		qsort(q->record, q->n, sizeof(*q->record), by_preference);
	return err;
}

static int read_pointers(struct dns_query *q, const unsigned char *answer, int length)
{
	const struct in6_addr unused = { 0 };
	struct hostent *h = NULL;
	int err = ares_parse_ptr_reply(answer, length, &unused, sizeof(unused), AF_INET6, &h);

	for (char **name = err ? NULL : h->h_aliases; name && *name; name++)
		add_name(q, *name, 0);
	ares_free_hostent(h);
	return err;
}

static int read_texts(struct dns_query *q, const unsigned char *answer, int length)
{
	struct ares_txt_ext *all = NULL;
	int err = ares_parse_txt_reply_ext(answer, length, &all);

	for (const struct ares_txt_ext *t = all; t; t = t->next)
		add_text(t->record_start || !q->n ? add_record(q) : &q->record[q->n - 1], t->txt, t->length);
	ares_free_data(all);
	for (size_t i = 0; i < q->n; i++)
		text_clean(q->record[i].text);
	return err;
}

static enum dns_status status_of(int status)
{
	static const enum dns_status known[] = {
		[ARES_SUCCESS] = DNS_FOUND,      [ARES_ENOTFOUND] = DNS_NXDOMAIN,       [ARES_ENODATA] = DNS_NODATA,
		[ARES_ESERVFAIL] = DNS_SERVFAIL, [ARES_EREFUSED] = DNS_REFUSED,         [ARES_ETIMEOUT] = DNS_TIMEOUT,
		[ARES_ECANCELLED] = DNS_TIMEOUT, [ARES_ECONNREFUSED] = DNS_UNREACHABLE, [ARES_EBADNAME] = DNS_BAD_NAME,
		[ARES_EBADQUERY] = DNS_BAD_NAME,
	};

	if (status == ARES_ENOMEM)
		abort();
	return status >= 0 && status <= ARES_ECANCELLED && known[status] ? known[status] : DNS_BAD_ANSWER;
}

/* Is an empty answer neither authoritative nor from a server that asks others? (glibc then tries the next one.) */
static bool is_referral(const unsigned char *answer, int length)
{
	return length >= NS_HFIXEDSZ && !(answer[2] & 0x04) && !(answer[3] & 0x80);
}

void dns_answer_read(struct dns_query *q, int status, const unsigned char *answer, int length)
{
	static int (*const read[])(struct dns_query *, const unsigned char *, int) = {
		[DNS_A] = read_addresses,  [DNS_AAAA] = read_addresses, [DNS_MX] = read_mx,
		[DNS_PTR] = read_pointers, [DNS_TXT] = read_texts,
	};

	if (status == ARES_SUCCESS)
		status = read[q->type](q, answer, length);
	/* an alias without an end */
	if (status == ARES_SUCCESS && !q->n)
		status = ARES_ENODATA;
	q->status = status_of(status);
	if (q->status == DNS_NODATA && is_referral(answer, length))
		q->status = DNS_REFERRED;
}

bool dns_is_known(enum dns_status s)
{
	return s == DNS_FOUND || s == DNS_NXDOMAIN || s == DNS_NODATA;
}

const char *dns_status_text(enum dns_status s)
{
	static const char *const text[] = {
		[DNS_WAITING] = "not asked",
		[DNS_FOUND] = "found",
		[DNS_NXDOMAIN] = "no such name (NXDOMAIN)",
		[DNS_NODATA] = "no such record",
		[DNS_SERVFAIL] = "the DNS server failed (SERVFAIL)",
		[DNS_REFERRED] = "the DNS server does not look up names of others",
		[DNS_REFUSED] = "the DNS server refused to answer (REFUSED)",
		[DNS_TIMEOUT] = "the DNS did not answer in time",
		[DNS_UNREACHABLE] = "no DNS server can be reached",
		[DNS_BAD_ANSWER] = "the DNS server's answer makes no sense",
		[DNS_BAD_NAME] = "not a name that can be asked for",
	};

	return text[s];
}

void dns_answer_free(struct dns_query *q)
{
	for (size_t i = 0; i < q->n; i++)
		free(q->record[i].text);
	free(q->record);
	q->record = NULL;
	q->n = 0;
}
