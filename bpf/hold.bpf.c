// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The maps, which the other programs use, and the program that is attached
 * first and only for a moment: it creates the cgroup's storage, so that this
 * can be filled. It is the same for all kernels.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "maps.h"

SEC("cgroup/bind6")
int srcpin_hold(struct bpf_sock_addr *ctx)
{
	(void)ctx;
	bpf_get_local_storage(&srcpin_service, 0);
	bpf_get_local_storage(&srcpin_counts, 0);
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
