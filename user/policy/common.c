// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "policy/common.h"
#include "srcpin/decide.h"

/* Does the prefix have no common address, so that the trie is not asked for it? */
static bool is_apart(const struct prefix *p)
{
	static const struct prefix global = { .prefixlen = 3, .addr = { 0x20 } };
	__u32 addr[4], length;

	if (!prefix_is_ipv4(p))
		return p->prefixlen >= global.prefixlen && !prefix_covers(&global, p->addr);
	memcpy(addr, p->addr, sizeof(addr));
	length = srcpin_apart_ipv4(srcpin_host_order(addr[3]));
	return length && p->prefixlen >= policy_ipv4.prefixlen + length;
}

/* Is SOURCE the family's only source, except those that are apart? */
static bool has_one_source(const struct policy *p, const struct prefix *family, const __u8 source[16])
{
	for (size_t i = 0; i < p->n_entries; i++) {
		const struct policy_entry *e = &p->entry[i];

		if (prefix_is_ipv4(&e->prefix) == prefix_is_ipv4(family) && !is_apart(&e->prefix) &&
		    (e->rule.flags & SRCPIN_RULE_OWN) &&
		    (e->prefix.prefixlen != 128 || memcmp(e->prefix.addr, source, sizeof(e->prefix.addr)) != 0))
			return false;
	}
	return true;
}

void policy_common(const struct policy *p, const struct prefix *family, struct srcpin_rule *ret)
{
	const struct policy_entry *whole = NULL;

	*ret = (struct srcpin_rule){ 0 };
	for (size_t i = 0; i < p->n_entries && !whole; i++)
		if (!memcmp(&p->entry[i].prefix, family, sizeof(*family)))
			whole = &p->entry[i];
	for (size_t i = 0; whole && i < p->n_entries; i++) {
		const struct policy_entry *e = &p->entry[i];
		struct srcpin_rule rule = e->rule;

		/* whether an address is a source says nothing about how to get to it */
		rule.flags = whole->rule.flags;
		if (prefix_is_ipv4(&e->prefix) == prefix_is_ipv4(family) && !is_apart(&e->prefix) &&
		    memcmp(&rule, &whole->rule, sizeof(rule)) != 0)
			return;
	}
	if (!whole)
		return;
	*ret = whole->rule;
	if (!ret->list && has_one_source(p, family, ret->source))
		ret->flags |= SRCPIN_RULE_ONE;
	if (!ret->list && !ret->n_ports && ret->verdict == SRCPIN_PIN)
		ret->flags |= SRCPIN_RULE_SHORT;
}
