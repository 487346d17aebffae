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
#include "srcpin/reasons.h"

#define SRCPIN_ABI 9

#define SRCPIN_GENERATIONS 8            /* of the policies of one cgroup */
#define SRCPIN_MAX_PORTS 16             /* ports of one section */
#define SRCPIN_MAX_RULES 4096           /* of one policy */
#define SRCPIN_MAX_SOURCES 16           /* of one list */
#define SRCPIN_MAX_LISTS 1024           /* of one policy */
#define SRCPIN_MAX_ALL_LISTS (1U << 16) /* of all policies of a host, as SRCPIN_MAX_ALL_RULES */
#define SRCPIN_MAX_ALL_RULES (1U << 20) /* of all policies of a host, also while one is being replaced */
#define SRCPIN_MAX_NESTED (1U << 12)    /* services that lie within or around another */
#define SRCPIN_N_PREVIOUS 16            /* sources of replaced policies that are remembered */
#define SRCPIN_PREVIOUS_SECONDS 130     /* how long: a SYN is sent again for up to 127 s (tcp(7), tcp_syn_retries) */

/*
 * Key of srcpin_rules, the longest-prefix-match trie (BPF_MAP_TYPE_LPM_TRIE)
 * that holds the policies of all services. A policy is the subtree of the
 * rules with one cgroup id and one generation. Each load makes the next
 * generation; after SRCPIN_GENERATIONS the first one is made again.
 */
struct srcpin_key {
	__u32 prefixlen;  /* SRCPIN_KEY_OWNER, and the length of the prefix of addr */
	__u32 generation; /* from 1 on; host order, as the cgroup id: both are always matched as a whole */
	__u64 cgroup_id;
	__u8 addr[16];
};

#define SRCPIN_KEY_OWNER 96 /* bits before addr */

/* What to do with a socket that the program itself bound to another address */
enum srcpin_bound {
	SRCPIN_BOUND_REWRITE = 1, /* bind it to the source instead, while it has no port */
	SRCPIN_BOUND_DENY,
	SRCPIN_BOUND_LEAVE,
} __attribute__((packed));

/* What to do while the source is not an address of this host, or not yet (RFC 4862, tentative) */
enum srcpin_missing {
	SRCPIN_MISSING_DENY = 1,
	SRCPIN_MISSING_PASS,
} __attribute__((packed));

/* Which of several sources a socket gets that is bound to none of them */
enum srcpin_spread {
	SRCPIN_SPREAD_FIRST = 1,   /* the first that is usable */
	SRCPIN_SPREAD_HASH,        /* the same for a destination, as long as it is usable (rendezvous hashing) */
	SRCPIN_SPREAD_RANDOM,      /* any, each time */
	SRCPIN_SPREAD_ROUND_ROBIN, /* one after the other */
} __attribute__((packed));

/* A source of a list: an address, or a prefix of which each address is one. */
struct srcpin_source {
	__u8 addr[16] __attribute__((aligned(8))); /* the bits after the prefix are zero */
	__u8 mask[16]; /* the bits of the prefix are one; of an address all are; zero: unused */
};

/*
 * Key and value of srcpin_lists (BPF_MAP_TYPE_HASH), which has the lists of
 * sources of all policies. A list of one address is not here, but in its
 * rules.
 */
struct srcpin_list_key {
	__u64 cgroup_id;
	__u32 generation; /* as in struct srcpin_key */
	__u32 number;     /* from 1 on */
};

struct srcpin_list {
	__u32 n; /* sources; the rest are zero */
	enum srcpin_spread spread;
	__u8 pad[3];
	__u32 turn;  /* round robin: how many connects took one of them; two at once may get the same */
	__u32 sends; /* likewise, how many datagrams; so those of a resolver move no connect's turn */
	struct srcpin_source source[SRCPIN_MAX_SOURCES];
};

#define SRCPIN_RULE_LOCAL 1U  /* in a built-in exemption that has no source: a bind there is never rewritten */
#define SRCPIN_RULE_OWN 2U    /* each address of the prefix is a source of the policy */
#define SRCPIN_RULE_ONE 4U    /* in srcpin_service.common: of the common addresses, only its own source is a source */
#define SRCPIN_RULE_EXCEPT 8U /* of a whole family that is exempt: some of its destinations are not */
#define SRCPIN_RULE_TURNS 16U /* its list is taken in turn */
#define SRCPIN_RULE_SHORT 32U /* in srcpin_service.common: it pins to one source, whatever the port */

/* Value of srcpin_rules: all that one decision needs. */
struct srcpin_rule {
	__u8 source[16];             /* zero unless verdict is SRCPIN_PIN; the first, if there is a list */
	enum srcpin_verdict verdict; /* PIN: leave from source, or not at all; EXEMPT: the kernel chooses; DENY */
	enum srcpin_bound bound;     /* the same in each rule of a service */
	enum srcpin_missing missing;
	__u8 n_ports;                  /* 0: all ports */
	__u16 ports[SRCPIN_MAX_PORTS]; /* destination ports that are pinned */
	__u16 flags;                   /* SRCPIN_RULE_* */
	__u16 list;                    /* the number of its list of sources; 0: source is the only one */
	__u32 line;                    /* of the config file; 0: built in */
};

/* A source of a policy that has been replaced */
struct srcpin_previous {
	struct srcpin_source source;
	__u64 until; /* CLOCK_MONOTONIC, nanoseconds; 0: unused */
};

#define SRCPIN_SERVICE_OBSERVE 1U /* decide and count, change nothing */
#define SRCPIN_SERVICE_NESTED 2U  /* another pinned cgroup lies in this one, or this one in another */
#define SRCPIN_SERVICE_GUARD 4U   /* judge packets; without it, an attached guard only keeps an outer one off */
#define SRCPIN_SERVICE_IDLE 8U    /* decide nothing and count nothing: on its way in, or out */

