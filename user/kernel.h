/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What kernels differ in since Linux 5.10. Part of the loader: libbpf is used here. */
#ifndef SRCPIN_KERNEL_H
#define SRCPIN_KERNEL_H

/* Are there programs for a cgroup's sockets and packets? 1, 0, or the negative errno of bpf(2). */
int kernel_has_hooks(void);

/* Can hooks choose the errno (bpf_set_retval, Linux 5.18)? 1, 0, or the negative errno of bpf(2). */
int kernel_has_set_retval(void);

/*
 * Before Linux 5.11 all memory of BPF counts against RLIMIT_MEMLOCK, a cgroup's
 * storage too, which comes with an attach; libbpf lifts it for what it loads.
 */
void kernel_lift_memory_limit(void);

#endif
