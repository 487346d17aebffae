/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The devices by which another one sends: a bridge's ports, the device of a VLAN, and what is below these. */
#ifndef SRCPIN_BELOW_H
#define SRCPIN_BELOW_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

struct below {
	char (*device)[IFNAMSIZ]; /* each once; to be freed */
	size_t n;
	bool has_bridge; /* one of them, or the device itself, is a bridge */
};

/* Of DEVICE, in the caller's network namespace, by rtnetlink(7). Nothing if the kernel cannot be asked. */
void below_find(const char *device, struct below *ret);

#endif
