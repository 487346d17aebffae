/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names in lines that are meant to be pasted into a shell. */
#ifndef SRCPIN_QUOTE_H
#define SRCPIN_QUOTE_H

/*
 * NAME as one word of sh(1), which means that very name and nothing else:
 * plain, in '...', or, with bytes that a terminal is not to get, as what
 * printf(1) makes of it, so that it is printable whatever NAME is. A leading
 * '-' is left: that is for the line to care about. To be freed; aborts the
 * process if memory is out.
 */
char *quote_word(const char *name);

#endif
