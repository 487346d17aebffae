/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What becomes of a socket of a service, tried: a process of ours enters the
 * cgroup, makes sockets there, connects them, and ends. They are UDP sockets,
 * so that no packet leaves; the hooks run as for any other, and count.
 */
#ifndef SRCPIN_PROBE_H
#define SRCPIN_PROBE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "host/address.h"
#include "host/cgroup.h"
#include "srcpin/decide.h"

struct probe_outcome {
	int error;          /* errno of socket() or connect(); 0: none */
	uint8_t source[16]; /* then; IPv4 as v4-mapped */
};

struct probe {
	/* asked */
	uint8_t address[16]; /* IPv4 as v4-mapped: then it is an IPv4 socket */
	char scope[IF_NAMESIZE];
	uint16_t port;
	bool has_source;
	uint8_t source[16]; /* that the policy names */
	/* answered */
	struct probe_outcome outside,
		inside; /* outside of the cgroup: in the root's, or where that cannot be joined in the caller's */
	bool state_known;
	struct address_state state; /* of the source, where the sockets are */
};

/*
 * All of P, N of them, in the network namespace of the cgroup's processes;
 * OWN_NETWORK says whether that is another than the caller's. Without a
 * process it is the caller's. 0, or a negative errno: -EBUSY, -EOPNOTSUPP
 * where no process can be put into the cgroup, -ETIMEDOUT where none gets on.
 */
int probe_run(const struct cgroup *c, struct probe *p, size_t n, bool *own_network, struct failure *f);

enum probe_result {
	PROBE_PINNED,
	PROBE_EXEMPT,
	PROBE_DENIED,
	PROBE_OBSERVED, /* left alone, since the policy is only observed */
	PROBE_NO_ROUTE, /* it fails, but not by the policy */
	PROBE_FAILED,   /* likewise, for another reason than that there is no way */
	PROBE_UNPINNED, /* nothing is in force */
	PROBE_WRONG,    /* not what the policy says */
};

/* Is P's outcome what D says? D NULL: no policy is enforced; OBSERVED then says whether one is in force all the same.
 */
enum probe_result probe_judge(const struct probe *p, const struct srcpin_decision *d, bool observed);

/* "pinned", "no-route" */
const char *probe_result_name(enum probe_result v);

bool probe_same_outcome(const struct probe_outcome *a, const struct probe_outcome *b);

#endif
