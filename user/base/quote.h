/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names in lines that users paste into a shell. */
#ifndef SRCPIN_QUOTE_H
#define SRCPIN_QUOTE_H

/*
 * NAME as one word of sh(1), which means exactly that name: plain, or in
 * '...'. If it has bytes that a terminal must not get, as a printf(1) command
 * that prints it. So the word is always printable. A leading '-' is left: the
 * line has to care about it. To be freed; aborts the process if memory is out.
 */
char *quote_word(const char *name);

/* The same, for an operand of a program that ends its options with "--": this puts "--" before a leading '-'. */
char *quote_operand(const char *name);

/* Appends NAME as such a word to LIST, separated by a comma. LIST is to be freed; NULL: it is empty. */
void quote_append(char **list, const char *name);

#endif
