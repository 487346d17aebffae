/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The terms of an SPF record (RFC 7208, 4.6.1 and 12). No DNS. */
#ifndef SRCPIN_SPF_RECORD_H
#define SRCPIN_SPF_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum spf_result {
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR, /* the DNS did not answer */
	SPF_PERMERROR, /* the records are wrong */
};

enum spf_kind {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_REDIRECT,
	SPF_OTHER, /* a modifier that decides nothing */
};

struct spf_term {
	enum spf_kind kind;
	enum spf_result result; /* if it matches */
	const char *text;       /* the whole of it, in the record */
	size_t length;
	const char *spec; /* the name after its colon or "=", or NULL */
	size_t spec_length;
	uint8_t address[16];       /* of ip4 and ip6 */
	unsigned int cidr4, cidr6; /* of a, mx, ip4, ip6; 32 and 128 unless given */
};

/* Is TEXT, of a TXT record, an SPF record? */
bool spf_is_record(const char *text);

/*
 * Takes the next term off *NEXT, which is the record's text at first. 1; 0:
 * there is none; -EINVAL: the term is wrong, and RET->text and length say
 * which.
 */
int spf_next_term(const char **next, struct spf_term *ret);

#endif
