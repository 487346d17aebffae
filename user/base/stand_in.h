/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A process that stands in for its child: who started it deals with it as if
 * it were the child.
 */
#ifndef SRCPIN_STAND_IN_H
#define SRCPIN_STAND_IN_H

#include <signal.h>
#include <sys/types.h>

/* Holds all signals. WAS: those that the child has to hold. */
void stand_in_begin(sigset_t *was);

/*
 * Hands signals on to CHILD, stops when it stops, and ends as it ends: with its
 * exit status, or by the same signal. Closes all descriptors at once: they are
 * the child's.
 */
void stand_in(pid_t child) __attribute__((noreturn));

#endif
