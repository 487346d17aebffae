// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/reasons.h"
#include "lib/world.h"

/* Of the test's cgroup, to be released; NULL if nothing is loaded */
static json_t *counters_now(void)
{
	json_t *root, *counters;
	json_error_t error;
	char *text;

	output_of("\"$SRCPIN\" status --cgroup \"$WORLD_CGROUP\" --json", &text);
	errno = 0;
	root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		bail_out("status --json is not JSON, line %d: %s", error.line, error.text);
	counters = json_object_get(json_array_get(json_object_get(root, "services"), 0), "counters");
	json_incref(counters);
	json_decref(root);
	free(text);
	return counters;
}

json_t *reasons_now(void)
{
	json_t *counters = counters_now(), *reasons = json_object_get(counters, "reasons");

	if (!json_object_size(reasons))
		bail_out("status --json has no counters of this cgroup");
	json_incref(reasons);
	json_decref(counters);
	return reasons;
}

long long dropped_now(void)
{
	json_t *counters = counters_now();
	long long dropped = json_integer_value(json_object_get(counters, "dropped"));

	json_decref(counters);
	return dropped;
}

void reasons_grown(json_t *before, json_t *after, char *text, size_t size)
{
	const char *name;
	json_t *value;
	size_t n = 0;

	*text = '\0';
	json_object_foreach(after, name, value)
	{
		json_int_t by = json_integer_value(value) - json_integer_value(json_object_get(before, name));

		/* how many packets a call makes is TCP's to say */
		if (!by || n >= size || !strncmp(name, "passed_", strlen("passed_")))
			continue;
		n += (size_t)snprintf(text + n, size - n, "%s%s", n ? " " : "", name);
		if (by != 1 && n < size)
			n += (size_t)snprintf(text + n, size - n, "*%lld", (long long)by);
	}
	if (!n)
		snprintf(text, size, "none");
}
