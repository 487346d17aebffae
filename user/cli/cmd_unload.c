// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/quote.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/runs.h"
#include "host/cgroup.h"
#include "host/cgroup_procs.h"
#include "kernel/loaded.h"
#include "kernel/unload.h"

/*
 * When a service ends, some of its processes may live on, as with
 * KillMode=process. They must stay pinned. EXIT_OK: nobody is left.
 */
static int look_for_others(const struct loaded *l, bool *ret_left)
{
	char shown[NAME_MAX + 1];
	struct failure f = { "" };
	int n = cgroup_count_others(l->cgroup_id, &f);

	*ret_left = n > 0;
	if (n < 0) {
		log_error("%s", f.text);
		return EXIT_SYSTEM;
	}
	if (!n)
		return EXIT_OK;
	snprintf(shown, sizeof(shown), "%s", cgroup_name(l->cgroup));
	printf("%s: still in force, as %d process%s of it %s left\n", text_clean(shown), n, n == 1 ? "" : "es",
	       n == 1 ? "is" : "are");
	return command_end_output();
}

/* All entries of one path are one service: the one in force, and what a removed cgroup has left. */
static int remove_listed(const struct options *o, const struct loaded_list *l)
{
	const char *name = o->cgroup;
	struct failure f = { "" };
	bool left = false;

	if (!l->n && o->if_empty)
		return EXIT_OK; /* a service that could not be loaded, and so did not start, is stopped too */
	if (!l->n && command_say_unheld(o))
		return EXIT_SYSTEM;
	if (!l->n) {
		log_error("cannot unload %s: nothing is loaded for it", name);
		return EXIT_USAGE;
	}
	if (strcmp(l->item[0].cgroup, l->item[l->n - 1].cgroup) != 0) {
		_cleanup_free_ char *one = quote_word(l->item[0].cgroup);
		_cleanup_free_ char *other = quote_word(l->item[l->n - 1].cgroup);

		log_error("cannot choose what to unload for %s: name one by its path, such as %s or %s", name, one,
			  other);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < l->n; i++) {
		int status = o->if_empty ? look_for_others(&l->item[i], &left) : EXIT_OK;

		if (status)
			return status;
		if (left)
			continue;
		if (unload_service(l->item[i].cgroup_id, &f)) {
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
	if (o->all && o->if_empty) {
		log_error("unload --if-empty needs --cgroup NAME");
		return EXIT_USAGE;
	}
	if (o->all) {
		runs_clear();
		if (!unload_all(&f))
			return EXIT_OK;
		log_error("%s", f.text);
		return EXIT_SYSTEM;
	}
	status = command_list_loaded(o, &l);
	return status ? status : remove_listed(o, &l);
}
