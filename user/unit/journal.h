/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Entries of systemd's journal with fields of their own. By its protocol
 * (systemd.io/JOURNAL_NATIVE_PROTOCOL), which is a datagram: libsystemd would
 * make each command of srcpin start in twice the time.
 */
#ifndef SRCPIN_JOURNAL_H
#define SRCPIN_JOURNAL_H

#include "base/failure.h"

int journal_open(int *ret, struct failure *f);

/* FIELDS: "NAME=value" lines, each with its newline, also the last */
int journal_send(int fd, const char *fields, struct failure *f);

#endif
