/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which build of srcpin programs belong to. They say so themselves, in the map
 * of .rodata.build. Part of the loader: libbpf is used here.
 */
#ifndef SRCPIN_BUILD_H
#define SRCPIN_BUILD_H

#include <stdbool.h>
#include <stdint.h>

#include "srcpin/abi.h"

/* 0, or a negative errno; -EPROTO if its layout is not this build's. */
int build_read(int map, struct srcpin_build *ret);

/* The build of a program, by its id; -ENOENT also if the program is not ours. Needs CAP_SYS_ADMIN. */
int build_of_program(uint32_t id, struct srcpin_build *ret);

/* OBJECT is the BPF object that this build loads. */
void build_this(const void *object, size_t size, struct srcpin_build *ret);

bool build_same(const struct srcpin_build *a, const struct srcpin_build *b);

#endif
