/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Older connections: TCP and connected UDP sockets of a service that were
 * there before its policy, and leave from where the policy does not allow it.
 * A load leaves them alone; they can be counted, and ended.
 *
 * Looks in the network namespace of the caller. Not for a policy that is only
 * observed (mode = observe): there nothing is wrong with them.
 */
#ifndef SRCPIN_OLDER_H
#define SRCPIN_OLDER_H

#include "base/failure.h"
#include "host/cgroup_ids.h"
#include "host/sockets.h"
#include "policy/policy.h"

struct older_query {
	uint64_t cgroup_id;              /* of the service; all below it belong to it */
	const struct cgroup_ids *pinned; /* but those, which have a policy of their own */
	const struct policy *policy;
};

struct older_counts {
	unsigned int tcp, udp;
};

/* How many there are. 0, or a negative errno with the sentence in F. */
int older_count(const struct older_query *q, struct older_counts *ret, struct failure *f);

/*
 * Ends them; RET says how many were ended, on an error too. 0 if none is left.
 * The program sees ECONNABORTED, the other end of TCP a reset.
 */
int older_close(const struct older_query *q, struct older_counts *ret, struct failure *f);

/*
 * The rule that S breaks, or NULL. Not those that may be where they are
 * rightly: with bound = leave the program may have bound it there itself.
 */
const struct srcpin_rule *older_rule(const struct policy *p, const struct open_socket *s);

/*
 * Did a listener of the same service accept S? The kernel does not tell who
 * began a connection; but it gives the port of a listener to no socket that
 * connects, unless the program asks for it.
 */
bool older_was_accepted(const struct open_sockets *all, const struct open_socket *s);

#endif
