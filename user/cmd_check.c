// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>

#include "cleanup.h"
#include "command.h"

int cmd_check(const struct options *o)
{
	_cleanup_(config_free) struct config c = { 0 };
	int status = command_read_config(o->config, &c);

	if (status)
		return status;
	printf("%s: no errors, %zu section%s\n", o->config, c.n_sections, c.n_sections == 1 ? "" : "s");
	return command_end_output();
}
