/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The words of a value, and what each may be: address, prefix, port, keyword.
 * A parse function that returns false has said why in D, at the word.
 */
#ifndef SRCPIN_PARSE_H
#define SRCPIN_PARSE_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/prefix.h"
#include "config/config.h"

#define PREFIX_STRLEN (INET6_ADDRSTRLEN + sizeof("/4294967295"))

/* A part of a value, not terminated: for printf's %.*s. */
struct word {
	const char *text;
	int len;
	unsigned int line;
	unsigned int col;
};

/* The word of V behind *W, or the first if W->text is NULL. Words are what stands between SEPARATORS. */
bool word_next(struct word *w, const struct config_value *v, const char *separators);

/*
 * A unicast address that needs no scope. FAMILY: AF_INET6, AF_INET (RET is
 * v4-mapped), or AF_UNSPEC for either. WANTED says what to do about the wrong
 * one, after "and".
 */
bool parse_source(const struct word *w, int family, const char *wanted, __u8 ret[16], struct diagnostics *d);

/* ADDRESS[/LENGTH], without host bits; without a length a host. IPv4 becomes v4-mapped. */
bool parse_prefix(const struct word *w, struct prefix *ret, struct diagnostics *d);

/* 1..65535 */
bool parse_port(const struct word *w, __u16 *ret, struct diagnostics *d);

struct keyword {
	const char *name;
	unsigned int value;
};

/* The whole value is one of N keywords. */
bool parse_keyword(const struct config_value *v, const struct keyword *keyword, size_t n, unsigned int *ret,
		   struct diagnostics *d);

/* Is it in ::ffff:0:0/96, all of it? */
bool prefix_is_ipv4(const struct prefix *p);

/* Does it match the first P->prefixlen bits of ADDR? */
bool prefix_covers(const struct prefix *p, const __u8 addr[16]);

/* AF_INET6, AF_INET (RET is v4-mapped), or AF_UNSPEC: the LEN bytes of TEXT are no address. */
int address_parse(const char *text, int len, __u8 ret[16]);

/* As a user would write it, IPv4 as IPv4. Returns TEXT. */
const char *address_print(const __u8 addr[16], char text[INET6_ADDRSTRLEN]);

/* As a user would write it: 2001:db8::/32, 10.0.0.0/8. Returns TEXT. */
const char *prefix_print(const struct prefix *p, char text[PREFIX_STRLEN]);

#endif
