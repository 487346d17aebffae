// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/quote.h"
#include "cli/command.h"
#include "cli/slice.h"
#include "unit/dropin.h"
#include "unit/systemctl.h"
#include "unit/unit.h"
#include "unit/unit_cgroup.h"

enum {
	LOADER, /* the unit that pins the slice */
	DROPIN, /* the slice's, which requires it */
	N_FILES,
};

#define WAIT 30 /* seconds for a source to be usable */

struct slice {
	struct unit unit;
	char *cgroup; /* its path, also while it is not there */
	char *loader;
	struct dropin file[N_FILES];
	enum dropin_state state[N_FILES];
};

static void slice_free(struct slice *s)
{
	unit_free(&s->unit);
	free(s->cgroup);
	free(s->loader);
}

bool slice_is(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && strcmp(dot, ".slice") == 0;
}

/* The unit that pins a slice is in system.slice: it would wait for itself. */
static int refuse(const char *id, struct failure *f)
{
	if (strcmp(id, "-.slice") == 0)
		return fail(
			f, -EINVAL,
			"cannot install for -.slice: every process of the host is in it (name a slice of your own)");
	if (strcmp(id, "system.slice") == 0)
		return fail(f, -EINVAL,
			    "cannot install for system.slice: the unit that would pin it is in it, with most of the "
			    "host's services (give those to be pinned Slice=NAME.slice, and name that)");
	return 0;
}

static int find(const char *name, struct slice *ret, struct failure *f)
{
	const char *outer;
	int err;

	*ret = (struct slice){ 0 };
	err = refuse(name, f);
	if (!err)
		err = unit_refuse_name(name, f);
	if (!err)
		err = unit_show(name, &ret->unit, f);
	if (!err)
		err = unit_refuse(name, &ret->unit, f);
	if (!err)
		err = unit_cgroup_recorded(ret->unit.is[UNIT_ID], &ret->cgroup, f);
	if (err)
		return err;
	outer = ret->unit.is[UNIT_SLICE];
	ret->loader = dropin_loader(ret->unit.is[UNIT_ID]);
	err = dropin_describe_slice(ret->unit.is[UNIT_ID], ret->cgroup,
				    *outer && strcmp(outer, "-.slice") != 0 ? outer : NULL, WAIT, ret->file, f);
	for (int i = 0; i < N_FILES && !err; i++)
		err = dropin_examine(&ret->file[i], &ret->state[i], f);
	return err;
}

static bool is_active(const struct unit *u)
{
	const char *state = u->is[UNIT_ACTIVE_STATE];

	return strcmp(state, "active") == 0 || strcmp(state, "activating") == 0;
}

static int show(const struct slice *s)
{
	for (int i = 0; i < N_FILES; i++)
		printf("%s%s %s:\n\n%s", i ? "\n" : "", s->file[i].path,
		       s->state[i] == DROPIN_SAME     ? "is there already"
		       : s->state[i] == DROPIN_ABSENT ? "would be written"
						      : "would be written anew",
		       s->file[i].text);
	return command_end_output();
}

static int run(const char *verb, const char *unit, struct failure *f)
{
	_cleanup_free_ char *said = NULL;

	return systemctl((const char *const[]){ verb, unit ? "--" : NULL, unit, NULL }, &said, f);
}

/*
 * Nothing starts the loader of a slice that is active already: what starts in
 * there from now on would be unpinned.
 */
static int pin_now(const struct slice *s, struct failure *f)
{
	_cleanup_(unit_free) struct unit loader = { 0 };
	_cleanup_free_ char *word = quote_word(s->loader);
	struct failure why = { "" };
	int err = unit_show(s->loader, &loader, f);

	if (err || !run(is_active(&loader) ? "reload" : "start", s->loader, &why))
		return err;
	return fail(f, -EIO,
		    "%s is written, and %s is active and not pinned: %s (systemctl status %s shows why; then systemctl "
		    "start %s)",
		    s->file[DROPIN].path, s->unit.is[UNIT_ID], why.text, word, word);
}

