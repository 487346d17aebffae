// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The same programs for kernels with bpf_icmp_send() (Linux 7.3 and later). To
 * find it, libbpf makes an index of the kernel's types. That takes 16 ms of a
 * load, which other kernels are spared.
 */
#define HAS_ICMP_SEND
#include "srcpin.bpf.c"
