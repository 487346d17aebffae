/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Colour: for a terminal only, and not for who does not want it. */
#ifndef SRCPIN_COLOUR_H
#define SRCPIN_COLOUR_H

#include <stdbool.h>
#include <stdio.h>

/* By ECMA-48, SGR */
#define COLOUR_HEAD "1"
#define COLOUR_GOOD "32"
#define COLOUR_WARN "33"
#define COLOUR_BAD "1;31"

/* NO_COLOR set and not empty (no-color.org), TERM=dumb or no TERM: not even there. */
bool colour_wanted(int fd);

/* TEXT in a colour, if ON. */
void colour_print(bool on, const char *colour, const char *text, FILE *out);

#endif
