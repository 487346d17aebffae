/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A call or packet that was watched, in words: as a line, as JSON, or as an entry of the journal. */
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
void event_text_read(const struct srcpin_event *event, const char *cgroup, int64_t clock_offset, bool host_pid,
		     struct event_text *ret);

/* The names of the columns of event_text_line(), as a line. To be freed; aborts if memory is out, all three. */
char *event_text_header(void);
char *event_text_line(const struct event_text *d);
char *event_text_json(const struct event_text *d);

/* Fields of an entry, as the journal takes them (systemd.io/JOURNAL_NATIVE_PROTOCOL) */
char *event_text_fields(const struct event_text *d);

#endif
