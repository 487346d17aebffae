/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The other end, in the peer's network namespace: a TCP listener and a UDP
 * socket that answer to every address there. They are emptied between two
 * turns by the process that gives the turns, and not by one that would run
 * beside the workers and disturb them.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include "../kernel/lib/world.h"

#define PEER_PORT 25

void peer_open(void);

/* Waits for a connection or a datagram and takes it; from where in *RET. */
int peer_accept(union address *ret);
void peer_receive(union address *ret);

/* Takes all that has arrived. */
void peer_take_all(void);

#endif
