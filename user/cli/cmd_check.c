// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/command.h"

int cmd_check(const struct options *o)
{
	_cleanup_(policies_free) struct policies c = { 0 };
	_cleanup_free_ char *shown = NULL;
	int status = command_read_config(o->config, &c);

	if (status)
		return status;
	shown = text_clean_copy(o->config);
	printf("%s: no errors, %zu section%s\n", shown, c.config.n_sections, c.config.n_sections == 1 ? "" : "s");
	return command_end_output();
}
