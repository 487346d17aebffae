/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What leaves, seen on the wire: packet sockets at the peer, where it arrives,
 * and on this side's loopback device, which the peer cannot see.
 */
#ifndef WIRE_H
#define WIRE_H

#include <netinet/in.h>
#include <stddef.h>

/* From here on all is seen. Keeps this process and its children to one CPU: then packets arrive in the order in which
 * they left. */
void wire_open(void);

/*
 * The sources of all that left since the last call, each once, in the order of
 * their appearance, with a blank between; empty if there were none. Of TCP only
 * what opens a connection counts, and what comes from OUR_PORT, unless that is
 * 0. What the kernel says of its own accord (neighbour discovery, ICMP errors)
 * does not count.
 */
void wire_saw(in_port_t our_port, char *text, size_t size);

#endif