/*
 * What hangs on a pinned cgroup (BPF_MAP_TYPE_CGROUP_STORAGE): it says which
 * rules are the policy. It is replaced as a whole, so a program sees either
 * the old or the new one. All programs of a cgroup see the same. So this one
 * write puts a policy in force, replaces it, or takes it out. It is never all
 * zero while a program of ours runs; if it were, no rule would match and
 * everything would be refused.
 */
struct srcpin_service {
	__u64 cgroup_id;
	__u32 generation;
	__u32 flags; /* SRCPIN_SERVICE_* */
	__u32 depth; /* of the cgroup: 1 is right below the root */
	__u32 hooks; /* those to be attached, for the loader; a bit for each, in the order of srcpin's own list */
	/*
	 * The rule for the whole family, IPv6 and IPv4, if it is also the rule
	 * for all its common addresses (srcpin_is_common). Then it is found
	 * without the trie. Verdict 0: they have several rules.
	 */
	struct srcpin_rule common[2];
	struct srcpin_previous previous[SRCPIN_N_PREVIOUS];
};

/* What is remembered of some sockets (BPF_MAP_TYPE_SK_STORAGE). */
struct srcpin_socket {
	__u64 owner;    /* where services nest: the cgroup id of the one that decided for it; 0: none */
	__u32 wildcard; /* a datagram socket that its program has bound to :: or 0.0.0.0 */
	__u32 pad;
};

/* What was decided about. */
enum srcpin_hook {
	SRCPIN_CONNECT,
	SRCPIN_BIND,
	SRCPIN_SENDMSG, /* sendto(2), sendmsg(2) with a destination of their own */
	SRCPIN_PACKET,  /* by the guard */
};

/* A call that was refused, or a packet that was dropped. */
struct srcpin_refusal {
	__u64 when;    /* CLOCK_MONOTONIC, nanoseconds; 0: none yet */
	__u8 dest[16]; /* bind: what was asked for; zero if not known */
	__u32 pid;     /* of the process; 0: not known, with comm */
	__u16 port;    /* of dest; 0: it has none */
	__u8 hook;     /* enum srcpin_hook */
	__u8 reason;   /* enum srcpin_reason */
	char comm[16]; /* of the thread, as in /proc/PID/comm; ends with a 0 */
	__u64 seal;    /* written last: equals `when`, unless another one came while this was being written */
};

/* One set per CPU (BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE). */
struct srcpin_counters {
	struct srcpin_reasons enforced;
	struct srcpin_reasons observed; /* what would have happened, with `mode = observe` */
	struct srcpin_refusal last;     /* with `mode = enforce` */
};

/* From where to where. Addresses in network order, ports in host order. */
struct srcpin_ends {
	__u32 local[4];   /* what the socket is bound to; bind: what is asked for */
	__u32 local_port; /* its port; 0: none yet */
	__u32 dest[4];    /* unused for bind */
	__u32 port;       /* destination port */
};

/* The build of the held programs; in their .rodata, frozen at load. */
struct srcpin_build {
	__u32 abi;
	__u8 has_set_retval; /* the kernel lets a hook choose the errno (bpf_set_retval) */
	__u8 has_process;    /* the kernel tells the guard which process runs (6.18 does, 6.12 does not) */
	__u8 has_lists;      /* rules may have lists; else the verifier passes over what is for them */
	__u8 pad;
	__u64 object; /* FNV-1a of the BPF object that was loaded */
	char version[16];
};

/*
 * Offsets in the running kernel's structs of what the programs read, in bytes;
 * in .rodata.layout. The loader takes them from the kernel's BTF. (CO-RE would
 * take five times as long, which was half of a load.)
 */
struct srcpin_layout {
	__u32 sock_net;   /* struct sock: __sk_common.skc_net */
	__u32 net_table;  /* struct net: ipv6.fib6_local_tbl; without CONFIG_IPV6_MULTIPLE_TABLES fib6_main_tbl */
	__u32 table_root; /* struct fib6_table: tb6_root */
	__u32 node_left;  /* struct fib6_node */
	__u32 node_right;
	__u32 node_parent;
	__u32 node_leaf;
	__u32 node_bit;   /* fn_bit, __u16 */
	__u32 route_addr; /* struct fib6_info: fib6_dst.addr */
	__u32 route_plen; /* fib6_dst.plen, int */
	__u32 route_type; /* fib6_type, __u8 */
	__u32 task_comm;  /* struct task_struct */
	__u32 icmp_send;  /* not an offset: the number of the function bpf_icmp_send in the BTF; 0: there is none */
};

_Static_assert(sizeof(struct srcpin_key) == 32, "ABI");
_Static_assert(sizeof(struct srcpin_rule) == 60, "ABI"); /* with its key, a node of the trie fits into 128 bytes */
_Static_assert(sizeof(struct srcpin_list_key) == 16, "ABI");
_Static_assert(sizeof(struct srcpin_list) == 16 + 32 * SRCPIN_MAX_SOURCES, "ABI");
_Static_assert(sizeof(struct srcpin_service) == 24 + 120 + 40 * SRCPIN_N_PREVIOUS, "ABI");
_Static_assert(sizeof(struct srcpin_reasons) == 8 * SRCPIN_N_REASONS, "ABI");
_Static_assert(sizeof(struct srcpin_refusal) == 56, "ABI");
_Static_assert(sizeof(struct srcpin_counters) == 2 * sizeof(struct srcpin_reasons) + 56, "ABI");
_Static_assert(sizeof(struct srcpin_build) == 32, "ABI");

#endif
