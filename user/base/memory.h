/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Memory that the program cannot do without: if there is none, these abort. */
#ifndef SRCPIN_MEMORY_H
#define SRCPIN_MEMORY_H

#include <stdarg.h>
#include <stddef.h>

void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *text); /* NULL gives NULL */
char *xstrndup(const char *text, size_t length);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* ARRAY, which has N elements, gets one more. */
#define ADD_ELEMENT(array, n, ...)                                           \
	do {                                                                 \
		(array) = xreallocarray((array), (n) + 1, sizeof(*(array))); \
		(array)[(n)++] = __VA_ARGS__;                                \
	} while (0)

#endif
