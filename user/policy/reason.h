/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The words of srcpin/reasons.h. */
#ifndef SRCPIN_REASON_H
#define SRCPIN_REASON_H

#include <stdint.h>

#include "srcpin/abi.h"

/* "denied_missing", as in struct srcpin_reasons; the verdict stands before its first '_'. */
const char *reason_name(enum srcpin_reason reason);
enum srcpin_verdict reason_verdict(enum srcpin_reason reason);

/* "the socket was bound elsewhere" */
const char *reason_why(enum srcpin_reason reason);

/* "denied" */
const char *verdict_name(enum srcpin_verdict verdict);

/* The bits of the reasons that a verdict has, by its name; "denied" has those of "dropped" too. 0: there is none. */
uint64_t verdict_reasons(const char *name);

#endif
