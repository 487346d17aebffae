/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * LOOP(N, STEP, STATE): STEP(i, STATE) up to N times, until it returns 1.
 *
 * The verifier walks a loop of the kernel's once or twice, and one of ours
 * once for each step. So ours would take a third of a load.
 */
#ifndef SRCPIN_LOOP_H
#define SRCPIN_LOOP_H

#if defined(__bpf__) && !defined(UNROLLED)
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define LOOP(n, step, state) bpf_loop((n), (step), (state), 0)
#else
#define LOOP(n, step, state)                                                     \
	for (__u32 loop_i = 0; loop_i < (n) && !step(loop_i, (state)); loop_i++) \
		;
#endif

#endif
