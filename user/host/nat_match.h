/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Does a condition of a rule hold for a packet, and which source does a rule give it? */
#ifndef SRCPIN_NAT_MATCH_H
#define SRCPIN_NAT_MATCH_H

#include "host/nat.h"

struct nat_packet {
	struct nat_rules *rules;
	const struct nat_way *way;
	const char *family, *table; /* whose named sets and maps the rules mean */
};

/* A member that is a string; "" if there is none. */
const char *nat_text(const json_t *object, const char *key);

/* Is S one of these? A single one may stand without a list (libnftables-json(5)). */
bool nat_has_string(const json_t *strings, const char *s);

enum nat_answer nat_weaker(enum nat_answer a, enum nat_answer b);
enum nat_answer nat_stronger(enum nat_answer a, enum nat_answer b);

/* Of a match as a whole */
enum nat_answer nat_match(const struct nat_packet *p, const json_t *match);

/* Is the packet's KEY (a payload, a meta ...) among these values? */
enum nat_answer nat_compare(const struct nat_packet *p, const json_t *key, const json_t *values);

/* Is the address in what a rule names: an address, a prefix or a range? */
enum nat_answer nat_has_address(const json_t *value, const uint8_t address[16]);

/* The pairs of a map, in the rule or named. NULL: they are not known. */
const json_t *nat_pairs(const struct nat_packet *p, const json_t *data);

/* How surely a statement that comes to a packet ends it with another source, or decides that it keeps its own */
struct nat_outcome {
	enum nat_answer other, same;
};

struct nat_outcome nat_outcome(const struct nat_packet *p, const json_t *statement, enum nat_kind kind);

#endif
