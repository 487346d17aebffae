/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Do rules of this network namespace rewrite what leaves from an address? By what nft(8) lists, iptables-nft's rules
 * too. */
#ifndef SRCPIN_NAT_H
#define SRCPIN_NAT_H

#include <jansson.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/ip.h"

/*
 * As root: what nft lists, a string of JSON (libnftables-json(5)), to be freed;
 * without the elements of sets if it is too long with them. NULL: there is no
 * nft on this host. 0, or a negative errno with the sentence in F.
 */
int nat_list(char **ret, struct failure *f);

/* Has iptables-legacy rules of NAT in this network namespace? nft does not list them. */
bool nat_is_legacy(void);

enum nat_answer {
	NAT_NONE,
	NAT_PERHAPS, /* by what cannot be told: a mark, a match of iptables */
	NAT_SOME,    /* for a large part of the destinations */
	NAT_ALL,
};

/* The first packets of a process of this host, or of what this host forwards. IPv4 is v4-mapped. */
struct nat_way {
	const uint8_t *source;
	const struct prefix *to; /* where to: but for what is in there and the rules name */
	const uint16_t *ports;   /* to which ports; without any: to all */
	size_t n_ports;
	const char *device;            /* that it leaves by */
	const char (*below)[IFNAMSIZ]; /* those that this one sends by: a bridge's ports, a VLAN's device */
	size_t n_below;
	bool has_bridge;     /* one of them is a bridge */
	const char *in;      /* what is forwarded comes in by this one; "": it is this host's own */
	bool is_kernels_own; /* without a pin, the kernel would choose this source for this way, too */
};

enum { NAT_MAX_NAMED = 64, NAT_MAX_STEPS = 4000000 };

/*
 * The rules that are read, and what they name: the destinations and devices
 * that a way was compared with, and is not of. The strings are those of the
 * listing, as all that is returned.
 */
struct nat_rules {
	const json_t *listing;
	struct prefix dest[NAT_MAX_NAMED];
	const char *device[NAT_MAX_NAMED]; /* "eth*" is meant to match eth0 */
	size_t n_dest, n_device;
	bool name_more;     /* than there is room for */
	unsigned int steps; /* rules and values that were looked at, over and over */
};

/* Which rules are asked for */
enum nat_kind {
	NAT_TRANSLATION, /* NAT: a connection's first packet decides for all */
	NAT_STATELESS,   /* they write the source into each packet, before the guard */
	NAT_EGRESS,      /* the same after the guard, in a bridge or at a device */
	NAT_DESTINATION, /* the destination becomes another, after the call was judged */
};

/* The rule that does it */
struct nat_rule {
	const char *family, *table; /* of the base chain, which a packet comes to first */
	json_int_t priority; /* of the first chain that may do it, which may be another; the lower ones come first */
	json_int_t handle;   /* of the rule itself, in that table; 0: there are too many */
	const char *to;      /* NAT_DESTINATION: the new one; NULL: it is not known */
	bool to_host;        /* it is this host */
};

/* The strongest answer that the rules have for this way. RULE is set unless it is NAT_NONE. */
enum nat_answer nat_of(struct nat_rules *r, const struct nat_way *w, enum nat_kind kind, struct nat_rule *rule);

/* Does the name of a device match a pattern of the rules? */
bool nat_name_matches(const char *pattern, const char *name);

#endif
