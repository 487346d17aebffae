/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SRCPIN_PREFIX_H
#define SRCPIN_PREFIX_H

#include <linux/types.h>

/* ADDR in network byte order, IPv4 as v4-mapped, without host bits. */
struct prefix {
	__u32 prefixlen; /* 0..128 */
	__u8 addr[16];
};

#endif
