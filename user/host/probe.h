/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tries what becomes of a service's socket: a process of ours enters the
 * cgroup, makes sockets there, connects them, and ends. They are UDP sockets,
 * so that no packet leaves. The hooks run and count as for any other socket.
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
	uint8_t source[16]; /* if there is no error; IPv4 as v4-mapped */
};

struct probe {
	/* asked */
	uint8_t address[16]; /* IPv4 as v4-mapped: then the socket is an IPv4 one */
	char scope[IF_NAMESIZE];
	uint16_t port;
	bool has_source;
	uint8_t source[16]; /* the one that the policy names */
	/* answered */
	struct probe_outcome outside,
		inside; /* outside of the cgroup: in the root's, or in the caller's if that cannot be joined */
	bool state_known;
	struct address_state state; /* of the source, where the sockets are */
};

/*
 * Probes all of P, N of them, in the network namespace of the cgroup's
 * processes. OWN_NETWORK: it is not the caller's. If there is no process, the
 * caller's is used. 0, or a negative errno: -EBUSY or -EOPNOTSUPP if no
 * process can be put into the cgroup, -ETIMEDOUT if the process there makes no
 * progress.
 */
int probe_run(const struct cgroup *c, struct probe *p, size_t n, bool *own_network, struct failure *f);

enum probe_result {
	PROBE_PINNED,
	PROBE_EXEMPT,
	PROBE_DENIED,
	PROBE_OBSERVED, /* left alone, since the policy is only observed */
	PROBE_NO_ROUTE, /* it fails, but not because of the policy */
	PROBE_FAILED,   /* the same, but there is a route */
	PROBE_UNPINNED, /* nothing is in force */
	PROBE_WRONG,    /* not what the policy says */
};

/* Is P's outcome what D says? D is NULL if no policy is enforced; OBSERVED then says whether one only observes. */
enum probe_result probe_judge(const struct probe *p, const struct srcpin_decision *d, bool observed);

/* "pinned", "no-route" */
const char *probe_result_name(enum probe_result v);

bool probe_same_outcome(const struct probe_outcome *a, const struct probe_outcome *b);

#endif
