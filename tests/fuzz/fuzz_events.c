// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libFuzzer: any bytes as a record in a perf buffer, and as the path of the
 * service's cgroup: the first byte says how long the path is that follows,
 * then comes the record, of which the kernel says the size rightly.
 */
#include <jansson.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>

#include "kernel/event_record.h"
#include "policy/reason.h"
#include "report/event_text.h"
#include "fuzz.h"

#define FIELDS                                                                                     \
	"MESSAGE PRIORITY SYSLOG_IDENTIFIER OBJECT_PID SRCPIN_SERVICE SRCPIN_PROCESS SRCPIN_CALL " \
	"SRCPIN_PROTOCOL SRCPIN_DESTINATION SRCPIN_BEFORE SRCPIN_AFTER SRCPIN_VERDICT SRCPIN_REASON SRCPIN_OBSERVED "

/* One line, and nothing that does something to a terminal. To be freed. */
static void require_line(char *line)
{
	size_t n = strlen(line);

	REQUIRE(n && line[n - 1] == '\n');
	line[n - 1] = '\0';
	REQUIRE(is_clean(line));
	free(line);
}

static void require_json(char *line, bool host_pid)
{
	json_t *all = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

	REQUIRE(json_is_object(all) && json_object_size(all) == 16U + host_pid);
	REQUIRE(!host_pid || json_is_null(json_object_get(all, "pid")));
	json_decref(all);
	require_line(line);
}

/* Lines "NAME=VALUE", of each name one at most. */
static void require_fields(char *fields)
{
	char *next, *line, names[] = FIELDS;

	REQUIRE(strlen(fields) && fields[strlen(fields) - 1] == '\n');
	for (line = strtok_r(fields, "\n", &next); line; line = strtok_r(NULL, "\n", &next)) {
		char *equals = strchr(line, '='), *name;

		REQUIRE(equals && is_clean(line));
		*equals = ' ';
		equals[1] = '\0';
		name = strstr(names, line);
		REQUIRE(name && (name == names || name[-1] == ' '));
		memset(name, '-', strlen(line) - 1);
	}
	free(fields);
}

static void require_decision(const struct srcpin_event *event, const char *path, bool host_pid)
{
	struct event_text d;

	/* in 2026 */
	event_text_read(event, path, INT64_C(1767225600000000000), host_pid, &d);
	REQUIRE(is_clean(d.service) && is_clean(d.process) && is_clean(d.protocol));
	REQUIRE(verdict_reasons(strcmp(d.verdict, "dropped") != 0 ? d.verdict : "denied") & 1ULL << event->reason);
	require_line(event_text_line(&d));
	require_json(event_text_json(&d), host_pid);
	require_fields(event_text_fields(&d));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n_path = size ? *data : 0, n = size < 1 + n_path ? 0 : (size - 1 - n_path) / 8 * 8;
	struct perf_event_header *header;
	struct srcpin_event event;
	char *path;

	if (n < sizeof(*header) || n > UINT16_MAX)
		return -1;
	path = strndup((const char *)data + 1, n_path);
	REQUIRE(path);
	header = at_the_edge(data + 1 + n_path, n, 8);
	header->size = (__u16)n;
	if (event_record_read(header, &event)) {
		require_decision(&event, path, false);
		require_decision(&event, path, true);
	}
	free(path);
	return 0;
}
