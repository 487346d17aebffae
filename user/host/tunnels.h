/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tunnels of the kernel's own: it sends their packets by sockets of its own, which are in no service. */
#ifndef SRCPIN_TUNNELS_H
#define SRCPIN_TUNNELS_H

#include <net/if.h>
#include <stddef.h>

#include "base/failure.h"

struct tunnel {
	char device[IFNAMSIZ];
	char kind[16]; /* "wireguard", "vxlan": as ip-link(8) calls it */
};

struct tunnels {
	struct tunnel *item;
	size_t n;
};

/* Those of the caller's network namespace that are up. 0, or a negative errno. */
int tunnels_list(struct tunnels *ret, struct failure *f);
void tunnels_free(struct tunnels *t);

#endif
