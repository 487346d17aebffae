/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Loads this build's programs. Part of the loader: libbpf is used here. */
#ifndef SRCPIN_PROGRAMS_H
#define SRCPIN_PROGRAMS_H

#include <stdint.h>

#include "srcpin/abi.h"

#include "kernel/hooks.h"

struct bpf_object;

struct programs {
	int fd[N_HOOKS]; /* -1: not loaded */
};

#define PROGRAMS_NONE ((struct programs){ { [0 ... N_HOOKS - 1] = -1 } })

/*
 * Loads those for HOOKS. They use the maps of MAPS, which is loaded. RET is
 * PROGRAMS_NONE before.
 */
int programs_load(const struct bpf_object *maps, const struct srcpin_layout *layout, uint32_t hooks,
		  struct programs *ret);
void programs_close(struct programs *p);

/* What to put into .rodata.build, but for what the kernel has */
void programs_build(struct srcpin_build *ret);

#endif
