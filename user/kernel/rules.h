/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A policy as the kernel has it: the rules of one cgroup and one generation in
 * the map srcpin_rules, and their lists of sources in srcpin_lists. S names
 * these two. Part of the loader: libbpf is used
 * here.
 */
#ifndef SRCPIN_RULES_H
#define SRCPIN_RULES_H

#include <stdbool.h>

#include "base/failure.h"
#include "kernel/objects.h"
#include "policy/policy.h"
#include "srcpin/abi.h"

/*
 * Adds the rules of P. On an error, none of them stays. No program sees them
 * until a struct srcpin_service names them.
 */
int rules_add(const struct objects *o, const struct srcpin_service *s, const struct policy *p, struct failure *f);

/* Is any of the rules there, even if only a part that a killed load has left? */
bool rules_exist(const struct objects *o, const struct srcpin_service *s);

/* Have any of them several sources, or a prefix? */
bool rules_have_lists(const struct objects *o, const struct srcpin_service *s);

/*
 * Removes the rules, if there are any, those with the shortest prefixes first.
 * So a program that still goes by them finds the right rule or none, and then
 * reads anew which policy is in force (lookup() in bpf/rule.h). No program may
 * still go by their lists.
 */
void rules_remove(const struct objects *o, const struct srcpin_service *s);

/* The same, when they may have been in force until just now. Waits for programs that go by their lists. */
void rules_retire(const struct objects *o, const struct srcpin_service *s);

/* Reads the rules. RET has no entries if there are none; free it with policy_free(). */
int rules_read(const struct objects *o, const struct srcpin_service *s, struct policy *ret, struct failure *f);

/*
 * Returns once all programs that are running now have ended. Then none still
 * looks for rules that the caller has taken out of use.
 */
void rules_wait_for_programs(void);

#endif
