// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/failure.h"

int fail(struct failure *f, int code, const char *format, ...)
{
	static const char cut[] = "...";
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(f->text, sizeof(f->text), format, args);
	va_end(args);
	/* mark it as cut off: part of a remedy may name something else */
	if (n >= (int)sizeof(f->text))
		memcpy(f->text + sizeof(f->text) - sizeof(cut), cut, sizeof(cut));
	return code;
}
