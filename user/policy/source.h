/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One source, an address or a prefix: as the kernel has it, and as everybody else. */
#ifndef SRCPIN_SOURCE_H
#define SRCPIN_SOURCE_H

#include "base/ip.h"
#include "srcpin/abi.h"

struct prefix source_prefix(const struct srcpin_source *s);
struct srcpin_source source_from(const struct prefix *p);

#endif
