// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The same programs for kernels without bpf_loop() (before Linux 5.17): those
 * before 5.13 refuse an instruction that names a function even where nothing
 * leads to it, so a constant cannot tell the two apart.
 */
#define UNROLLED
#include "srcpin.bpf.c"
