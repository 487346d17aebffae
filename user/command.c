// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "cleanup.h"
#include "command.h"
#include "log.h"

const struct command command_table[] = {
	{ "load", "--cgroup NAME [-c FILE] [--wait SECONDS] [-n] [--close-stale] [--exec-condition]",
	  "put the policy for NAME in force, or replace it", "gcwnsx", cmd_load },
	{ "reload", "[--cgroup NAME]", "read the config again for what is loaded", "g", cmd_reload },
	{ "unload", "--cgroup NAME [--if-empty] | --all", "take it out again", "gai", cmd_unload },
	{ "status", "[--cgroup NAME] [--json]", "what is in force, and is it well", "gj", cmd_status },
	{ "watch", "[--cgroup NAME] [--json] [--only VERDICT] [--to PREFIX]", "each decision, as it is made", "gjot",
	  cmd_watch },
	{ "install", "--unit NAME [-n]", "have the unit pinned at each start, by a drop-in", "un", cmd_install },
	{ "uninstall", "--unit NAME [-n]", "take that drop-in away again", "un", cmd_uninstall },
	{ "check", "[-c FILE]", "show all errors of the config", "c", cmd_check },
	{ 0 },
};

int command_read_config(const char *path, struct config *ret)
{
	struct diagnostics d = { 0 };
	struct failure f = { "" };
	int status = EXIT_OK;

	if (config_read(path, ret, &d, &f)) {
		log_error("%s", f.text);
		status = EXIT_USAGE;
	} else {
		policy_check(ret, &d);
		diagnostics_sort(&d);
		for (size_t i = 0; i < d.n; i++)
			log_diagnostic("%s:%u:%u: %s", path, d.item[i].line, d.item[i].col, d.item[i].message);
		if (d.n)
			status = EXIT_USAGE;
	}
	diagnostics_free(&d);
	return status;
}

int command_list_loaded(const struct options *o, struct loaded_list *ret)
{
	_cleanup_free_ char *name = NULL;
	struct failure f = { "" };
	int err;

	err = o->cgroup ? cgroup_recorded_name(o->cgroup, &name, &f) : 0;
	if (err) {
		log_error("%s", f.text);
		return command_cgroup_status(err);
	}
	if (!loader_list(name, ret, &f))
		return EXIT_OK;
	log_error("%s", f.text);
	return EXIT_SYSTEM;
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
