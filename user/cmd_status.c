// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "cleanup.h"
#include "command.h"
#include "health.h"
#include "loader.h"
#include "log.h"
#include "report.h"

int cmd_status(const struct options *o)
{
	_cleanup_(loaded_list_free) struct loaded_list l = { 0 };
	_cleanup_(cgroup_close) struct cgroup self = CGROUP_NONE;
	struct health *health;
	const char *name = o->cgroup;
	int status = EXIT_OK, err;
	struct failure f = { "" };

	if (name && strcmp(name, "self") == 0) {
		err = cgroup_resolve(name, &self, &f);
		if (err) {
			log_error("%s", f.text);
			return command_cgroup_status(err);
		}
		name = self.path;
	}
	if (loader_list(name, &l, &f)) {
		log_error("%s", f.text);
		return EXIT_SYSTEM;
	}
	health = calloc(l.n + 1, sizeof(*health));
	if (!health)
		abort();
	for (size_t i = 0; i < l.n; i++) {
		health_examine(&l.item[i], &health[i]);
		if (health[i].state != HEALTH_IN_FORCE)
			status = EXIT_DEGRADED;
	}
	if (!l.n)
		status = EXIT_NOTHING;
	err = o->json ? report_json(&l, health, stdout) : report_table(&l, health, stdout);
	for (size_t i = 0; i < l.n; i++)
		health_free(&health[i]);
	free(health);
	return err ? EXIT_SYSTEM : status;
}
