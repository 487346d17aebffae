/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of cgroups and files can be any bytes. Some must not get to a terminal, a log or JSON. */
#ifndef SRCPIN_TEXT_H
#define SRCPIN_TEXT_H

#include <stddef.h>

/* How many bytes the character at TEXT has. 0 if it may not be shown: a control character, or not UTF-8 (RFC 3629). */
size_t text_printable(const char *text);

/* Puts '?' for each byte that may not be shown. Returns TEXT. */
char *text_clean(char *text);

/* A clean copy, which the caller frees. Aborts if memory is out. */
char *text_clean_copy(const char *raw);

#endif
