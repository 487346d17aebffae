/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* TAP for C: a line for each fact; comments below it say what went wrong. Only one file of a program may include it. */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned int tap_n, tap_failed;

__attribute__((format(printf, 2, 3))) static inline bool tap_ok(bool good, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("%sok %u - ", good ? "" : "not ", ++tap_n);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
	tap_failed += !good;
	fflush(stdout);
	return good;
}

__attribute__((format(printf, 1, 2))) static inline void tap_diag(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("# ");
	vprintf(format, args);
	putchar('\n');
	va_end(args);
	fflush(stdout);
}

static inline int tap_done(void)
{
	printf("1..%u\n", tap_n);
	return tap_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
