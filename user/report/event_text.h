/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A watched call or packet in words: as a line, as JSON, or as a journal entry. */
#ifndef SRCPIN_EVENT_TEXT_H
#define SRCPIN_EVENT_TEXT_H

#include <arpa/inet.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "srcpin/event.h"

#define ENDPOINT_STRLEN (INET6_ADDRSTRLEN + sizeof("[]:65535"))

struct event_text {
	const struct srcpin_event *event;
	int64_t when; /* microseconds since 1970 */
	const char *verdict, *reason;
	const char *call; /* "connect"; "packet" for a packet */
	char protocol[16];
	char destination[ENDPOINT_STRLEN]; /* with its port; "-" for a bind */
	char before[ENDPOINT_STRLEN];
	char after[INET6_ADDRSTRLEN];
	char process[sizeof(((struct srcpin_event *)0)->comm) + 1]; /* "": not known */
	char service[NAME_MAX + 1];
	bool host_pid; /* the event's pid is the host's, and means nothing here: see pids.h */
};

/* CLOCK_OFFSET: nanoseconds from CLOCK_MONOTONIC to CLOCK_REALTIME. CGROUP: the service's, or "". */
void event_text_read(const struct srcpin_event *event, const char *cgroup, int64_t clock_offset, bool host_pid,
		     struct event_text *ret);

/*
 * The column names of event_text_line(), as a line. All three results are to
 * be freed; all three abort if memory is out.
 */
char *event_text_header(void);
char *event_text_line(const struct event_text *d);
char *event_text_json(const struct event_text *d);

/* The fields of a journal entry, as the journal takes them (systemd.io/JOURNAL_NATIVE_PROTOCOL) */
char *event_text_fields(const struct event_text *d);

#endif
