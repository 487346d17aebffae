// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/quote.h"
#include "cli/command.h"
#include "cli/put.h"
#include "host/cgroup.h"
#include "host/cgroup_resolve.h"
#include "host/leaf.h"

/* One service, and what its config says now. */
struct renewal {
	const struct loaded *service;
	bool read, bad; /* its config: read for this service, not for an earlier one with the same file; has errors */
	bool anew;      /* its cgroup is gone, and the caller is in a new one of that path */
	struct policies config;
	const struct policy *policy;
};

/* The service for which the config of R was read: R itself, or one before it. */
static const struct renewal *reader_of(const struct renewal *all, struct renewal *r)
{
	for (; all < r; all++)
		if (all->read && !strcmp(all->service->config, r->service->config))
			return all;
	r->read = true;
	r->bad = command_read_config(r->service->config, &r->config) != EXIT_OK;
	return r;
}

/*
 * Reads all configs first: no policy is put in force if one of them cannot be.
 *
 * When a unit has no process left, which RemainAfterExit= allows, systemd
 * removes its cgroup. ExecReload= then runs in a cgroup that is made anew.
 */
static int read_configs(const struct loaded_list *l, bool self, struct renewal *all)
{
	int status = EXIT_OK;

	for (size_t i = 0; i < l->n; i++) {
		const char *name = cgroup_name(l->item[i].cgroup);
		const struct renewal *reader;

		all[i].service = &l->item[i];
		all[i].anew = self && l->n == 1 && l->item[i].gone;
		if (leaf_is(l->item[i].cgroup) || l->item[i].idle || (l->item[i].gone && !all[i].anew))
			continue;
		reader = reader_of(all, &all[i]);
		all[i].policy = reader->bad ? NULL : policies_find(&reader->config, name);
		if (all[i].policy)
			continue;
		if (!reader->bad)
			log_error("cannot reload %s: %s has no section for it any more (add it, or unload)", name,
				  l->item[i].config);
		status = EXIT_USAGE;
	}
	return status;
}

static int renew(const struct renewal *r)
{
	const struct put_options how = { .reload = !r->anew, .wait = -1 };
	_cleanup_(cgroup_close) struct cgroup cgroup = CGROUP_NONE;
	struct failure f = { "" };

	if (r->service->idle) {
		log_error("cannot reload %s: nothing is in force for it, as a load or an unload of it was killed "
			  "(srcpin load, or unload)",
			  r->service->cgroup);
		return EXIT_SYSTEM;
	}
	if ((r->service->gone && !r->anew) || cgroup_resolve(r->service->cgroup, &cgroup, &f) ||
	    (cgroup.id != r->service->cgroup_id && !r->anew)) {
		log_error("cannot reload %s: its cgroup is gone (srcpin load, once the service runs)",
			  r->service->cgroup);
		return EXIT_SYSTEM;
	}
	return put_in_force(&cgroup, r->service->config, r->policy, &how);
}

int cmd_reload(const struct options *o)
{
	_cleanup_(loaded_list_free) struct loaded_list l = { 0 };
	struct renewal *all;
	int status = command_list_loaded(o, &l);

	if (status)
		return status;
	if (!l.n && command_say_unheld(o))
		return EXIT_SYSTEM;
	if (!l.n && o->cgroup) {
		log_error("cannot reload %s: nothing is loaded for it", o->cgroup);
		return EXIT_USAGE;
	}
	if (o->cgroup && leaf_is(l.item[0].cgroup)) {
		log_error("cannot reload %s: srcpin run made it, and its command keeps the policy that it began with",
			  l.item[0].cgroup);
		return EXIT_USAGE;
	}
	if (o->cgroup && strcmp(l.item[0].cgroup, l.item[l.n - 1].cgroup) != 0) {
		_cleanup_free_ char *one = quote_word(l.item[0].cgroup);
		_cleanup_free_ char *other = quote_word(l.item[l.n - 1].cgroup);

		log_error("cannot choose what to reload for %s: name one by its path, such as %s or %s", o->cgroup, one,
			  other);
		return EXIT_USAGE;
	}
	if (!l.n) {
		puts("nothing is loaded");
		return command_end_output();
	}
	all = xcalloc(l.n, sizeof(*all));
	status = read_configs(&l, o->cgroup && strcmp(o->cgroup, "self") == 0, all);
	if (status)
		log_error("nothing was changed");
	/* each one is replaced as a whole or stays as it was; after an error the others are still replaced */
	for (size_t i = 0; status != EXIT_USAGE && i < l.n; i++)
		if (!leaf_is(l.item[i].cgroup) && renew(&all[i]))
			status = EXIT_SYSTEM;
	for (size_t i = 0; i < l.n; i++)
		policies_free(&all[i].config);
	free(all);
	return status;
}
