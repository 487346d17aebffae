/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a section of the config means: checks across its keys, then the entries
 * of the longest-prefix-match trie that the kernel uses. No I/O.
 */
#ifndef SRCPIN_POLICY_H
#define SRCPIN_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ip.h"
#include "srcpin/abi.h"

struct policy_entry {
	struct prefix prefix;
	struct srcpin_rule rule;
};

struct policy {
	struct policy_entry *entry; /* sorted by address, then by prefix length; no prefix twice */
	size_t n_entries;
	struct srcpin_list *list; /* rule.list is a place here, from 1 on */
	size_t n_lists;
	bool guard;      /* packets are judged too */
	bool observe;    /* decide and count, change nothing */
	bool late_fails; /* how "load --wait" ends if a source does not come; not in the kernel */
};

extern const struct prefix policy_ipv6, policy_ipv4; /* the families as a whole: ::/0 and ::ffff:0:0/96 */

/* Are they the same in the kernel? The line numbers of the rules do not count, nor does late_fails. */
bool policy_equal(const struct policy *a, const struct policy *b);

/*
 * The rule for a destination (IPv4 as v4-mapped): what the kernel's trie would
 * find. A policy that was built has a rule for every destination. NULL: the
 * policy was not built.
 */
const struct srcpin_rule *policy_match(const struct policy *p, const __u8 addr[16]);
/* The same, with its prefix. */
const struct policy_entry *policy_find(const struct policy *p, const __u8 addr[16]);

/*
 * The rule of the key `source` (FAMILY: policy_ipv6) or `source4`
 * (policy_ipv4); NULL: the policy has none.
 */
const struct srcpin_rule *policy_source(const struct policy *p, const struct prefix *family);

/* The sources of a rule of P's. None if it pins nothing. */
struct srcpin_list policy_sources(const struct policy *p, const struct srcpin_rule *rule);

/* Is it a family as a whole? */
bool policy_is_family(const struct prefix *p);

/* Is FAMILY (policy_ipv6 or policy_ipv4), but for longer prefixes, left to the kernel? The rule that says so, or NULL.
 */
const struct srcpin_rule *policy_leaves(const struct policy *p, const struct prefix *family);

/* Is there anything to do about IPv4? */
bool policy_touches_ipv4(const struct policy *p);

/* Puts entries that came from elsewhere (the kernel) into the order that policy_equal() wants. */
void policy_sort(struct policy *p);

void policy_free(struct policy *p);

#endif
