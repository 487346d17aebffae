// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "command.h"
#include "dropin.h"
#include "log.h"
#include "quote.h"
#include "systemctl.h"
#include "unit.h"

/*
 * The drop-in of NAME, or of the service that it stands for. The unit itself
 * may be gone since, or masked: then only its own name finds it.
 */
static int find_dropin(const char *name, struct dropin *ret, char **ret_unit, struct failure *f)
{
	_cleanup_(unit_free) struct unit u = { 0 };
	_cleanup_free_ char *own = unit_full_name(name);
	enum dropin_state state;
	int err;

	if (unit_name_is_valid(own)) {
		err = dropin_describe(own, 0, ret, f);
		if (!err)
			err = dropin_examine(ret, &state, f);
		if (err)
			return err;
		if (state != DROPIN_ABSENT) {
			*ret_unit = steal_string(&own);
			return 0;
		}
	}
	err = unit_find(name, &u, f);
	if (!err)
		err = dropin_describe(u.is[UNIT_ID], 0, ret, f);
	if (!err)
		err = dropin_examine(ret, &state, f);
	if (err)
		return err;
	if (state == DROPIN_ABSENT)
		return fail(f, -ENOENT, "cannot uninstall for %s: srcpin install did not write %s", u.is[UNIT_ID],
			    ret->path);
	if (u.umbrella)
		printf("%s has no process of its own: its service is %s\n", u.umbrella, u.is[UNIT_ID]);
	*ret_unit = steal_string(&u.is[UNIT_ID]);
	return 0;
}

int cmd_uninstall(const struct options *o)
{
	_cleanup_free_ char *unit = NULL, *said = NULL, *word = NULL;
	struct failure f = { "" };
	struct dropin d;
	int err;

	if (!o->unit) {
		log_error("uninstall needs --unit NAME");
		return EXIT_USAGE;
	}
	err = find_dropin(o->unit, &d, &unit, &f);
	if (err) {
		log_error("%s", f.text);
		return command_cgroup_status(err);
	}
	if (o->dry_run) {
		printf("%s would be removed\n", d.path);
		return command_end_output();
	}
	if (dropin_remove(&d, &f) || systemctl((const char *const[]){ "daemon-reload", NULL }, &said, &f)) {
		log_error("%s", f.text);
		return EXIT_SYSTEM;
	}
	word = quote_word(unit);
	/* nothing unloads it when the service stops, as ExecStopPost= is gone */
	printf("%s: removed\n%s will not be pinned any more when it starts; what is in force ends with: "
	       "srcpin unload --cgroup %s\n",
	       d.path, unit, word);
	return command_end_output();
}
