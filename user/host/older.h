/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Older connections: TCP and connected UDP sockets of a service that were
 * there before its policy, and leave from where the policy does not allow. A
 * load leaves them alone; they can be counted, and ended.
 *
 * Looks in the network namespaces of the service's processes. Not for a policy
 * that only observes (mode = observe): nothing is wrong with them there.
 */
#ifndef SRCPIN_OLDER_H
#define SRCPIN_OLDER_H

#include "base/failure.h"
#include "host/cgroup_ids.h"
#include "host/sockets.h"
#include "policy/policy.h"

struct older_query {
	uint64_t cgroup_id;              /* the service's; all below it belong to it */
	const struct cgroup_ids *pinned; /* except these, which have a policy of their own */
	const struct policy *policy;
};

struct older_counts {
	unsigned int tcp, udp;
	unsigned int unknown; /* from other addresses, too, but bound = leave or missing = pass may have let them be */
};

/* How many there are. 0, or a negative errno with the sentence in F. */
int older_count(const struct older_query *q, struct older_counts *ret, struct failure *f);

/*
 * Ends them, but not the unknown ones. RET says how many were ended, even on an
 * error. 0 if none is left. The program sees ECONNABORTED; with TCP, the other
 * end sees a reset.
 */
int older_close(const struct older_query *q, struct older_counts *ret, struct failure *f);

/* The rule by which S would be from elsewhere, or not there, were it new; NULL: there is none. */
const struct srcpin_rule *older_rule(const struct policy *p, const struct open_socket *s);

/*
 * Did a listener of the same service accept S? The kernel does not tell who
 * began a connection. But it gives a listener's port to a connecting socket
 * only if the program asks for it.
 */
bool older_was_accepted(const struct open_sockets *all, const struct open_socket *s);

#endif
