// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/quote.h"
#include "host/cgroup_procs.h"
#include "unit/engine.h"
#include "unit/systemctl.h"
#include "unit/unit.h"
#include "unit/unit_cgroup.h"
#include "unit/unit_start.h"

static bool is_systemds(const char *name)
{
	return !strchr(name, '/') && strcmp(name, "self") != 0 && systemctl_answers();
}

/*
 * The services that it stands for, as Debian 12's postfix.service does for
 * postfix@-.service; else running ones of its stem
 */
static char *candidates(const struct unit *u)
{
	_cleanup_free_ char *last = NULL;
	const char *id = u->is[UNIT_ID];
	char *list;

	if (unit_services(u, &list, &last))
		return list;
	free(list);
	return unit_alike("list-units", "--state=running", id, strcspn(id, "@."));
}

static int not_in_use(const struct unit *u, struct failure *f)
{
	const char *id = u->is[UNIT_ID], *path = u->is[UNIT_CONTROL_GROUP];
	_cleanup_free_ char *list = candidates(u), *word = quote_word(*path ? path : id);

	if (*list)
		return fail(f, -ENOENT, "cannot use cgroup %s: no process is in it, did you mean: %s", id, list);
	if (*path)
		return fail(f, -ENOENT,
			    "cannot use cgroup %s: no process is in it (start the service, or name it by its path: %s)",
			    id, word);
	if (strcmp(strrchr(id, '.'), ".slice") == 0)
		return fail(
			f, -ENOENT,
			"cannot find a cgroup named %s: nothing has run in the slice so far (srcpin install --unit %s, "
			"to have it pinned before anything does)",
			id, word);
	if (strcmp(strrchr(id, '.'), ".service") != 0)
		return fail(f, -ENOENT, "cannot find a cgroup named %s (is the service running?)", id);
	return fail(
		f, -ENOENT,
		"cannot find a cgroup named %s: nothing of the service runs (start it; or srcpin install --unit %s, "
		"to have it pinned at each start)",
		id, word);
}

int unit_cgroup_resolve(const char *name, struct cgroup *ret, struct failure *f)
{
	_cleanup_(unit_free) struct unit u = { 0 };
	_cleanup_(cgroup_close) struct cgroup c = CGROUP_NONE;
	_cleanup_free_ char *path = NULL;
	int err;

	if (engine_names(name)) {
		err = engine_cgroup(name, &path, f);
		return err ? err : cgroup_resolve(path, ret, f);
	}
	if (!is_systemds(name))
		return cgroup_resolve(name, ret, f);
	err = unit_refuse_name(name, f);
	if (!err)
		err = unit_show(name, &u, f);
	if (err)
		return err;
	if (!*u.is[UNIT_CONTROL_GROUP]) {
		err = unit_refuse(name, &u, f);
		return err ? err : not_in_use(&u, f);
	}
	err = cgroup_resolve(u.is[UNIT_CONTROL_GROUP], &c, f);
	if (err == -ENOENT || (!err && !unit_start_is_slice(c.path) && !cgroup_has_processes(c.fd)))
		return not_in_use(&u, f);
	if (err)
		return err;
	*ret = c;
	c = CGROUP_NONE;
	return 0;
}

static void put_name(FILE *path, const char *name)
{
	fprintf(path, "/%s%s", cgroup_escape(name), name);
}

/* systemd.slice(5): a-b.slice lies in a.slice, and -.slice is the root. Appends to PATH. */
static void put_slice(FILE *path, const char *slice)
{
	const char *end = strrchr(slice, '.');

	if (!end || strcmp(slice, "-.slice") == 0)
		return;
	for (const char *dash = strchr(slice, '-'); dash && dash < end; dash = strchr(dash + 1, '-')) {
		_cleanup_free_ char *outer = NULL;

		outer = xasprintf("%.*s.slice", (int)(dash - slice), slice);
		put_name(path, outer);
	}
	put_name(path, slice);
}

/* NULL: systemd does not know it. */
static char *path_of(const struct unit *u)
{
	const char *id = u->is[UNIT_ID], *group = u->is[UNIT_CONTROL_GROUP], *slice = u->is[UNIT_SLICE];
	char *path = NULL;
	size_t size;
	FILE *out;

	if (!*group && !*slice)
		return NULL;
	out = open_memstream(&path, &size);
	if (!out)
		abort();
	if (*group) {
		fputs(group, out);
	} else {
		put_slice(out, slice);
		put_name(out, id);
	}
	if (fclose(out))
		abort();
	return path;
}

int unit_cgroup_recorded(const char *name, char **ret, struct failure *f)
{
	_cleanup_(unit_free) struct unit u = { 0 };
	_cleanup_free_ char *path = NULL;
	struct failure ignored = { "" };
	int err;

	*ret = NULL;
	if (engine_names(name)) {
		err = engine_cgroup(name, &path, f);
		return err ? err : cgroup_recorded_name(path, ret, f);
	}
	if (!is_systemds(name) || unit_refuse_name(name, &ignored))
		return cgroup_recorded_name(name, ret, f);
	err = unit_show(name, &u, f);
	if (err)
		return err;
	path = path_of(&u);
	return cgroup_recorded_name(path ? path : name, ret, f);
}
