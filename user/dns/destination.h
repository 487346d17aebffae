/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The addresses of a DEST that a user types. Aborts if memory is out. */
#ifndef SRCPIN_DESTINATION_H
#define SRCPIN_DESTINATION_H

#include <jansson.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

struct destination {
	uint8_t address[16];     /* network order, IPv4 as v4-mapped */
	char scope[IF_NAMESIZE]; /* "eth0" of fe80::1%eth0, else "" */
	char *name;              /* as typed; NULL: the user typed an address */
	char *exchanger;         /* the MX host that has this address; NULL: NAME has it */
	unsigned int preference;
};

struct destinations {
	struct destination *item; /* in the order typed; for each name IPv6 first, and preferred MX hosts first */
	size_t n;
	char **problem; /* a sentence for each name without an address, or of which not all is known */
	size_t n_problems;
	bool unknown; /* the DNS did not answer all questions */
};

/*
 * Finds the addresses of N TEXTs. Each is an address (IPv6 may be in brackets
 * and have a scope) or a name. A name has the addresses of /etc/hosts, or else
 * its AAAA and A.
 *
 * With MX it has those of its MX hosts, as a mail server finds them: only by
 * the DNS, and its own if it has no MX (RFC 5321, 5.1). SERVERS as in
 * dns_open(): if given, /etc/hosts is not read. -EINVAL: a TEXT or SERVERS is
 * wrong. The caller frees RET in any case.
 */
int destinations_find(char *const *text, size_t n, bool mx, const char *servers, struct destinations *ret,
		      struct failure *f);

#define DESTINATION_STRLEN 640

/* "[2001:db8::1]:25 mx.example.org (MX 10)". Returns TEXT. */
const char *destination_print(const struct destination *d, unsigned int port, char text[DESTINATION_STRLEN]);

/* The length of the longest of these. */
int destinations_width(const struct destinations *d, unsigned int port);

/* The same as members of an object; NULL without memory. */
json_t *destination_json(const struct destination *d, unsigned int port);

void destinations_free(struct destinations *d);

#endif
