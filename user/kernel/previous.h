/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The sources of replaced policies. Part of the loader. */
#ifndef SRCPIN_PREVIOUS_H
#define SRCPIN_PREVIOUS_H

#include "base/failure.h"
#include "kernel/objects.h"
#include "policy/policy.h"
#include "srcpin/abi.h"

/*
 * Sockets that the old policy has pinned may be about to send their first
 * packet, or a SYN again. So NEW, whose rules are POLICY, gets the sources of
 * OLD, and the previous ones of OLD: the guard lets them pass for some time.
 * If there is no room for all, it has those that POLICY lacks.
 */
int previous_remember(const struct objects *o, const struct srcpin_service *old, struct srcpin_service *new,
		      const struct policy *policy, struct failure *f);

#endif
