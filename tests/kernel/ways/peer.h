/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The other end: sockets in the peer's network namespace, and what they saw. */
#ifndef PEER_H
#define PEER_H

#include <stddef.h>

/* Listens with TCP and UDP on the ports of rows.h, IPv6 and IPv4, and in a multicast group. */
void peer_open(void);

#define PEER_GROUP "ff02::5bc"

/*
 * The sources of all packets that reached the peer since the last call, each
 * once, with a blank between; "nothing" if there were none. Sends a fence
 * (from outside the cgroup) after them and reads up to it, so there is
 * nothing to wait for.
 */
void peer_saw(char *text, size_t size);

/* Drops what came, unseen: for those who look at the wire, and want its queues empty. */
void peer_forget(void);

#endif
