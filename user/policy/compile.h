/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From the section of a service to its policy. No I/O. */
#ifndef SRCPIN_COMPILE_H
#define SRCPIN_COMPILE_H

#include <stdbool.h>

#include "config/config.h"
#include "policy/policy.h"

/*
 * Builds the policy of one section. False if the section has errors: then all
 * of them are in D, and RET is empty. RET is freed with policy_free().
 */
bool policy_compile(const struct config_section *s, struct policy *ret, struct diagnostics *d);

#endif
