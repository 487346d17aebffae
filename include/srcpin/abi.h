/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the BPF programs and the loader share: every layout that crosses the
 * border, and the names behind the numbers. bpftool shows these types, so a
 * field's name is part of the interface.
 *
 * Addresses are 16 bytes in network byte order, IPv4 as v4-mapped
 * (::ffff:a.b.c.d, RFC 4291, 2.5.5.2). Ports and counts are in host order.
 * Any change of a layout or of an enumerator's value raises SRCPIN_ABI.
 */
#ifndef SRCPIN_ABI_H
#define SRCPIN_ABI_H

#ifdef __bpf__
#include "vmlinux.h"
#else
#include <linux/types.h>
#endif

#define SRCPIN_ABI 1

#define SRCPIN_MAX_PORTS 16             /* ports of one section */
#define SRCPIN_MAX_RULES 4096           /* of one policy */
#define SRCPIN_MAX_ALL_RULES (1U << 20) /* of all policies of a host, while one is being replaced */

/*
 * Key of srcpin_rules, the one longest-prefix-match trie (BPF_MAP_TYPE_LPM_TRIE)
 * that holds the policies of all services. A policy is the subtree of the rules
 * with one cgroup id and one generation. There are two generations, by turns:
 * a load makes the one that is not in force.
 */
struct srcpin_key {
	__u32 prefixlen;  /* SRCPIN_KEY_OWNER, and the length of the prefix of addr */
	__u32 generation; /* 1 or 2; host order, as the cgroup id: neither is ever matched in part */
	__u64 cgroup_id;
	__u8 addr[16];
};

#define SRCPIN_KEY_OWNER 96 /* bits before addr */

enum srcpin_verdict {
	SRCPIN_PIN = 1, /* leave from rule.source, or not at all */
	SRCPIN_EXEMPT,  /* not ours: the kernel chooses as if we were not there */
} __attribute__((packed));

/* A socket that the program bound to another address itself. */
enum srcpin_bound {
	SRCPIN_BOUND_REWRITE = 1, /* bind it to the source instead, while it has no port */
	SRCPIN_BOUND_DENY,
	SRCPIN_BOUND_LEAVE,
} __attribute__((packed));

/* The source is not an address of this host, or not yet (RFC 4862, tentative). */
enum srcpin_missing {
	SRCPIN_MISSING_DENY = 1,
	SRCPIN_MISSING_PASS,
} __attribute__((packed));

#define SRCPIN_RULE_LOCAL 1U /* in a built-in exemption: such an address is never bound elsewhere instead */
#define SRCPIN_RULE_OWN 2U   /* the prefix is one of the policy's sources, whole */

/* Value of srcpin_rules: all that one decision needs. */
struct srcpin_rule {
	__u8 source[16]; /* zero unless verdict is SRCPIN_PIN */
	enum srcpin_verdict verdict;
	enum srcpin_bound bound; /* the service's, in each of its rules */
	enum srcpin_missing missing;
	__u8 n_ports;                  /* 0: all ports */
	__u16 ports[SRCPIN_MAX_PORTS]; /* destination ports that are pinned */
	__u32 flags;                   /* SRCPIN_RULE_* */
	__u32 line;                    /* of the config file; 0: built in */
};

/*
 * What hangs on a pinned cgroup (BPF_MAP_TYPE_CGROUP_STORAGE): which rules are
 * its policy. Zero, which no rule has, until the loader fills it; replaced as
 * a whole, so a program sees either the old or the new.
 */
struct srcpin_service {
	__u64 cgroup_id;
	__u32 generation;
	__u32 _pad;
};

/*
 * One reason for every way out of every program; each call counts exactly
 * one. The order is that of the fields of struct srcpin_counters.
 */
enum srcpin_reason {
	SRCPIN_PINNED_CONNECT,
	SRCPIN_PINNED_BIND,
	SRCPIN_PINNED_DATAGRAM,
	SRCPIN_PINNED_ALREADY,
	SRCPIN_EXEMPT_RULE,
	SRCPIN_EXEMPT_PORT,
	SRCPIN_EXEMPT_BIND,
	SRCPIN_EXEMPT_BOUND,
	SRCPIN_EXEMPT_MISSING,
	SRCPIN_DENIED_MISSING,
	SRCPIN_DENIED_BOUND,
	SRCPIN_DENIED_OTHER_SOURCE,
	SRCPIN_DENIED_WILDCARD,
	SRCPIN_DENIED_FAMILY,
	SRCPIN_DENIED_NO_POLICY,
	SRCPIN_DENIED_BIND_FAILED,
	SRCPIN_N_REASONS,
};

/* Calls seen, by reason; one set per CPU (BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE). */
struct srcpin_counters {
	__u64 pinned_connect;      /* connect: bound to the source */
	__u64 pinned_bind;         /* bind: rewritten to the source */
	__u64 pinned_datagram;     /* sendto, sendmsg: source set */
	__u64 pinned_already;      /* connect: the socket was at the source */
	__u64 exempt_rule;         /* destination is exempt */
	__u64 exempt_port;         /* destination port is not one of `ports` */
	__u64 exempt_bind;         /* bind: nothing to rewrite */
	__u64 exempt_bound;        /* bound elsewhere, and `bound = leave` */
	__u64 exempt_missing;      /* source missing, and `missing = pass` */
	__u64 denied_missing;      /* source is not on this host */
	__u64 denied_bound;        /* bound elsewhere */
	__u64 denied_other_source; /* bound to another source of this policy */
	__u64 denied_wildcard;     /* bound to :: with a port: too late to pin */
	__u64 denied_family;       /* made IPv6-only by a pin, now asked for IPv4 */
	__u64 denied_no_policy;    /* attached, but no policy found */
	__u64 denied_bind_failed;  /* the kernel refused to bind to the source */
};

/* Which build the held programs are; in their .rodata, frozen at load. */
struct srcpin_build {
	__u32 abi;
	__u32 has_set_retval; /* the kernel lets a hook choose the errno (bpf_set_retval) */
	__u64 object;         /* FNV-1a of the BPF object that was loaded */
	char version[16];
};

_Static_assert(sizeof(struct srcpin_key) == 32, "ABI");
_Static_assert(sizeof(struct srcpin_rule) == 60, "ABI"); /* with its key, a node of the trie fits into 128 bytes */
_Static_assert(sizeof(struct srcpin_service) == 16, "ABI");
_Static_assert(sizeof(struct srcpin_counters) == 8 * SRCPIN_N_REASONS, "ABI");
_Static_assert(sizeof(struct srcpin_build) == 32, "ABI");

#endif
