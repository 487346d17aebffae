/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table of ways out: how a process of the pinned cgroup makes a packet,
 * and what becomes of it, as the peer sees it on the wire. Only the errno is
 * from the sender.
 *
 * Each row runs in a process of the cgroup, first with nothing loaded, then
 * with the group's policy in force. An empty field stands for the usual: to
 * PEER, port 25, IPv6 only, before load from SHARED.
 */
#ifndef OUT_H
#define OUT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/world.h"
#include "ways/ways_out.h"

enum outcome {
	PINNED,    /* the wire shows the policy's source, or some of the row's, and no other */
	REFUSED,   /* nothing on the wire, and an errno */
	GUARDED,   /* nothing on the wire, and the guard's counter grew; an errno if the kernel has one for it */
	EXEMPT,    /* as before load: the destination is none of ours */
	UNTOUCHED, /* as before load: a connection that is older, or that the peer opened */
	OUTSIDE,   /* as before load, although it ought not to be; the row says why */
};

enum family {
	V6_ONLY,
	BOTH, /* the row's addresses stand for those of the same role in IPv4 too */
	V4_ONLY,
};

/* MPTCP's endpoints: what the kernel opens later subflows from */
#define ENDPOINT(verb) WITH_MPTCP("ip mptcp endpoint " verb)
#define SUBFLOW(address) ENDPOINT("add " address " dev vps subflow"), .undo = ENDPOINT("flush")

/* In place of a shell command */
#define LOADS "load" /* now the policy comes into force: what is older was made before */

struct out_row {
	const char *way; /* a line of WAYS-OUT.md */
	const char *what;
	way how;
	const char *dest;
	in_port_t port;
	const char *first, *local, *via, *from; /* see struct call; FROM: usually SHARED */
	in_port_t first_port;
	in_port_t local_port; /* EXPLICIT: one that no other row has */
	bool unsaid;          /* in WAYS-OUT.md: it goes without saying */
	bool slow;            /* takes seconds: not for each hook */
	bool each_packet;     /* of that port counts, not only what opens a connection */
	unsigned int options;
	enum family family;
	const char *over;      /* what the page need not say: by which protocol */
	const char *below;     /* a child of the pinned cgroup */
	const char *set_up;    /* shell commands: before the row, */
	const char *meanwhile; /* where it meets us, */
	const char *undo;      /* and after it */
	const char *before;    /* the sources on the wire before load, or the errno; "" for neither */
	const char *source;    /* which one the policy names, or any of these; usually SOURCE */
	enum outcome outcome;
	int error;       /* that comes with it */
	const char *why; /* OUTSIDE: the reason; else a note, or NULL */
};

struct out_part {
	const struct out_row *row;
	size_t n;
};

#define OUT_PART(rows)                                 \
	{                                              \
		rows, sizeof(rows) / sizeof((rows)[0]) \
	}

extern const struct out_part stream_rows, stream_subflow_rows, stream_connection_rows;
extern const struct out_part datagram_rows, datagram_missing_rows, datagram_leaving_rows;
extern const struct out_part raw_rows, process_rows;
extern const struct out_part sources_first_rows, sources_hash_rows, sources_random_rows, sources_turn_rows;
extern const struct out_part policy_exempt_rows, policy_config_rows, policy_to_rows, policy_to_alone_rows,
	policy_to_alone_ipv4_rows, policy_port_rows, policy_observe_rows, policy_unguarded_rows, policy_left_rows,
	policy_pass_rows, policy_pass_missing_rows, policy_ipv4_left_rows, policy_ipv4_denied_rows, policy_source4_rows;

struct out_group {
	const char *what;
	const char *config;
	const char *set_up, *undo; /* shell commands around all rows */
	const struct out_part *part;
};

/* out_groups.c */
extern const struct out_groups {
	const struct out_group *group;
	size_t n;
} out_groups;

/* out_row.c: what was seen of one row in one family */
struct seen {
	char sources[256];
	int error; /* may be NOT_HERE */
	bool dropped;
};

/* After a load: what the guard dropped up to now is of no row. */
void forget_dropped(void);

/* Another family's address of the same role */
const char *in_family(const char *address, int family);

/* LOAD is called where the row says LOADS. */
void run_row(const struct out_row *r, int family, void (*load)(void), struct seen *ret);

/* "pinned", "refused (EPERM)": what was seen, for a row that left like BEFORE; what the row says */
const char *seen_outcome(const struct out_row *r, int family, const struct seen *before, const struct seen *now);
const char *row_outcome(const struct out_row *r);

/* The same, on this kernel, which may have other errnos */
const char *row_outcome_here(const struct out_row *r);

/* Did anything leave from where nothing of this row should? */
bool seen_leak(const struct out_row *r, int family, const struct seen *now);

/* What the wire showed before load, or the errno; what the row says */
const char *seen_before(const struct seen *before);
const char *row_before(const struct out_row *r, int family);

/* out_page.c: the table in Markdown, on stdout */
void print_page(void);

#endif
