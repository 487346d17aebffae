/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The network devices of the caller's network namespace, as the kernel lists them (rtnetlink(7)). */
#ifndef SRCPIN_DEVICES_H
#define SRCPIN_DEVICES_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct device {
	uint32_t index;
	uint32_t master;        /* the index of what it is a member of; 0: of nothing */
	uint32_t link;          /* the index of what it is on; 0: on nothing */
	bool link_is_elsewhere; /* in another network namespace */
	bool is_up;
	char name[IFNAMSIZ];
	char kind[16]; /* "vlan", "wireguard": as ip-link(8) calls it; "": it has none */
};

struct devices {
	struct device *item;
	size_t n;
};

/* 0, or a negative errno; RET is empty then. Aborts if memory is out. */
int devices_list(struct devices *ret);
void devices_free(struct devices *d);

#endif
