// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A program on each packet that does nothing: what the guard would cost if it cost nothing. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("cgroup_skb/egress")
int nothing(struct __sk_buff *skb)
{
	(void)skb;
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
