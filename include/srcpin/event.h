/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What watchers and the BPF programs tell each other. Part of the ABI (abi.h). */
#ifndef SRCPIN_EVENT_H
#define SRCPIN_EVENT_H

#include "srcpin/abi.h"

#define SRCPIN_N_WATCHERS 4 /* at a time */

#define SRCPIN_EVENT_REFUSED 1U  /* the call fails, the packet is dropped */
#define SRCPIN_EVENT_OBSERVED 2U /* with `mode = observe`: what would have happened */

/* A decision about a call, or about a packet that the guard drops */
struct srcpin_event {
	__u64 when; /* CLOCK_MONOTONIC, nanoseconds */
	__u64 cgroup_id;
	struct srcpin_ends ends; /* after the decision; packet: local is its source; refused: as before */
	__u8 other[16];          /* connect, bind: ends.local before the decision; sendmsg: the datagram's source */
	char comm[16];           /* of the thread, as in /proc/PID/comm; ends with a 0 */
	__u32 pid;               /* of the process; 0: not known, with comm */
	__u32 line;              /* of the rule, in the config file; 0: built in, or there is none */
	__u32 protocol;          /* IPPROTO_*; 0: not known */
	__u16 flags;             /* SRCPIN_EVENT_* */
	__u8 hook;               /* enum srcpin_hook */
	__u8 reason;             /* enum srcpin_reason */
};

/* What a watcher wants to be told. */
struct srcpin_filter {
	__u64 reasons; /* a bit for each enum srcpin_reason */
	__u64 dest[2]; /* a prefix of the destination, as in memory, and its mask; mask zero: any destination */
	__u64 mask[2];
};

/*
 * One for the host (.data.watch), written by watchers. Each watcher has a
 * place, and for each CPU a buffer of its own (perf_event_open(2)). The
 * buffers are in the map srcpin_events, at CPU * SRCPIN_N_WATCHERS + place.
 * The kernel takes them out when the watcher's process ends, however it ends.
 */
struct srcpin_watch {
	__u8 on[SRCPIN_N_WATCHERS]; /* a program that finds no buffer clears it; a watcher still there sets it again */
	__u32 unused;
	/*
	 * Who has the place: CLOCK_MONOTONIC in nanoseconds, when the watcher
	 * was last seen. The lowest bit says that its buffers are there. 0:
	 * nobody. Changed only by compare-and-swap.
	 */
	__u64 alive[SRCPIN_N_WATCHERS];
	__u64 lost[SRCPIN_N_WATCHERS]; /* decisions that its buffers had no room for */
	struct srcpin_filter filter[SRCPIN_N_WATCHERS];
};

_Static_assert(sizeof(struct srcpin_event) == 104, "ABI");
_Static_assert(sizeof(struct srcpin_filter) == 40, "ABI");
_Static_assert(sizeof(struct srcpin_watch) == 8 + (8 + 8 + 40) * SRCPIN_N_WATCHERS, "ABI");
_Static_assert(SRCPIN_N_WATCHERS == 4, "srcpin_watch.on is looked at as one number");
_Static_assert(SRCPIN_N_REASONS <= 64, "srcpin_filter.reasons");

#endif
