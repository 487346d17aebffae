/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From what a user types as DEST to addresses. Aborts if memory is out. */
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
	char *name;              /* as typed; NULL: an address was */
	char *exchanger;         /* the name's MX host that has this address; NULL: it is the name's own */
	unsigned int preference;
};

struct destinations {
	struct destination *item; /* as typed; of a name IPv6 first, of MX hosts the preferred first */
	size_t n;
	char **problem; /* a sentence for each name without an address, or of which something is not known */
	size_t n_problems;
	bool unknown; /* one of these is that the DNS did not say */
};

/*
 * TEXT, N of them: an address (IPv6 may be in brackets and have a scope), or a
 * name: all that /etc/hosts has for it, else its AAAA and A. MX: of a name
 * those of its MX hosts, as a mail server finds them: by the DNS alone, and
 * of the name itself where it has no MX (RFC 5321, 5.1). SERVERS as in
 * dns_open(); if given, they are asked alone. -EINVAL: a TEXT or SERVERS that
 * can be none. RET is freed by the caller in any case.
 */
int destinations_find(char *const *text, size_t n, bool mx, const char *servers, struct destinations *ret,
		      struct failure *f);

#define DESTINATION_STRLEN 640

/* "[2001:db8::1]:25 mx.example.org (MX 10)". Returns TEXT. */
const char *destination_print(const struct destination *d, unsigned int port, char text[DESTINATION_STRLEN]);

/* Of the longest of these. */
int destinations_width(const struct destinations *d, unsigned int port);

/* The same as members of an object; NULL without memory. */
json_t *destination_json(const struct destination *d, unsigned int port);

void destinations_free(struct destinations *d);

#endif
