// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The same programs for kernels with bpf_icmp_send() (Linux 7.3 and later):
 * libbpf makes an index of the kernel's types to find it, 16 ms of a load,
 * which others need not wait for.
 */
#define HAS_ICMP_SEND
#include "srcpin.bpf.c"
