/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What "load --wait" does once the policy is in force. */
#ifndef SRCPIN_WAIT_H
#define SRCPIN_WAIT_H

#include "host/cgroup.h"
#include "policy/policy.h"

/*
 * Waits until all sources of the cgroup's policy in force are usable, and says
 * so if that takes time. At first the policy is P; a reload meanwhile counts.
 * No lock is held.
 *
 * EXIT_OK, also when the time is over, if the policy starts late. EXIT_SYSTEM,
 * with a message, if it does not, or if no policy is in force any more.
 * SIGINT, SIGTERM and SIGHUP end the wait and, after a message, the process.
 * SHOWN: the service's name, to be printed.
 */
int wait_for_sources(const struct cgroup *cgroup, const struct policy *p, unsigned int seconds, const char *shown);

#endif
