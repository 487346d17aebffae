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

/* The same for an operand of a program that ends its options with "--": that is put before a leading '-'. */
char *quote_operand(const char *name);

/* Appends NAME as such a word to LIST, which commas separate and which is to be freed; NULL: it is the first. */
void quote_append(char **list, const char *name);

#endif
