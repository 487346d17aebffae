/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rule of an address: in the policy of the cgroup that the program is attached to. */
#ifndef SRCPIN_BPF_RULE_H
#define SRCPIN_BPF_RULE_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "srcpin/abi.h"
#include "srcpin/decide.h"
#include "maps.h"
#include "socket.h"

/* The rule for an address; BITS is how much of it counts: 128, or less for a rule of a family as a whole. */
static __always_inline const struct srcpin_rule *lookup(const struct srcpin_service *service, const __u32 addr[4],
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

/* The rule of a destination, copied to the stack: so it is all the same to the verifier from where. */
static __always_inline int find_rule(const struct srcpin_service *service, const __u32 dest[4], struct srcpin_rule *ret)
{
	const struct srcpin_rule *rule = &service->common[srcpin_is_mapped(dest) & 1];

	if (!rule->verdict || !srcpin_is_common(dest))
		rule = lookup(service, dest, 128);
	if (!rule)
		return 0;
	*ret = *rule;
	return 1;
}

/* The rule of ADDR's family as a whole, likewise. */
static __always_inline int find_family_rule(const struct srcpin_service *service, const __u32 addr[4],
					    struct srcpin_rule *ret)
{
	__u32 mapped = srcpin_is_mapped(addr) & 1;
	const struct srcpin_rule *rule = &service->common[mapped];

	if (!rule->verdict)
		rule = lookup(service, addr, mapped * IPV4_BITS);
	if (!rule)
		return 0;
	*ret = *rule;
	return 1;
}

/*
 * The flags of the rule of an address that a socket is at. Global, so that
 * the verifier goes on but once, whatever they are; HI and LO are the halves
 * of the address, as they are in memory.
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
	rule = lookup(service, addr, 128);
	return rule ? (int)rule->flags : 0;
}

#endif
