// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>

#include "command.h"
#include "log.h"

const struct command command_table[] = {
	{ "load", "--cgroup NAME [-c FILE] [-n]", "put the policy for NAME in force, or replace it", "gcn", cmd_load },
	{ "unload", "--cgroup NAME | --all", "take it out again", "ga", cmd_unload },
	{ "status", "[--cgroup NAME] [--json]", "what is in force, and is it well", "gj", cmd_status },
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
			fprintf(stderr, "%s:%u:%u: %s\n", path, d.item[i].line, d.item[i].col, d.item[i].message);
		if (d.n)
			status = EXIT_USAGE;
	}
	diagnostics_free(&d);
	return status;
}

int command_cgroup_status(int err)
{
	return err == -ENOENT || err == -ENOTUNIQ || err == -EINVAL ? EXIT_USAGE : EXIT_SYSTEM;
}
