/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What to do about a source that is not usable. */
#ifndef SRCPIN_SOURCE_REMEDY_H
#define SRCPIN_SOURCE_REMEDY_H

#include <stdint.h>

#include "host/address.h"

/* For SOURCE, an address or a prefix, which is in state S. The caller's to free. Aborts if memory is out. */
char *source_remedy(const struct prefix *source, const struct address_state *s);

#endif
