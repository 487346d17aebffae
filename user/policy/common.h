/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The one rule that all common addresses of a family have, if they have: the kernel finds it without the trie. */
#ifndef SRCPIN_COMMON_H
#define SRCPIN_COMMON_H

#include "policy/policy.h"

/*
 * Is the rule of FAMILY (policy_ipv6 or policy_ipv4) as a whole also that of
 * all its common addresses (srcpin_is_common)? RET is that rule, or zero; its
 * flags say whether one of them is a source but its own (SRCPIN_RULE_ONE: none).
 */
void policy_common(const struct policy *p, const struct prefix *family, struct srcpin_rule *ret);

#endif
