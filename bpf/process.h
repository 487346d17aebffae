/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which process it is. */
#ifndef SRCPIN_BPF_PROCESS_H
#define SRCPIN_BPF_PROCESS_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "maps.h"

/* The caller's. Both are zero before. */
static __always_inline void fill_process(__u32 *pid, char comm[16])
{
	*pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(comm, 16);
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
