/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Questions to the DNS, by c-ares: ask all of them, wait once, read the answers.
 * They run at the same time, in this thread. Without an answer a name is not
 * missing but unknown: dns_is_known() tells.
 *
 * The first server that answers counts. There is no search list. Aborts if
 * memory is out.
 */
#ifndef SRCPIN_DNS_H
#define SRCPIN_DNS_H

#include <stdint.h>

#include "base/failure.h"
#include "dns/dns_answer.h"

#define DNS_TRY_MS 2500    /* for the first try of a question; the second one is given twice that */
#define DNS_TRIES 2        /* of each server */
#define DNS_TOTAL_MS 20000 /* for all questions, from dns_open() on */

/* Can a host or a domain have this name? A number as the last label would be a mistyped address. */
bool dns_is_name(const char *text);

struct dns;

/*
 * SERVERS: ADDRESS[:PORT], with IPv6 in brackets if a port follows, and commas
 * between several. NULL: the servers of /etc/resolv.conf. -EINVAL if SERVERS
 * is wrong.
 */
int dns_open(const char *servers, struct dns **ret, struct failure *f);

/* The answer is there after dns_wait(), and stays until dns_close(). */
const struct dns_query *dns_ask(struct dns *d, enum dns_type type, const char *name);
/* PTR of an address (network order, IPv4 as v4-mapped). */
const struct dns_query *dns_ask_pointer(struct dns *d, const uint8_t addr[16]);

/*
 * DNS_A or DNS_AAAA from /etc/hosts, as glibc reads it. The answer is there at
 * once: DNS_FOUND or DNS_NXDOMAIN. getaddrinfo() does not ask the DNS for a
 * name that is there; mail servers find MX hosts only by the DNS.
 */
const struct dns_query *dns_read_hosts(struct dns *d, enum dns_type type, const char *name);

/* Waits for all answers, or until the time is over. More questions may follow, and another wait. */
void dns_wait(struct dns *d);

#define DNS_REVERSED_STRLEN 320

/*
 * The address backwards, below ZONE ("zen.example.org"), as blocklists want
 * it: IPv6 by nibbles, IPv4 by bytes (RFC 5782, 2.1 and 2.4). Cut off if ZONE
 * is no name. Returns TEXT.
 */
const char *dns_reversed(const uint8_t addr[16], const char *zone, char text[DNS_REVERSED_STRLEN]);

/* Takes NULL. */
void dns_close(struct dns *d);
static inline void dns_cleanup(struct dns **d)
{
	dns_close(*d);
}

#endif
