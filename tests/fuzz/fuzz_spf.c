// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libFuzzer: any text as the answers of the DNS while SPF is checked. The
 * first line is "ADDRESS DOMAIN HELO"; each question takes the next one for
 * its answer: records with '|' between, or "!N", an enum dns_status. This file
 * takes the place of user/dns/dns.c, below dns.h.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "dns/dns.h"
#include "fuzz.h"
#include "mail/spf.h"
#include "base/text.h"

#define MAX_QUESTIONS 256

struct dns {
	const char *text; /* the lines that are left */
	size_t size;
	struct dns_query question[MAX_QUESTIONS];
	size_t n, n_terms; /* n_terms: those that begin a term or a record */
};

/* As what is read of a packet would be: clean. False: a record of another kind than was asked for. */
static bool read_record(enum dns_type type, char *text, struct dns_record *ret)
{
	uint8_t *to = type == DNS_A ? ret->address + 12 : ret->address;
	int used = 0;

	*ret = (struct dns_record){ 0 };
	if (type == DNS_A || type == DNS_AAAA) {
		if (type == DNS_A)
			ret->address[10] = ret->address[11] = 0xff;
		return inet_pton(type == DNS_A ? AF_INET : AF_INET6, text, to) == 1;
	}
	if (type == DNS_MX && (sscanf(text, "%4u %n", &ret->preference, &used) < 1 || !used))
		return false;
	ret->text = text_clean_copy(text + used);
	return true;
}

static void read_records(struct dns_query *q, char *line)
{
	char *next = line, *record;

	q->record = calloc(strlen(line) + 1, sizeof(*q->record));
	REQUIRE(q->record);
	while ((record = strsep(&next, "|")))
		q->n += read_record(q->type, record, &q->record[q->n]);
	q->status = q->n ? DNS_FOUND : DNS_NODATA;
}

const struct dns_query *dns_ask(struct dns *d, enum dns_type type, const char *name)
{
	struct dns_query *q = &d->question[d->n++];
	char *line = take_line(&d->text, &d->size);

	REQUIRE(d->n < MAX_QUESTIONS);
	d->n_terms += type == DNS_TXT || type == DNS_MX;
	/* what a record names, unlike what an answer does, has been cut to what can be asked for */
	REQUIRE((type != DNS_TXT && type != DNS_MX) || strlen(name) <= SPF_MAX_NAME);
	*q = (struct dns_query){ .type = type, .name = strdup(name), .status = DNS_NXDOMAIN };
	REQUIRE(q->name);
	if (line && *line == '!') {
		int status = atoi(line + 1);

		if (status > DNS_FOUND && status <= DNS_BAD_NAME)
			q->status = (enum dns_status)status;
	} else if (line) {
		read_records(q, line);
	}
	free(line);
	return q;
}

const struct dns_query *dns_ask_pointer(struct dns *d, const uint8_t addr[16])
{
	(void)addr;
	return dns_ask(d, DNS_PTR, "pointer");
}

void dns_wait(struct dns *d)
{
	(void)d;
}

static void forget(struct dns *d)
{
	for (size_t i = 0; i < d->n; i++) {
		dns_answer_free(&d->question[i]);
		free(d->question[i].name);
	}
}

static bool read_host(char *line, struct spf *s)
{
	char *next, *address = strtok_r(line, " ", &next);

	s->domain = strtok_r(NULL, " ", &next);
	s->helo = strtok_r(NULL, " ", &next);
	if (!s->helo || strlen(s->domain) > SPF_MAX_NAME)
		return false;
	if (inet_pton(AF_INET6, address, s->address) == 1)
		return true;
	s->address[10] = s->address[11] = 0xff;
	return inet_pton(AF_INET, address, s->address + 12) == 1;
}

static void require_result(const struct spf *s, enum spf_result result)
{
	REQUIRE(result <= SPF_PERMERROR && *spf_result_text(result));
	REQUIRE(*s->why && has_no_control(s->why));
	/* RFC 7208, 4.6.4: whoever is over a limit is in permerror, and asks no more */
	REQUIRE(s->lookups <= 11 && (s->lookups <= 10 || result == SPF_PERMERROR));
	REQUIRE(s->void_lookups <= 3 && (s->void_lookups <= 2 || result == SPF_PERMERROR));
	REQUIRE(s->dns->n_terms <= 1 + 10);
	REQUIRE(s->dns->n <= 1 + 10 + 10 * 10);
	REQUIRE(result != SPF_NONE || s->dns->n == 1);
	REQUIRE(!s->unknown || result == SPF_PASS || result == SPF_PERMERROR || result == SPF_TEMPERROR);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns d = { .text = (const char *)data, .size = size };
	struct spf s = { .dns = &d };
	char *host = take_line(&d.text, &d.size);
	bool can_be_read = host && read_host(text_clean(host), &s);

	if (can_be_read)
		require_result(&s, spf_check(&s));
	forget(&d);
	free(host);
	return can_be_read ? 0 : -1;
}
