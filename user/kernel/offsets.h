/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The offsets in the running kernel's structs of what the programs read, from its BTF. */
#ifndef SRCPIN_OFFSETS_H
#define SRCPIN_OFFSETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"
#include "srcpin/abi.h"

/* 0, or a negative errno with the sentence in F. */
int layout_read(struct srcpin_layout *ret, struct failure *f);

/* The same from a BTF in memory. False: it is damaged, or lacks one of the structs or members. */
bool layout_find(const void *btf, size_t size, struct srcpin_layout *ret);

#endif
