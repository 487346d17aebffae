/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rule for an address, from the policy of the cgroup that the program is attached to. */
#ifndef SRCPIN_BPF_RULE_H
#define SRCPIN_BPF_RULE_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "srcpin/abi.h"
#include "srcpin/decide.h"
#include "maps.h"
#include "socket.h"

/* The rule for an address. BITS: how many of its bits count; 128, or fewer for the rule of a whole family. */
static __always_inline const struct srcpin_rule *lookup_in(const struct srcpin_service *service, const __u32 addr[4],
							   __u32 bits)
{
	struct srcpin_key key = {
		.prefixlen = SRCPIN_KEY_OWNER + bits,
		.generation = service->generation,
		.cgroup_id = service->cgroup_id,
	};

	__builtin_memcpy(key.addr, addr, sizeof(key.addr));
	return bpf_map_lookup_elem(&srcpin_rules, &key);
}

/*
 * A policy has a rule for every address. If there is none, the policy was
 * replaced or taken out after SERVICE was read. The loader removes the rules
 * with the shortest prefixes first, so none is found in place of a longer one.
 * Then the service is read again, and the rule is looked up once more.
 */
static __always_inline const struct srcpin_rule *lookup(const struct srcpin_service **service, const __u32 addr[4],
							__u32 bits)
{
	const struct srcpin_rule *rule = lookup_in(*service, addr, bits);

	if (rule)
		return rule;
	*service = current_service();
	return lookup_in(*service, addr, bits);
}

/* Has the rule several sources, or a prefix? In programs that were loaded without lists, the verifier knows: no. */
static __always_inline int has_list(const struct srcpin_rule *rule)
{
	return srcpin_build.has_lists && rule->list;
}

/* Programs without lists never see a rule that has one: the loader takes care. If they do, there is no rule. */
static __always_inline int is_understood(const struct srcpin_rule *rule)
{
	return srcpin_build.has_lists || !rule->list;
}

/* Copies the rule for a destination to the stack. So the verifier need not tell apart where it came from. */
static __always_inline int find_rule(const struct srcpin_service **service, const __u32 dest[4],
				     struct srcpin_rule *ret)
{
	const struct srcpin_rule *rule = &(*service)->common[srcpin_is_mapped(dest) & 1];

	if (!rule->verdict || !srcpin_is_common(dest))
		rule = lookup(service, dest, 128);
	if (!rule || !is_understood(rule))
		return 0;
	*ret = *rule;
	return 1;
}

/* Copies the rule for ADDR's whole family, to the stack too. */
static __always_inline int find_family_rule(const struct srcpin_service **service, const __u32 addr[4],
					    struct srcpin_rule *ret)
{
	__u32 mapped = srcpin_is_mapped(addr) & 1;
	const struct srcpin_rule *rule = &(*service)->common[mapped];

	if (!rule->verdict)
		rule = lookup(service, addr, mapped * IPV4_BITS);
	if (!rule || !is_understood(rule))
		return 0;
	*ret = *rule;
	return 1;
}

/*
 * The flags of the rule for the address that a socket is at. Global: so the
 * verifier goes on only once, whatever the flags are. HI and LO are the halves
 * of the address, as in memory.
 */
__attribute__((noinline)) int flags_at(__u64 hi, __u64 lo)
{
	const struct srcpin_service *service = current_service();
	const __u64 half[2] = { hi, lo };
	const struct srcpin_rule *rule;
	__u32 addr[4];

	__builtin_memcpy(addr, half, sizeof(addr));
	if (srcpin_is_any(addr))
		return 0;
	rule = &service->common[srcpin_is_mapped(addr) & 1];
	if ((rule->flags & SRCPIN_RULE_ONE) && srcpin_is_common(addr))
		return (int)(srcpin_same_address(rule->source, addr) * SRCPIN_RULE_OWN);
	rule = lookup(&service, addr, 128);
	return rule ? (int)rule->flags : 0;
}

#endif
