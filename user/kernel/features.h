/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What differs between kernels since Linux 5.10. Part of the loader: libbpf is used here. */
#ifndef SRCPIN_FEATURES_H
#define SRCPIN_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

/* Are there programs for a cgroup's sockets and packets? 1, 0, or the negative errno of bpf(2). */
int kernel_has_hooks(void);

/* Does even a program that does nothing, or a map, end with EACCES? Then that is not the verifier's. */
bool kernel_is_forbidden(void);

/* Can hooks choose the errno (bpf_set_retval, Linux 5.18)? 1, 0, or the negative errno of bpf(2). */
int kernel_has_set_retval(void);

/* Can the kernel run a program's loops, so that the verifier need not unroll them (bpf_loop, Linux 5.17)? */
bool kernel_has_loop(void);

/* Can the guard tell which process runs (Linux 6.18 can, 6.12 cannot)? The other hooks always can. */
bool kernel_has_process(void);

/*
 * Can the guard answer a packet that it drops (bpf_icmp_send, Linux 7.3)?
 * NUMBER is the function's number in the kernel's BTF, 0 if there is none.
 */
bool kernel_has_icmp_send(uint32_t number);

/* May this process have buffers for events (CAP_PERFMON, or CAP_SYS_ADMIN on older kernels)? */
bool kernel_may_watch(void);

/*
 * Before Linux 5.11 all memory of BPF counts against RLIMIT_MEMLOCK. libbpf
 * lifts it for what it loads. But a cgroup's storage counts too, and comes
 * with an attach.
 */
void kernel_lift_memory_limit(void);

#endif
