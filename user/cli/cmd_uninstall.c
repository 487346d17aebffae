// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/quote.h"
#include "cli/command.h"
#include "cli/slice.h"
#include "unit/dropin.h"
#include "unit/systemctl.h"
#include "unit/unit.h"

struct removal {
	size_t n;
	char *unit[2];
	struct dropin dropin[2];
};

static void removal_free(struct removal *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->unit[i]);
}

/* Adds a unit's drop-in, if there is one. */
static int add_dropin(const char *unit, struct removal *r, struct failure *f)
{
	enum dropin_state state = DROPIN_ABSENT;
	int err;

	err = dropin_describe(unit, false, 0, &r->dropin[r->n], f);
	if (!err)
		err = dropin_examine(&r->dropin[r->n], &state, f);
	if (err || state == DROPIN_ABSENT)
		return err;
	r->unit[r->n++] = xstrdup(unit);
	return 0;
}

/* Adds the drop-in of U's umbrella, unless it stands for other services too. */
static int add_umbrella(const struct unit *u, struct removal *r, struct failure *f)
{
	_cleanup_free_ char *services = NULL, *last = NULL;
	_cleanup_(unit_free) struct unit umbrella = { 0 };
	int err;

	err = unit_find_umbrella(u, &umbrella, f);
	if (err || !umbrella.is[UNIT_ID] || unit_services(&umbrella, &services, &last) > 1)
		return err;
	return add_dropin(umbrella.is[UNIT_ID], r, f);
}

/*
 * Finds the drop-ins of NAME, or of the service that it stands for. The unit
 * may be gone or masked: then only its own name finds them.
 */
static int find_dropins(const char *name, struct removal *ret, struct failure *f)
{
	_cleanup_(unit_free) struct unit u = { 0 };
	_cleanup_free_ char *own = unit_full_name(name);
	struct failure of_own = { "" };
	int found, err;

	found = unit_find(name, &u, f);
	err = found ? 0 : add_dropin(u.is[UNIT_ID], ret, f);
	if (!found && !err)
		err = add_umbrella(&u, ret, f);
	if (err)
		return err;
	if (!ret->n && unit_name_is_valid(own)) {
		err = add_dropin(own, ret, &of_own);
		if (err)
			return fail(f, err, "%s", of_own.text);
	}
	if (ret->n && u.umbrella)
		printf("%s has no process of its own: its service is %s\n", u.umbrella, u.is[UNIT_ID]);
	if (ret->n)
		return 0;
	if (found)
		return found;
	return fail(f, -ENOENT, "cannot uninstall for %s: srcpin install did not write %s", u.is[UNIT_ID],
		    ret->dropin[0].path);
}

int cmd_uninstall(const struct options *o)
{
	_cleanup_(removal_free) struct removal r = { 0 };
	_cleanup_free_ char *said = NULL, *word = NULL;
	struct failure f = { "" };
	int err;

	if (!o->unit) {
		log_error("uninstall needs --unit NAME");
		return EXIT_USAGE;
	}
	if (slice_is(o->unit))
		return slice_uninstall(o);
	err = find_dropins(o->unit, &r, &f);
	if (err) {
		log_error("%s", f.text);
		return command_cgroup_status(err);
	}
	if (o->dry_run) {
		for (size_t i = 0; i < r.n; i++)
			printf("%s would be removed\n", r.dropin[i].path);
		return command_end_output();
	}
	for (size_t i = 0; !err && i < r.n; i++)
		err = dropin_remove(&r.dropin[i], &f);
	if (err || systemctl((const char *const[]){ "daemon-reload", NULL }, &said, &f)) {
		log_error("%s", f.text);
		return EXIT_SYSTEM;
	}
	for (size_t i = 0; i < r.n; i++)
		printf("%s: removed\n", r.dropin[i].path);
	word = quote_word(r.unit[0]);
	/* ExecStopPost= is gone, so nothing unloads the policy when the service stops */
	printf("%s will not be pinned any more when it starts; what is in force ends with: "
	       "srcpin unload --cgroup %s\n",
	       r.unit[0], word);
	return command_end_output();
}
