/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* To be told when what address_state() says may have changed. */
#ifndef SRCPIN_ADDRESS_WATCH_H
#define SRCPIN_ADDRESS_WATCH_H

#include "base/failure.h"

/*
 * RET is a descriptor that becomes readable with each change of this host's
 * addresses and routes. To miss none, open it first, then look; drain it
 * first, then look again. To be closed by close(2).
 */
int address_watch_open(int *ret, struct failure *f);

/* Takes what there is, and loses nothing by it: the next look sees the state itself. */
void address_watch_drain(int fd);

#endif
