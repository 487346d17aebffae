/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which process makes a call, or sends a packet. */
#ifndef SRCPIN_BPF_PROCESS_H
#define SRCPIN_BPF_PROCESS_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "maps.h"

/* The process that calls. Both are zero before. COMM is aligned to 8 bytes. */
static __always_inline void fill_process(__u32 *pid, char comm[16])
{
	*pid = bpf_get_current_pid_tgid() >> 32;
#ifdef UNROLLED
	bpf_get_current_comm(comm, 16);
#else
	/* bpf_get_current_comm() would take 80 ns more of a watched decision */
	const void *task = bpf_get_current_task_btf();
	__u64 half[2] = { AT(const __u64, task, srcpin_layout.task_comm),
			  AT(const __u64, task, srcpin_layout.task_comm + 8) };

	__builtin_memcpy(__builtin_assume_aligned(comm, 8), half, sizeof(half));
#endif
}

/*
 * The process that sends. A timer may send a packet while any process runs:
 * the running one is the sender if it is in the socket's cgroup.
 */
static __always_inline void fill_sender(struct __sk_buff *skb, __u32 *pid, char comm[16])
{
	if (srcpin_build.has_process && bpf_get_current_cgroup_id() == bpf_skb_cgroup_id(skb))
		fill_process(pid, comm);
}

#endif
