/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The maps, and what the loader tells the programs about this kernel. */
#ifndef SRCPIN_BPF_MAPS_H
#define SRCPIN_BPF_MAPS_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "srcpin/abi.h"
#include "srcpin/event.h"

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

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SRCPIN_MAX_ALL_LISTS);
	__type(key, struct srcpin_list_key);
	__type(value, struct srcpin_list);
} srcpin_lists SEC(".maps");

/* The services that lie within or around others: cgroup id -> depth. Entered before they are in force, left after. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SRCPIN_MAX_NESTED);
	__type(key, __u64);
	__type(value, __u32);
} srcpin_nested SEC(".maps");

/* Only some sockets have an entry: those of nested services, and UDP on :: or 0.0.0.0. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct srcpin_socket);
} srcpin_sockets SEC(".maps");

/* The loader sets max_entries: SRCPIN_N_WATCHERS for each CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, SRCPIN_N_WATCHERS);
	__type(key, __u32);
	__type(value, __u32);
} srcpin_events SEC(".maps");

volatile struct srcpin_watch srcpin_watch SEC(".data.watch");

const volatile struct srcpin_build srcpin_build SEC(".rodata.build");
const volatile struct srcpin_layout srcpin_layout SEC(".rodata.layout");

/* What is at OFFSET of P. The verifier must know that P points to a struct of the kernel. */
#define AT(type, p, offset) (*(type *)((const char *)(p) + (offset)))

/*
 * The buffer stays the same for who has it: an update gives the cgroup another
 * one. So all rules that are looked up by it are of one policy.
 */
static __always_inline const struct srcpin_service *current_service(void)
{
	return bpf_get_local_storage(&srcpin_service, 0);
}

#endif
