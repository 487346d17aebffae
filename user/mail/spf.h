/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * May a host send mail for a domain, as receivers decide it (RFC 7208)?
 *
 * Does not use libspf2 (1.2.10 in Debian 12, 13 and sid): it lets nine lookups
 * of nothing pass, and accepts "/024" and a:host.123. All of these are
 * permerror.
 */
#ifndef SRCPIN_SPF_H
#define SRCPIN_SPF_H

#include <stddef.h>
#include <stdint.h>

#include "dns/dns.h"
#include "mail/spf_record.h"

#define SPF_MAX_NAME 253

/* One host that sends as postmaster@DOMAIN. */
struct spf {
	struct dns *dns;
	uint8_t address[16]; /* network order, IPv4 as v4-mapped */
	const char *domain, *helo;
	unsigned int lookups, void_lookups; /* so far: RFC 7208, 4.6.4 */
	const struct dns_query *unknown;    /* a ptr had no answer to this, or NULL */
	char why[512];                      /* what decided: a term of the record, or what is wrong with it */
};

/*
 * check_host() of the RFC, with one difference: if a ptr had no answer,
 * SPF_TEMPERROR stands for all but a pass. Sets S->why.
 */
enum spf_result spf_check(struct spf *s);

/* "pass", "softfail" ... */
const char *spf_result_text(enum spf_result r);

/*
 * RFC 7208, 7: expands the LENGTH bytes of SPEC, from the record of DOMAIN. If
 * the result is too long for a name, cuts labels off at the left. 0, or
 * -EINVAL.
 */
int spf_expand(const struct spf *s, const char *domain, const char *spec, size_t length, char ret[SPF_MAX_NAME + 1]);

#endif
