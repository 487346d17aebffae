// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "command.h"
#include "loader.h"
#include "log.h"

/* All entries of one path are one service: the one in force and what a cgroup that is gone has left. */
static int remove_listed(const char *name, const struct loaded_list *l)
{
	struct failure f = { "" };

	if (!l->n) {
		log_error("cannot unload %s: nothing is loaded for it", name);
		return EXIT_USAGE;
	}
	if (strcmp(l->item[0].cgroup, l->item[l->n - 1].cgroup) != 0) {
		log_error("cannot choose what to unload for %s: name one by its path, such as %s or %s", name,
			  l->item[0].cgroup, l->item[l->n - 1].cgroup);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < l->n; i++) {
		if (loader_remove(l->item[i].cgroup_id, &f)) {
			log_error("%s", f.text);
			return EXIT_SYSTEM;
		}
	}
	return EXIT_OK;
}

int cmd_unload(const struct options *o)
{
	_cleanup_(loaded_list_free) struct loaded_list l = { 0 };
	struct failure f = { "" };
	int status;

	if (!o->cgroup == !o->all) {
		log_error("unload needs either --cgroup NAME or --all");
		return EXIT_USAGE;
	}
	if (o->all) {
		if (!loader_remove_all(&f))
			return EXIT_OK;
		log_error("%s", f.text);
		return EXIT_SYSTEM;
	}
	status = command_list_loaded(o, &l);
	return status ? status : remove_listed(o->cgroup, &l);
}
