// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "host/cgroup.h"
#include "unit/systemctl.h"
#include "unit/unit.h"
#include "unit/unit_main.h"

#define MAIN "MainPID="
#define GROUP "ControlGroup="

static bool is_service(const char *cgroup)
{
	const char *name = cgroup_name(cgroup), *dot = strrchr(name, '.');

	return dot && strcmp(dot, ".service") == 0 && unit_name_is_valid(name);
}

/* A user's unit may have the name of one of the system's: the path tells. */
static void note(const char *const *cgroup, size_t n, const char *path, long pid, long *ret)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(cgroup[i], path) == 0)
			ret[i] = pid;
}

int unit_main_pids(const char *const *cgroup, size_t n, long *ret, struct failure *f)
{
	static const char *const question[] = { "show", "--no-pager", "--property=MainPID,ControlGroup", "--" };
	const size_t first = sizeof(question) / sizeof(*question);
	_cleanup_free_ const char **argv = xcalloc(first + n + 1, sizeof(*argv));
	_cleanup_free_ char *said = NULL;
	char *rest, *line, *path = NULL;
	size_t asked = first;
	long pid = 0;
	int err;

	memset(ret, 0, n * sizeof(*ret));
	memcpy(argv, question, sizeof(question));
	for (size_t i = 0; i < n; i++)
		if (is_service(cgroup[i]))
			argv[asked++] = cgroup_name(cgroup[i]);
	if (asked == first || !systemctl_answers())
		return 0;
	err = systemctl(argv, &said, f);
	if (err)
		return err;
	/* a block for each unit, with an empty line between two; its lines in any order */
	for (rest = said; (line = strsep(&rest, "\n"));) {
		if (!*line) {
			pid = 0;
			path = NULL;
		} else if (strncmp(line, MAIN, strlen(MAIN)) == 0) {
			pid = strtol(line + strlen(MAIN), NULL, 10);
		} else if (strncmp(line, GROUP, strlen(GROUP)) == 0) {
			path = line + strlen(GROUP);
		}
		if (pid && path && *path)
			note(cgroup, n, path, pid, ret);
	}
	return 0;
}
