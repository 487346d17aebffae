/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tells when the answer of address_state() may have changed. */
#ifndef SRCPIN_ADDRESS_WATCH_H
#define SRCPIN_ADDRESS_WATCH_H

#include "base/failure.h"

/*
 * RET is a descriptor that becomes readable with each change of this host's
 * addresses and routes; close it with close(2). To miss no change, open it
 * before the first look, and drain it before each later one.
 */
int address_watch_open(int *ret, struct failure *f);

/* Reads all that is waiting. Nothing is lost: the next look reads the state itself. */
void address_watch_drain(int fd);

#endif
