/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table: how a packet is made, what is configured, and the outcome. The
 * outcome is the source that the peer saw, or the errno, or what the child
 * says.
 *
 * Each row runs twice, outside the pinned cgroup and inside. An empty field
 * stands for the usual: to PEER, port 25, from SHARED outside and from SOURCE
 * inside.
 */
#ifndef ROWS_H
#define ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/world.h"
#include "ways/ways.h"

#define PORT 25        /* the peer listens here with TCP and UDP, */
#define PORT_TOO 465   /* here, */
#define PORT_MPTCP 26  /* here (TCP means MPTCP), */
#define PORT_CLOSED 24 /* and not here */

struct row {
	const char *what;
	way how;
	const char *dest;
	in_port_t port;
	const char *first;
	in_port_t first_port;
	const char *local;
	in_port_t local_port; /* EXPLICIT: one that no other row has */
	const char *loses;
	unsigned int options;
	const char *below;  /* a child of the pinned cgroup */
	const char *before; /* shell commands around the row, outside and inside */
	const char *after;
	const char *outside; /* the outcome */
	const char *inside;
	bool only_inside;   /* outside it would take too long */
	bool same;          /* inside as outside, and not an error */
	const char *counts; /* the reasons that grow inside, and by how much if not by one */
};

struct group {
	const char *what;
	const char *config;
	const char *before; /* shell commands around all rows */
	const char *after;
	const struct row *row;
	size_t n_rows;
};

#define ROWS(r) .row = (r), .n_rows = sizeof(r) / sizeof((r)[0])

struct groups {
	const struct group *group;
	size_t n;
};

extern const struct groups pinned_groups, bound_groups, rule_groups, missing_groups, untouched_groups, listener_groups;

#endif
