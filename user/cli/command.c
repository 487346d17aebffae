// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/runs.h"
#include "dns/destination_child.h"
#include "host/cgroup.h"
#include "unit/unit_cgroup.h"

const struct command command_table[] = {
#define X(name, synopsis, summary, destinations) { #name, synopsis, summary, cmd_##name, destinations },
	COMMANDS(X)
#undef X
		{ 0 },
};

int command_read_config(const char *path, struct policies *ret)
{
	struct diagnostics d = { 0 };
	struct failure f = { "" };
	int status = EXIT_OK;

	if (policies_read(path, ret, &d, &f)) {
		log_error("%s", f.text);
		status = EXIT_USAGE;
	}
	for (size_t i = 0; !status && i < d.n; i++)
		log_diagnostic("%s:%u:%u: %s", path, d.item[i].line, d.item[i].col, d.item[i].message);
	if (d.n)
		status = EXIT_USAGE;
	diagnostics_free(&d);
	return status;
}

char *command_absolute_path(const char *path)
{
	_cleanup_free_ char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);

	return here ? xasprintf("%s/%s", here, path) : xstrdup(path);
}

int command_list_loaded(const struct options *o, struct loaded_list *ret)
{
	_cleanup_free_ char *name = NULL;
	struct failure f = { "" };
	int err;

	runs_clear();
	err = o->cgroup ? unit_cgroup_recorded(o->cgroup, &name, &f) : 0;
	if (err) {
		log_error("%s", f.text);
		return command_cgroup_status(err);
	}
	if (!loaded_read(name, ret, &f))
		return EXIT_OK;
	log_error("%s", f.text);
	return EXIT_SYSTEM;
}

void command_find_unheld(const struct options *o, struct unheld *ret)
{
	_cleanup_(cgroup_close) struct cgroup c = CGROUP_NONE;
	struct failure ignored = { "" };

	*ret = (struct unheld){ 0 };
	if (!o->cgroup)
		unheld_find(ret);
	else if (!unit_cgroup_resolve(o->cgroup, &c, &ignored) && unheld_stays_at(c.fd, c.id))
		unheld_add(ret, c.path);
}

bool command_say_unheld(const struct options *o)
{
	_cleanup_(unheld_free) struct unheld u = { 0 };

	command_find_unheld(o, &u);
	for (size_t i = 0; i < u.n; i++)
		log_error("programs of srcpin are attached to cgroup %s, and not held in " BPFFS_HOME UNHELD_REMEDY,
			  u.cgroup[i]);
	return u.n;
}

int command_find_destinations(const struct options *o, struct destinations *ret)
{
	struct failure f = { "" };
	int err = destinations_ask(o->word + 1, o->n_words - 1, o->mx, o->dns, ret, &f);

	if (err) {
		log_error("%s", f.text);
		return err == -EINVAL ? EXIT_USAGE : EXIT_SYSTEM;
	}
	for (size_t i = 0; i < ret->n_problems; i++)
		log_error("%s", ret->problem[i]);
	return ret->unknown ? EXIT_SYSTEM : ret->n_problems ? EXIT_USAGE : EXIT_OK;
}

int command_end_output(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_OK;
	log_error("cannot write to the standard output: %s", strerror(errno));
	return EXIT_SYSTEM;
}

int command_cgroup_status(int err)
{
	return err == -ENOENT || err == -ENOTUNIQ || err == -EINVAL ? EXIT_USAGE : EXIT_SYSTEM;
}
