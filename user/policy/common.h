/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rule that all common addresses of a family share, if there is one: the kernel finds it without the trie. */
#ifndef SRCPIN_COMMON_H
#define SRCPIN_COMMON_H

#include "policy/policy.h"

/*
 * Is the rule for the whole FAMILY (policy_ipv6 or policy_ipv4) also the rule
 * for all its common addresses (srcpin_is_common)? RET is that rule, or zero.
 * Its flag SRCPIN_RULE_ONE says that its own source is the only source among
 * these addresses.
 */
void policy_common(const struct policy *p, const struct prefix *family, struct srcpin_rule *ret);

#endif
