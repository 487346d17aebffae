// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Returns P; aborts if it is NULL. */
static void *there(void *p)
{
	if (!p)
		abort();
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	return there(calloc(n ? n : 1, size));
}

void *xreallocarray(void *p, size_t n, size_t size)
{
	return there(reallocarray(p, n, size));
}

char *xstrdup(const char *text)
{
	return text ? there(strdup(text)) : NULL;
}

char *xstrndup(const char *text, size_t length)
{
	return there(strndup(text, length));
}

char *xasprintf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	return text;
}

char *xvasprintf(const char *format, va_list args)
{
	char *text;

	return vasprintf(&text, format, args) < 0 ? there(NULL) : text;
}
