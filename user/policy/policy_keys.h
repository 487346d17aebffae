/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What each key of a service's section says. */
#ifndef SRCPIN_POLICY_KEYS_H
#define SRCPIN_POLICY_KEYS_H

#include "policy/builder.h"

/* Reads all values of the section into B. Errors go to b->d. */
void policy_keys_read(struct builder *b);

#endif
