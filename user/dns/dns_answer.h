/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads the answer of a DNS server, which may be any bytes. Asks nothing. */
#ifndef SRCPIN_DNS_ANSWER_H
#define SRCPIN_DNS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dns_type {
	DNS_A,
	DNS_AAAA,
	DNS_MX,
	DNS_PTR,
	DNS_TXT,
};

enum dns_status {
	DNS_WAITING, /* for dns_wait() */
	DNS_FOUND,
	DNS_NXDOMAIN, /* there is no such name */
	DNS_NODATA,   /* the name has no record of this type */
	DNS_SERVFAIL,
	DNS_REFUSED,
	DNS_REFERRED, /* the server neither has the zone nor asks others: its empty answer says nothing */
	DNS_TIMEOUT,
	DNS_UNREACHABLE, /* there is no server, or nothing listens there */
	DNS_BAD_ANSWER,  /* of another kind, or damaged */
	DNS_BAD_NAME,    /* too long, or with an empty label; was not asked */
};

struct dns_record {
	uint8_t address[16];     /* A, AAAA: network order, IPv4 as v4-mapped */
	unsigned int preference; /* MX */
	char *text; /* MX, PTR: a name, "" for the root; TXT: its strings as one (RFC 7208, 3.3). Else NULL */
};

struct dns_query {
	enum dns_type type;
	char *name;
	enum dns_status status;
	struct dns_record *record; /* if DNS_FOUND, in the server's order; MX: by preference */
	size_t n;
};

/* Does the answer say that there is something, or that there is nothing? */
bool dns_is_known(enum dns_status s);

/* In words, for "NAME: ...": "no such name (NXDOMAIN)". */
const char *dns_status_text(enum dns_status s);

struct hostent;

/*
 * Sets the status and the records of Q, which has a type and no record yet.
 * STATUS: what c-ares says of the question (ARES_SUCCESS ...). ANSWER: the LENGTH
 * bytes that came; NULL and 0 if none came.
 */
void dns_answer_read(struct dns_query *q, int status, const unsigned char *answer, int length);

/* Adds the addresses of H to the records of Q. */
void dns_answer_add_hosts(struct dns_query *q, const struct hostent *h);

/* Frees the records, not Q itself. */
void dns_answer_free(struct dns_query *q);

#endif
