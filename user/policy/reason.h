/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The words of srcpin/reasons.h. */
#ifndef SRCPIN_REASON_H
#define SRCPIN_REASON_H

#include <stdint.h>

#include "srcpin/abi.h"

/* "denied_missing", as in struct srcpin_reasons. The verdict comes before the first '_'. */
const char *reason_name(enum srcpin_reason reason);
enum srcpin_verdict reason_verdict(enum srcpin_reason reason);

/* "the socket was bound elsewhere" */
const char *reason_why(enum srcpin_reason reason);

/* "have the program bind no address, or the source"; "" if nothing is refused */
const char *reason_remedy(enum srcpin_reason reason);

/* "denied" */
const char *verdict_name(enum srcpin_verdict verdict);

/* The bits of a verdict's reasons, by its name. "denied" includes those of "dropped". 0: there is no such verdict. */
uint64_t verdict_reasons(const char *name);

#endif
