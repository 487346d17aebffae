// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stddef.h>
#include <string.h>

#include "policy/source.h"

struct prefix source_prefix(const struct srcpin_source *s)
{
	struct prefix p = { .prefixlen = 0 };

	memcpy(p.addr, s->addr, sizeof(p.addr));
	for (size_t i = 0; i < sizeof(s->mask); i++)
		p.prefixlen += (__u32)__builtin_popcount(s->mask[i]);
	return p;
}

struct srcpin_source source_from(const struct prefix *p)
{
	struct srcpin_source s = { .mask = { 0 } };

	memcpy(s.addr, p->addr, sizeof(s.addr));
	for (__u32 i = 0; i < p->prefixlen; i++)
		s.mask[i / 8] |= (__u8)(0x80 >> i % 8);
	return s;
}
