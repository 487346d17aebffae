/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Colour: only on a terminal, and only if the user wants it. */
#ifndef SRCPIN_COLOUR_H
#define SRCPIN_COLOUR_H

#include <stdbool.h>
#include <stdio.h>

/* By ECMA-48, SGR */
#define COLOUR_HEAD "1"
#define COLOUR_GOOD "32"
#define COLOUR_WARN "33"
#define COLOUR_BAD "1;31"

/* Not on a terminal either if NO_COLOR is set and not empty (no-color.org), with TERM=dumb, or without TERM. */
bool colour_wanted(int fd);

/* Prints TEXT, in colour if ON. */
void colour_print(bool on, const char *colour, const char *text, FILE *out);

#endif
