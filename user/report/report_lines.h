/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the table and the details share: the verdict, and what needs attention. */
#ifndef SRCPIN_REPORT_LINES_H
#define SRCPIN_REPORT_LINES_H

#include <stdbool.h>
#include <stdio.h>

#include "report/report.h"

/* "in force", "observing only", "DEGRADED", "STALE"; and its colour */
const char *report_state(const struct report_service *s);
const char *report_state_colour(const struct report_service *s);

/* Begins a line about a service. */
void report_label(const char *label, FILE *out);

/* "NAME: STATE", and below it the problems, each with its remedy, and the last refusal */
void report_heading(const struct report_service *s, bool colour, FILE *out);

/* Are there connections from other addresses, or is that not known? The second function prints these lines. */
bool report_has_older(const struct report_service *s);
void report_older(const struct report_service *s, FILE *out);

/* Prints what to say if there is no service. */
void report_nothing(const struct report *r, FILE *out);

/* "NAME: NOT PINNED", and why, of each that should be. */
void report_not_pinned(const struct report *r, bool colour, FILE *out);

/* Prints which version of srcpin has loaded it. */
void report_versions(const struct report_service *s, FILE *out);

#endif
