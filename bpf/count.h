/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counts one reason for each call and packet. */
#ifndef SRCPIN_BPF_COUNT_H
#define SRCPIN_BPF_COUNT_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "srcpin/abi.h"
#include "maps.h"

/*
 * Several CPUs may do it at once. Relaxed: for anything stricter clang 21
 * makes an instruction that also fetches, which Linux 5.10 does not have.
 */
#define COUNT_UP(counter) ((void)__atomic_fetch_add(&(counter), 1, __ATOMIC_RELAXED))

/* Global, and its result may be anything: so the verifier checks what follows once, not once for each way to it. */
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

#endif
