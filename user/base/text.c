// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/*
 * Does it change the direction of the text after it, or end the line?
 * Unicode's bidirectional controls (UAX #9) and separators
 */
static bool reorders(unsigned int c)
{
	return c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

size_t text_printable(const char *text)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text;
	unsigned int c = p[0];
	size_t n;

	if (c < 0x80)
		return c >= ' ' && c != 0x7f;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	c &= 0x7fU >> n;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	/* an overlong form, a surrogate, beyond Unicode, a C1 control */
	if (c < least[n] || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff || (c >= 0x80 && c < 0xa0) || reorders(c))
		return 0;
	return n;
}

char *text_clean(char *text)
{
	char *p = text;

	while (*p) {
		size_t n = text_printable(p);

		if (!n)
			*p = '?';
		p += n ? n : 1;
	}
	return text;
}

char *text_clean_copy(const char *raw)
{
	char *copy = xstrdup(raw);

	return text_clean(copy);
}
