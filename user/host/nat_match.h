/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Does a condition of a rule hold for a packet, and which source or destination does a rule give it? */
#ifndef SRCPIN_NAT_MATCH_H
#define SRCPIN_NAT_MATCH_H

#include "host/nat.h"

/* What the packet is, as far as rules go by it */
struct nat_flow {
	const char *protocol; /* "": any but those that the other flows have */
	uint16_t port;        /* of the destination; 0: likewise */
};

struct nat_packet {
	struct nat_rules *rules;
	const struct nat_way *way;
	const struct nat_flow *flow;
	const char *family, *table; /* whose named sets and maps the rules mean */
};

/* Those of a way: of each of its ports. Returns how many. */
enum { NAT_MAX_FLOWS = 2 * 16 };
size_t nat_flows(const struct nat_way *way, struct nat_flow ret[NAT_MAX_FLOWS]);

/* If all ports are the way's: has a flow this one? */
bool nat_flow_has_own(uint16_t port);

/* A member that is a string; "" if there is none. */
const char *nat_text(const json_t *object, const char *key);

/* Is S one of these? A single one may stand without a list (libnftables-json(5)). */
bool nat_has_string(const json_t *strings, const char *s);

enum nat_answer nat_weaker(enum nat_answer a, enum nat_answer b);
enum nat_answer nat_stronger(enum nat_answer a, enum nat_answer b);
enum nat_answer nat_opposite(enum nat_answer a);

/* What a rule looks at */
enum nat_key_kind {
	KEY_UNKNOWN,
	KEY_OTHER_FAMILY,
	KEY_SOURCE,
	KEY_DEST,
	KEY_DEVICE,
	KEY_NAME,
	KEY_ETHERTYPE,
	KEY_PORT,
	KEY_PROTOCOL,
};

struct nat_key {
	enum nat_key_kind kind;
	const char *name; /* KEY_NAME, KEY_ETHERTYPE: what the packet has there; KEY_PORT: of which protocol */
};

struct nat_key nat_key_of(const struct nat_way *w, const json_t *left);

/* Of a match as a whole */
enum nat_answer nat_match(const struct nat_packet *p, const json_t *match);

/* Is the packet's KEY (a payload, a meta ...) among these values? */
enum nat_answer nat_compare(const struct nat_packet *p, const json_t *key, const json_t *values);

/* The same for one value that is neither a set nor a concatenation. OP: "==", "<" ... */
enum nat_answer nat_has_value(const struct nat_packet *p, const json_t *left, const char *op, const json_t *value);

/* Is the address in what a rule names: an address, a prefix or a range? */
enum nat_answer nat_has_address(const json_t *value, const uint8_t address[16]);

/* The elements of the set or map (KIND) that NAME ("@name") means. NULL: they are not known, or change. */
const json_t *nat_elements(const struct nat_packet *p, const char *kind, const char *name);

/* The pairs of a map, in the rule or named. NULL: they are not known. */
const json_t *nat_pairs(const struct nat_packet *p, const json_t *data);

/* Is pair I of them the one for the packet's KEY? */
enum nat_answer nat_has_pair(const struct nat_packet *p, const json_t *key, const json_t *pairs, size_t i);

/* How surely does a packet get past a statement to the next one of its rule? */
enum nat_answer nat_passes(const struct nat_packet *p, const json_t *statement);

/* How surely a statement that comes to a packet ends it with another address, or decides that it keeps its own */
struct nat_outcome {
	enum nat_answer other, same;
};

struct nat_outcome nat_outcome(const struct nat_packet *p, const json_t *statement, enum nat_kind kind);

#endif
