/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which process it is. */
#ifndef SRCPIN_BPF_PROCESS_H
#define SRCPIN_BPF_PROCESS_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "maps.h"

/* The caller's. Both are zero before. COMM is aligned to 8 bytes. */
static __always_inline void fill_process(__u32 *pid, char comm[16])
{
	*pid = bpf_get_current_pid_tgid() >> 32;
#ifdef UNROLLED
	bpf_get_current_comm(comm, 16);
#else
	/* bpf_get_current_comm() took 80 ns more of a decision that is watched */
	const void *task = bpf_get_current_task_btf();
	__u64 half[2] = { AT(const __u64, task, srcpin_layout.task_comm),
			  AT(const __u64, task, srcpin_layout.task_comm + 8) };

	__builtin_memcpy(__builtin_assume_aligned(comm, 8), half, sizeof(half));
#endif
}

/*
 * The sender's. A packet may be sent by a timer, which interrupts any process:
 * it is this one's if it is in the socket's cgroup.
 */
static __always_inline void fill_sender(struct __sk_buff *skb, __u32 *pid, char comm[16])
{
	if (srcpin_build.has_process && bpf_get_current_cgroup_id() == bpf_skb_cgroup_id(skb))
		fill_process(pid, comm);
}

#endif
