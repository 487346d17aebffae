/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The words of a value, and what each may be: address, prefix, port, keyword.
 * A parse function that returns false has put the reason into D, at the word.
 */
#ifndef SRCPIN_PARSE_H
#define SRCPIN_PARSE_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/ip.h"
#include "config/config.h"

/* A part of a value; not terminated: print it with %.*s. */
struct word {
	const char *text;
	int len;
	unsigned int line;
	unsigned int col;
};

/* Takes the word of V after *W, or the first if W->text is NULL. SEPARATORS are between words. */
bool word_next(struct word *w, const struct config_value *v, const char *separators);

/*
 * A unicast address that needs no scope, or a prefix of such addresses
 * (ADDRESS/LENGTH without host bits). FAMILY: AF_INET6, AF_INET (RET is
 * v4-mapped), or AF_UNSPEC for both. WANTED ends the message about an address
 * of the wrong family: what to do, after "and".
 */
bool parse_source(const struct word *w, int family, const char *wanted, struct prefix *ret, struct diagnostics *d);

/* ADDRESS[/LENGTH], without host bits; no length means one host. IPv4 becomes v4-mapped. */
bool parse_prefix(const struct word *w, struct prefix *ret, struct diagnostics *d);

/* 1..65535 */
bool parse_port(const struct word *w, __u16 *ret, struct diagnostics *d);

struct keyword {
	const char *name;
	unsigned int value;
};

/* The whole value must be one of N keywords. */
bool parse_keyword(const struct config_value *v, const struct keyword *keyword, size_t n, unsigned int *ret,
		   struct diagnostics *d);

#endif
