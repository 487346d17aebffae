/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A decision that was watched, in words: as a line, as JSON, or as an entry of the journal. */
#ifndef SRCPIN_DECISION_H
#define SRCPIN_DECISION_H

#include <arpa/inet.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "srcpin/event.h"

#define ENDPOINT_STRLEN (INET6_ADDRSTRLEN + sizeof("[]:65535"))

struct decision {
	const struct srcpin_event *event;
	int64_t when; /* microseconds since 1970 */
	char verdict[8];
	const char *reason;
	const char *call; /* "connect"; of a packet "packet" */
	char protocol[16];
	char destination[ENDPOINT_STRLEN]; /* with its port; "-" of a bind */
	char before[ENDPOINT_STRLEN];
	char after[INET6_ADDRSTRLEN];
	char process[sizeof(((struct srcpin_event *)0)->comm) + 1]; /* "": not known */
	char service[NAME_MAX + 1];
	bool host_pid; /* the event's pid is the host's, and means nothing where we are: see pids.h */
};

/* CLOCK_OFFSET: nanoseconds from CLOCK_MONOTONIC to CLOCK_REALTIME. CGROUP: of the service, or "". */
void decision_read(const struct srcpin_event *event, const char *cgroup, int64_t clock_offset, bool host_pid,
		   struct decision *ret);

/* The names of the columns of decision_line(), as a line. To be freed; aborts if memory is out, all three. */
char *decision_header(void);
char *decision_line(const struct decision *d);
char *decision_json(const struct decision *d);

/* Fields of an entry, as the journal takes them (systemd.io/JOURNAL_NATIVE_PROTOCOL) */
char *decision_fields(const struct decision *d);

/* The bits of the reasons that a verdict has, 0 if there is no such verdict. Dropped is what is denied to a packet. */
uint64_t decision_reasons(const char *verdict);

#endif
