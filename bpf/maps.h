/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps, and what every program does with them: find its service's policy, and count. */
#ifndef SRCPIN_BPF_MAPS_H
#define SRCPIN_BPF_MAPS_H

#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "srcpin/abi.h"
#include "srcpin/decide.h"
#include "socket.h"

/*
 * By several CPUs at once. Relaxed: of anything stricter clang 21 makes an
 * instruction that also fetches, which Linux 5.10 does not have.
 */
#define COUNT_UP(counter) ((void)__atomic_fetch_add(&(counter), 1, __ATOMIC_RELAXED))

/* bpf_get_local_storage(): the entry of the cgroup that this program is attached to */
struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
	__type(key, __u64);
	__type(value, struct srcpin_service);
} srcpin_service SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE);
	__type(key, __u64);
	__type(value, struct srcpin_counters);
} srcpin_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SRCPIN_MAX_ALL_RULES);
	__type(key, struct srcpin_key);
	__type(value, struct srcpin_rule);
} srcpin_rules SEC(".maps");

/* The services that lie within or around others, from before they are in force until after: cgroup id -> depth. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SRCPIN_MAX_NESTED);
	__type(key, __u64);
	__type(value, __u32);
} srcpin_nested SEC(".maps");

/* Which of them has decided for this socket: a cgroup id. Only sockets of nested services have one. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} srcpin_owners SEC(".maps");

const volatile struct srcpin_build srcpin_build SEC(".rodata.build");
const volatile struct srcpin_layout srcpin_layout SEC(".rodata.layout");

/* What is at OFFSET of P, a pointer that the verifier knows to be one to a struct of the kernel. */
#define AT(type, p, offset) (*(type *)((const char *)(p) + (offset)))

/*
 * One buffer for the whole call, so that all rules of one decision are of one
 * policy: an update gives the cgroup another buffer.
 */
static __always_inline const struct srcpin_service *current_service(void)
{
	return bpf_get_local_storage(&srcpin_service, 0);
}

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

/* Global, and its result may be anything: so that what follows is verified once, not once for each way to it. */
__attribute__((noinline)) int merge(int d)
{
	__asm__ volatile("" : "+r"(d));
	return d;
}

static __always_inline void count(const struct srcpin_service *service, enum srcpin_reason reason)
{
	struct srcpin_counters *counters = bpf_get_local_storage(&srcpin_counts, 0);
	__u64 *counts = (__u64 *)counters;
	__u32 i = reason;

	if (i >= SRCPIN_N_REASONS)
		return;
	if (service->flags & SRCPIN_SERVICE_OBSERVE)
		i += SRCPIN_N_REASONS;
	COUNT_UP(counts[i]);
}

/*
 * Where pinned cgroups nest, the programs of the innermost run first and those
 * of the outermost last, for each call and packet of a socket, and would
 * overrule the others. So who decides leaves its mark on the socket, and who
 * finds the mark of a deeper one that is still there lets go. A service that is
 * idle, or only observes, takes its mark away again, before the programs of
 * the one around it look for it: so who decides hangs on its own storage
 * alone. It gets into srcpin_nested when its last program is attached, and
 * leaves it before the first one goes. Returns 1, 0, or -1 if that cannot be
 * known.
 */
static __always_inline int decided_within(const struct srcpin_service *service, struct bpf_sock *sk)
{
	__u64 *owner, id = service->cgroup_id;
	__u32 *depth;

	if (!(service->flags & SRCPIN_SERVICE_NESTED))
		return 0;
	owner = bpf_sk_storage_get(&srcpin_owners, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!owner)
		return -1; /* the socket has used up its memory for options (optmem_max): no telling who decides */
	depth = bpf_map_lookup_elem(&srcpin_nested, owner);
	if (depth && *depth > service->depth)
		return 1;
	if (!(service->flags & SRCPIN_SERVICE_OBSERVE))
		*owner = id;
	else if (*owner == id)
		*owner = 0;
	return 0;
}

/* On its way in or out: as if the programs were not there. SK may be NULL. */
static __always_inline int is_idle(const struct srcpin_service *service, struct bpf_sock *sk)
{
	__u64 *owner;

	if (!(service->flags & SRCPIN_SERVICE_IDLE))
		return 0;
	if (!sk || !(service->flags & SRCPIN_SERVICE_NESTED))
		return 1;
	owner = bpf_sk_storage_get(&srcpin_owners, sk, NULL, 0);
	if (owner && *owner == service->cgroup_id)
		*owner = 0;
	return 1;
}

#endif
