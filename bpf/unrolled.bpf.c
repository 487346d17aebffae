// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The same programs for kernels without bpf_loop() (before Linux 5.17). Those
 * before 5.13 refuse an instruction that names a function, even if nothing
 * leads to it. So a constant cannot choose between the two.
 */
#define UNROLLED
#include "srcpin.bpf.c"
