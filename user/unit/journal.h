/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Entries of systemd's journal with fields of their own. Uses its protocol
 * (systemd.io/JOURNAL_NATIVE_PROTOCOL), which is a datagram. With libsystemd,
 * each command of srcpin would take twice as long to start.
 */
#ifndef SRCPIN_JOURNAL_H
#define SRCPIN_JOURNAL_H

#include "base/failure.h"

int journal_open(int *ret, struct failure *f);

/* FIELDS: lines of "NAME=value", each with its newline, also the last */
int journal_send(int fd, const char *fields, struct failure *f);

#endif
