/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of cgroups and files are any bytes, and not all of them are for a terminal, a log or JSON. */
#ifndef SRCPIN_TEXT_H
#define SRCPIN_TEXT_H

/* Puts '?' for each control character, and for each byte that is not UTF-8 (RFC 3629). Returns TEXT. */
char *text_clean(char *text);

/* A clean copy, of the caller's. Aborts if memory is out. */
char *text_clean_copy(const char *raw);

#endif
