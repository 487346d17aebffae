/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The state of all services as a table or as one JSON document. */
#ifndef SRCPIN_REPORT_H
#define SRCPIN_REPORT_H

#include <stdio.h>

#include "health.h"
#include "loader.h"
#include "policy.h"

/* HEALTH has one item for each of L. 0, or -EIO if OUT cannot be written. */
int report_table(const struct loaded_list *l, const struct health *health, FILE *out);
int report_json(const struct loaded_list *l, const struct health *health, FILE *out);

/* Mode, guard and late, and the rules of a policy, one a line: what a load would put in force. */
int report_policy(const struct policy *p, FILE *out);

/* The field of struct srcpin_counters: "denied_missing"; the verdict stands before its first '_'. */
const char *report_reason(enum srcpin_reason reason);

#endif
