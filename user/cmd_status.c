// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>

#include "cleanup.h"
#include "command.h"
#include "health.h"
#include "log.h"
#include "report.h"

int cmd_status(const struct options *o)
{
	_cleanup_(loaded_list_free) struct loaded_list l = { 0 };
	_cleanup_(cgroup_ids_free) struct cgroup_ids pinned = { 0 };
	int status = command_list_loaded(o, &l), err;
	struct failure f = { "" };
	struct health *health;

	if (status)
		return status;
	if (loader_ids(&pinned, &f)) {
		log_error("%s", f.text);
		return EXIT_SYSTEM;
	}
	health = calloc(l.n + 1, sizeof(*health));
	if (!health)
		abort();
	for (size_t i = 0; i < l.n; i++) {
		health_examine(&l.item[i], &health[i]);
		health_examine_older(&l.item[i], &pinned, &health[i]);
		if (health[i].state != HEALTH_IN_FORCE)
			status = EXIT_DEGRADED;
	}
	if (!l.n)
		status = EXIT_NOTHING;
	err = o->json ? report_json(&l, health, stdout) : report_table(&l, health, stdout);
	for (size_t i = 0; i < l.n; i++)
		health_free(&health[i]);
	free(health);
	return err ? command_end_output() : status;
}
