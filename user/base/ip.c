// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "base/ip.h"

static const __u8 mapped[16] = { [10] = 0xff, [11] = 0xff };

bool address_is_ipv4(const __u8 addr[16])
{
	return !memcmp(addr, mapped, MAPPED_BITS / 8);
}

bool prefix_covers(const struct prefix *p, const __u8 addr[16])
{
	unsigned int bytes = p->prefixlen / 8, bits = p->prefixlen % 8;

	if (memcmp(p->addr, addr, bytes) != 0)
		return false;
	return !bits || !((p->addr[bytes] ^ addr[bytes]) >> (8 - bits));
}

bool prefix_is_ipv4(const struct prefix *p)
{
	return p->prefixlen >= MAPPED_BITS && address_is_ipv4(p->addr);
}

const char *address_print(const __u8 addr[16], char text[INET6_ADDRSTRLEN])
{
	if (address_is_ipv4(addr))
		return inet_ntop(AF_INET, addr + MAPPED_BITS / 8, text, INET6_ADDRSTRLEN);
	return inet_ntop(AF_INET6, addr, text, INET6_ADDRSTRLEN);
}

const char *prefix_print(const struct prefix *p, char text[PREFIX_STRLEN])
{
	char address[INET6_ADDRSTRLEN];

	if (prefix_is_ipv4(p)) {
		snprintf(text, PREFIX_STRLEN, "%s/%u", address_print(p->addr, address), p->prefixlen - MAPPED_BITS);
	} else {
		inet_ntop(AF_INET6, p->addr, address, sizeof(address)); /* ::ffff:0.0.0.0/90 is not an IPv4 prefix */
		snprintf(text, PREFIX_STRLEN, "%s/%u", address, p->prefixlen);
	}
	return text;
}

/* Returns the family, or AF_UNSPEC if it is no address. */
int address_parse(const char *text, int len, __u8 ret[16])
{
	char address[INET6_ADDRSTRLEN];

	if ((size_t)len >= sizeof(address))
		return AF_UNSPEC;
	memcpy(address, text, (size_t)len);
	address[len] = '\0';
	if (inet_pton(AF_INET6, address, ret) == 1)
		return AF_INET6;
	memcpy(ret, mapped, sizeof(mapped));
	if (inet_pton(AF_INET, address, ret + MAPPED_BITS / 8) == 1)
		return AF_INET;
	return AF_UNSPEC;
}
