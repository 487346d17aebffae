/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of cgroups and files are any bytes, and not all of them are for a terminal, a log or JSON. */
#ifndef SRCPIN_TEXT_H
#define SRCPIN_TEXT_H

#include <stddef.h>

/* Bytes of the character at TEXT if it may be shown, 0 if not: a control character, or a byte that is not UTF-8 (RFC
 * 3629). */
size_t text_printable(const char *text);

/* Puts '?' for each byte that may not be shown. Returns TEXT. */
char *text_clean(char *text);

/* A clean copy, of the caller's. Aborts if memory is out. */
char *text_clean_copy(const char *raw);

#endif
