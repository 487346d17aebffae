/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One reason for every way out of every program: each call, and each packet
 * that comes to the guard, counts exactly one. This is their only table. It
 * makes the counters, their names, the errno of a refused call, and the words
 * of status and srcpin(8).
 */
#ifndef SRCPIN_REASONS_H
#define SRCPIN_REASONS_H

#ifdef __bpf__
#include <asm-generic/errno.h>
#else
#include <errno.h>
#endif

/*
 * X(NAME, word): what a rule asks for, and what was done. Calls are pinned,
 * exempt or denied; packets pass or are dropped.
 */
#define SRCPIN_VERDICTS(X) \
	X(PIN, pinned)     \
	X(EXEMPT, exempt)  \
	X(DENY, denied)    \
	X(PASS, passed)    \
	X(DROP, dropped)

/*
 * X(verdict, NAME, field, errno, why, remedy). A refused call fails with errno
 * where a hook can choose it (Linux 5.18), else with EPERM. The remedy is for
 * what is refused. The order counts: by verdict, and DROPPED_SOURCE is the
 * first that is dropped (on_packet() in bpf/guard.h). At most 64, as a filter
 * of watch has a bit for each (event.h).
 */
/* clang-format off */
#define SRCPIN_REASONS(X) \
	X(PIN, PINNED_CONNECT, pinned_connect, 0, \
	  "a connect was put to the source", "") \
	X(PIN, PINNED_BIND, pinned_bind, 0, \
	  "a bind was put to the source", "") \
	X(PIN, PINNED_DATAGRAM, pinned_datagram, 0, \
	  "a sendto or sendmsg was put to the source", "") \
	X(PIN, PINNED_ALREADY, pinned_already, 0, \
	  "a connect of a socket that was at the source", "") \
	X(EXEMPT, EXEMPT_RULE, exempt_rule, 0, \
	  "the destination is exempt", "") \
	X(EXEMPT, EXEMPT_PORT, exempt_port, 0, \
	  "the destination's port is none of ports", "") \
	X(EXEMPT, EXEMPT_BIND, exempt_bind, 0, \
	  "a bind that needs nothing: with a port, of UDP to :: or 0.0.0.0, to a source, or to an address that is never rewritten", "") \
	X(EXEMPT, EXEMPT_WILDCARD, exempt_wildcard, 0, \
	  "a connect of UDP that is bound to :: or 0.0.0.0: the guard judges what it sends", "") \
	X(EXEMPT, EXEMPT_BOUND, exempt_bound, 0, \
	  "the socket is bound elsewhere, and bound = leave", "") \
	X(EXEMPT, EXEMPT_MISSING, exempt_missing, 0, \
	  "the source is not on this host, and missing = pass", "") \
	X(EXEMPT, EXEMPT_NESTED, exempt_nested, 0, \
	  "a pinned cgroup within this one decided", "") \
	X(DENY, DENIED_RULE, denied_rule, EPERM, \
	  "no source for this family", \
	  "name one in the section, or exempt the destination") \
	X(DENY, DENIED_MISSING, denied_missing, EADDRNOTAVAIL, \
	  "the source was not on this host", \
	  "give the address to the host") \
	X(DENY, DENIED_BOUND, denied_bound, EPERM, \
	  "the socket was bound elsewhere", \
	  "have the program bind no address, or the source") \
	X(DENY, DENIED_OTHER_SOURCE, denied_other_source, EPERM, \
	  "the socket was bound to another source", \
	  "have the program bind no address, or this destination's source") \
	X(DENY, DENIED_WILDCARD, denied_wildcard, EPERM, \
	  "the socket had a port, and no address", \
	  "have the program bind the source, or no port") \
	X(DENY, DENIED_CONNECTED, denied_connected, EPERM, \
	  "the socket was connected before, to where the source is not used", \
	  "have the program bind the source, or open a socket for each destination") \
	X(DENY, DENIED_FAMILY, denied_family, EAFNOSUPPORT, \
	  "the socket was IPv6-only", \
	  "have the program open a socket for each family") \
	X(DENY, DENIED_NO_POLICY, denied_no_policy, EPERM, \
	  "there was no policy", \
	  "load again") \
	X(DENY, DENIED_BIND_FAILED, denied_bind_failed, EPERM, \
	  "the kernel would not bind it to the source", \
	  "see with ss -anp who else is bound there") \
	X(PASS, PASSED_TCP, passed_tcp, 0, \
	  "TCP, but not a SYN", "") \
	X(PASS, PASSED_EXEMPT, passed_exempt, 0, \
	  "the destination, its port or neighbour discovery is exempt", "") \
	X(PASS, PASSED_SOURCE, passed_source, 0, \
	  "from the source", "") \
	X(PASS, PASSED_BOUND, passed_bound, 0, \
	  "from where the program bound it, and bound = leave", "") \
	X(PASS, PASSED_MISSING, passed_missing, 0, \
	  "the source is not on this host, and missing = pass", "") \
	X(PASS, PASSED_PREVIOUS, passed_previous, 0, \
	  "from a source of a policy that was replaced less than 130 seconds ago", "") \
	X(PASS, PASSED_NESTED, passed_nested, 0, \
	  "a pinned cgroup within this one decided", "") \
	X(DROP, DROPPED_SOURCE, dropped_source, 0, \
	  "from another address than the source", \
	  "end older connections with load --close-stale; have raw sockets bind the source") \
	X(DROP, DROPPED_CONNECTED, dropped_connected, 0, \
	  "from the address at which the kernel had connected a UDP socket", \
	  "have the program bind the source, or exempt the destination that NAT gives it; end older ones with load --close-stale") \
	X(DROP, DROPPED_TRANSLATED, dropped_translated, 0, \
	  "its addresses were not its socket's: NAT on this host, or IPV6_PKTINFO, rewrote it", \
	  "take the source out of the NAT, or exempt the destination that NAT gives it: see NAT in srcpin(8)") \
	X(DROP, DROPPED_MISSING, dropped_missing, 0, \
	  "the source was not on this host any more", \
	  "give the address to the host") \
	X(DROP, DROPPED_STRANGE, dropped_strange, 0, \
	  "too odd to tell", \
	  "see guard in srcpin.conf(5)") \
	X(DROP, DROPPED_NO_POLICY, dropped_no_policy, 0, \
	  "there was no policy", \
	  "load again")
/* clang-format on */

enum srcpin_verdict {
	SRCPIN_NO_VERDICT,
#define X(name, word) SRCPIN_##name,
	SRCPIN_VERDICTS(X)
#undef X
		SRCPIN_N_VERDICTS,
} __attribute__((packed));

enum srcpin_reason {
#define X(verdict, name, field, errno_, why, remedy) SRCPIN_##name,
	SRCPIN_REASONS(X)
#undef X
		SRCPIN_N_REASONS,
};

/* A counter for each; the order is that of the enum. */
struct srcpin_reasons {
#define X(verdict, name, field, errno_, why, remedy) __u64 field;
	SRCPIN_REASONS(X)
#undef X
};

/* What a refused call fails with. */
static inline int srcpin_errno(enum srcpin_reason reason)
{
	switch (reason) {
#define X(verdict, name, field, errno_, why, remedy) \
	case SRCPIN_##name:                          \
		return errno_;
		SRCPIN_REASONS(X)
#undef X
	default:
		return EPERM;
	}
}

#endif
