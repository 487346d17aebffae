/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The last refusal, as status shows it. Nothing here runs for a call that is pinned. */
#ifndef SRCPIN_BPF_REFUSAL_H
#define SRCPIN_BPF_REFUSAL_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "srcpin/abi.h"
#include "maps.h"
#include "process.h"

#define REFUSED(hook, port, reason) ((__u32)(port) << 16 | (__u32)(hook) << 8 | (__u32)(reason))

/*
 * Two refusals may overlap on one CPU: a call's, and that of a packet which
 * interrupts it. The seal then tells that they are mixed.
 */
static __always_inline struct srcpin_refusal *begin_refusal(__u64 now, __u64 dest_hi, __u64 dest_lo, __u32 what)
{
	struct srcpin_counters *counters = bpf_get_local_storage(&srcpin_counts, 0);
	struct srcpin_refusal *last = &counters->last;

	last->when = now;
	barrier();
	__builtin_memcpy(last->dest, &dest_hi, sizeof(dest_hi));
	__builtin_memcpy(last->dest + 8, &dest_lo, sizeof(dest_lo));
	last->port = what >> 16;
	last->hook = what >> 8;
	last->reason = what;
	last->pid = 0;
	__builtin_memset(last->comm, 0, sizeof(last->comm));
	return last;
}

static __always_inline void seal(struct srcpin_refusal *last, __u64 now)
{
	barrier();
	last->seal = now;
}

/* Both are global: see decide(). DEST_HI and DEST_LO are the destination's halves, as in memory. */
__attribute__((noinline)) int remember_call(__u64 dest_hi, __u64 dest_lo, __u32 what)
{
	__u64 now = bpf_ktime_get_ns();
	struct srcpin_refusal *last = begin_refusal(now, dest_hi, dest_lo, what);

	fill_process(&last->pid, last->comm);
	seal(last, now);
	return 0;
}

__attribute__((noinline)) int remember_packet(struct __sk_buff *skb, __u64 dest_hi, __u64 dest_lo, __u32 what)
{
	__u64 now = bpf_ktime_get_ns();
	struct srcpin_refusal *last = begin_refusal(now, dest_hi, dest_lo, what);

	fill_sender(skb, &last->pid, last->comm);
	seal(last, now);
	return 0;
}

#endif