static int put_in_effect(const struct slice *s)
{
	const char *id = s->unit.is[UNIT_ID];
	struct failure f = { "" };
	int err = 0;

	for (int i = 0; i < N_FILES && !err; i++)
		if (s->state[i] != DROPIN_SAME)
			err = dropin_write(&s->file[i], &f);
	if (!err)
		err = run("daemon-reload", NULL, &f);
	for (int i = 0; i < N_FILES && !err; i++)
		printf("%s: %s\n", s->file[i].path, s->state[i] == DROPIN_SAME ? "is there already" : "written");
	if (!err && is_active(&s->unit))
		err = pin_now(s, &f);
	if (err) {
		log_error("%s", f.text);
		return EXIT_SYSTEM;
	}
	if (is_active(&s->unit))
		printf("%s is pinned, with all that runs in it; connections that are older stay as they are\n", id);
	else
		printf("%s will be pinned before anything starts in it\n", id);
	return command_end_output();
}

int slice_install(const struct options *o)
{
	_cleanup_(policies_free) struct policies c = { 0 };
	_cleanup_(slice_free) struct slice s = { 0 };
	struct failure f = { "" };
	int err, status = command_read_config(DEFAULT_CONFIG, &c);
	const char *id;

	if (status)
		return status;
	err = find(o->unit, &s, &f);
	id = err ? "" : s.unit.is[UNIT_ID];

	if (!err)
		err = dropin_check_program(&s.file[LOADER], &f);
	if (!err && !config_find(&c.config, id))
		err = fail(&f, -EINVAL, "cannot install for %s: " DEFAULT_CONFIG " has no section for it (add [%s])",
			   id, id);
	if (err) {
		log_error("%s", f.text);
		return command_cgroup_status(err);
	}
	printf("%s: %s, section [%s] of " DEFAULT_CONFIG "\n", id, s.unit.is[UNIT_ACTIVE_STATE],
	       config_find(&c.config, id)->name);
	return o->dry_run ? show(&s) : put_in_effect(&s);
}

/* The slice requires the loader, and would stop with it: so first it is to require it no more. */
static int take_away(const struct slice *s, struct failure *f)
{
	int err = 0;

	if (s->state[DROPIN] != DROPIN_ABSENT)
		err = dropin_remove(&s->file[DROPIN], f);
	if (!err)
		err = run("daemon-reload", NULL, f);
	if (!err && s->state[LOADER] != DROPIN_ABSENT) {
		err = run("stop", s->loader, f);
		if (!err)
			err = dropin_remove(&s->file[LOADER], f);
		if (!err)
			err = run("daemon-reload", NULL, f);
	}
	return err;
}

int slice_uninstall(const struct options *o)
{
	_cleanup_(slice_free) struct slice s;
	_cleanup_free_ char *word = NULL;
	struct failure f = { "" };
	int err = find(o->unit, &s, &f);

	if (!err && s.state[LOADER] == DROPIN_ABSENT && s.state[DROPIN] == DROPIN_ABSENT)
		err = fail(&f, -ENOENT, "cannot uninstall for %s: srcpin install did not write %s", s.unit.is[UNIT_ID],
			   s.file[DROPIN].path);
	if (err) {
		log_error("%s", f.text);
		return command_cgroup_status(err);
	}
	if (!o->dry_run && take_away(&s, &f)) {
		log_error("%s", f.text);
		return EXIT_SYSTEM;
	}
	for (int i = 0; i < N_FILES; i++)
		if (s.state[i] != DROPIN_ABSENT)
			printf("%s%s\n", s.file[i].path, o->dry_run ? " would be removed" : ": removed");
	word = quote_word(s.cgroup);
	if (!o->dry_run)
		printf("%s will not be pinned any more when it starts; what is in force ends with: "
		       "srcpin unload --cgroup %s\n",
		       s.unit.is[UNIT_ID], word);
	return command_end_output();
}
