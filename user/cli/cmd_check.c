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
	for (size_t i = 0; i < c.config.n_sections; i++) {
		const struct config_section *s = &c.config.section[i], *hiding = config_hiding(&c.config, s);
		const struct srcpin_rule *left = policy_leaves(&c.of[i], &policy_ipv4);
		_cleanup_free_ char *name = text_clean_copy(s->name);

		if (hiding) {
			_cleanup_free_ char *other = text_clean_copy(hiding->name);

			printf("%s:%u: [%s] is never used: [%s] on line %u comes first, and has all of its names\n",
			       shown, s->line, name, other, hiding->line);
		}

		if (left && !left->line)
			printf("%s:%u: [%s] does not pin IPv4 (source4 pins it, ipv4 = deny refuses it, ipv4 = leave "
			       "says "
			       "that it is meant)\n",
			       shown, s->line, name);
	}
	return command_end_output();
}
