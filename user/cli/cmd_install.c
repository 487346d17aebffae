// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/quote.h"
#include "cli/command.h"
#include "cli/install_checks.h"
#include "cli/slice.h"
#include "unit/dropin.h"
#include "unit/systemctl.h"
#include "unit/unit.h"

#define WAIT 30 /* seconds for a source to be usable */

/* Is WORD in LIST, which is separated by blanks? */
static bool lists(const char *list, const char *word)
{
	size_t n;

	for (; *list; list += n + strspn(list + n, " ")) {
		n = strcspn(list, " ");
		if (n == strlen(word) && strncmp(list, word, n) == 0)
			return true;
	}
	return false;
}

/* Does LIST, of what counts as success ("143 KILL"), have a way for srcpin to fail: a signal, or 255? */
static bool hides_failure(const char *list)
{
	return lists(list, "255") || list[strcspn(list, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")];
}

/* Refuses a unit that would not start with the drop-in, or would start unpinned. */
static int check_unit(const struct unit *u, const struct config *c, struct failure *f)
{
	const char *id = u->is[UNIT_ID];
	const char *root = u->is[*u->is[UNIT_ROOT_DIRECTORY] ? UNIT_ROOT_DIRECTORY : UNIT_ROOT_IMAGE];

	if (!config_find(c, id))
		return fail(f, -EINVAL,
			    "cannot install for %s%s%s: " DEFAULT_CONFIG " has no section for %s (add [%s])",
			    u->umbrella ? u->umbrella : id, u->umbrella ? ", whose service is " : "",
			    u->umbrella ? id : "", u->umbrella ? "that" : "it", id);
	if (*root && strcmp(u->is[UNIT_ROOT_DIRECTORY_START_ONLY], "yes") != 0)
		return fail(f, -EINVAL,
			    "cannot install for %s: srcpin could not be run below its RootDirectory= or RootImage=, %s "
			    "(set RootDirectoryStartOnly=yes)",
			    id, root);
	if (hides_failure(u->is[UNIT_SUCCESS_EXIT_STATUS]))
		return fail(f, -EINVAL,
			    "cannot install for %s: with %s in SuccessExitStatus= it would start unpinned where srcpin "
			    "fails or is killed (take out 255, and what is a signal)",
			    id, u->is[UNIT_SUCCESS_EXIT_STATUS]);
	return install_check_place(u, f);
}

/* If a load waits for longer than the unit may take to start, systemd kills it, and the unit fails. */
static unsigned int seconds_to_wait(const struct unit *u)
{
	const char *timeout = u->is[UNIT_TIMEOUT_START];
	char *unit;
	unsigned long n = strtoul(timeout, &unit, 10);

	if (*unit == 's' || *unit == '.') /* "1.500s" */
		return n / 2 < WAIT ? (unsigned int)n / 2 : WAIT;
	return strncmp(unit, "ms", 2) == 0 || strncmp(unit, "us", 2) == 0 ? 0 : WAIT; /* "1min 30s", "infinity" */
}

/* Finds our command among those in LINES. Other drop-ins may have put theirs around it, or reset the list. */
static const char *find_ours(const char *lines, const struct dropin *d, const char *command)
{
	char argv[sizeof(d->binary) + 32];

	snprintf(argv, sizeof(argv), "argv[]=%s %s ", d->binary, command);
	return strstr(lines, argv);
}

/* Has the unit a reload command of its own? What the drop-in adds may be there already, and does not count. */
static bool reloads_itself(const struct unit *u, const struct dropin *d)
{
	const char *lines = u->is[UNIT_EXEC_RELOAD], *ours = find_ours(lines, d, "reload");

	return strcmp(u->is[UNIT_TYPE], "notify-reload") == 0 || (*lines && !ours) || strchr(lines, '\n');
}

/* The drop-in of a unit, as it is and as it will be */
struct target {
	const struct unit *unit;
	struct dropin dropin;
	enum dropin_state state;
};

static int examine_target(const struct unit *u, bool umbrella, const struct config *c, struct target *ret,
			  struct failure *f)
{
	int err = check_unit(u, c, f);

	ret->unit = u;
	if (!err)
		err = dropin_describe(u->is[UNIT_ID], umbrella, seconds_to_wait(u), &ret->dropin, f);
	if (!err)
		err = dropin_check_program(&ret->dropin, f);
	return err ? err : dropin_examine(&ret->dropin, &ret->state, f);
}

static void warn_of_umbrella(const struct unit *umbrella, const struct unit *u)
{
	const char *name = umbrella->is[UNIT_ID], *service = u->is[UNIT_ID];
	_cleanup_free_ char *operand = quote_word(name);
	char both[NAME_MAX + 16];
	int n = 0;

	while (name[n] != '.' && name[n] == service[n])
		n++;
	snprintf(both, sizeof(both), "%.*s*.service", n, name);
	log_warning(
		"nothing would pin %s, should an upgrade of the distribution move the processes of %s there, as that "
		"from Debian 12 to 13 does with Postfix's (name the section so that it matches both, as [%s], then: "
		"srcpin install --unit %s)",
		name, service, both, operand);
}

static void print_findings(const struct target *t, size_t n, const struct config *c)
{
	const struct unit *u = t[0].unit;
	const char *id = u->is[UNIT_ID], *state = u->is[UNIT_ACTIVE_STATE];

	if (u->umbrella)
		printf("%s has no process of its own: its service is %s\n", u->umbrella, id);
	printf("%s: %s, section [%s] of " DEFAULT_CONFIG "\n", id, state, config_find(c, id)->name);
	if (n > 1)
		printf("%s: section [%s], so that it is pinned, too, should an upgrade of the distribution move the "
		       "processes there\n",
		       t[1].unit->is[UNIT_ID], config_find(c, t[1].unit->is[UNIT_ID])->name);
	if (!reloads_itself(u, &t[0].dropin))
		printf("%s has no reload of its own: systemctl reload-or-restart will reload srcpin's policy, and not "
		       "restart it any more\n",
		       id);
}

static int check_effect(const struct dropin *d, const char *id)
{
	_cleanup_(unit_free) struct unit now = { 0 };
	_cleanup_free_ char *operand = quote_operand(id);
	const char *load, *unload;
	struct failure f = { "" };

	if (unit_show(id, &now, &f)) {
		log_error("%s", f.text);
		return EXIT_SYSTEM;
	}
	load = find_ours(now.is[UNIT_EXEC_CONDITION], d, "load");
	if (!load) {
		log_error("%s is written, and something else takes back its ExecCondition=: %s will start unpinned "
			  "(systemctl cat %s)",
			  d->path, id, operand);
		return EXIT_SYSTEM;
	}
	if (memchr(now.is[UNIT_EXEC_CONDITION], '\n', (size_t)(load - now.is[UNIT_EXEC_CONDITION])))
		log_warning("%s has another ExecCondition= before srcpin's, which will run unpinned (systemctl cat %s)",
			    id, operand);
	unload = find_ours(now.is[UNIT_EXEC_STOP_POST], d, "unload");
	if (unload && strchr(unload, '\n'))
		log_warning("%s has another ExecStopPost= after srcpin's, which will run unpinned (systemctl cat %s)",
			    id, operand);
	return EXIT_OK;
}

/* Also if the drop-in was there already: the install that wrote it may have been killed before systemd knew. */
static int put_in_effect(const struct target *t, size_t n)
{
	const char *id = t[0].unit->is[UNIT_ID], *active = t[0].unit->is[UNIT_ACTIVE_STATE];
	_cleanup_free_ char *said = NULL, *operand = quote_operand(id);
	struct failure f = { "" };
	int err = 0;

	for (size_t i = 0; !err && i < n; i++)
		if (t[i].state != DROPIN_SAME)
			err = dropin_write(&t[i].dropin, &f);
	if (err || systemctl((const char *const[]){ "daemon-reload", NULL }, &said, &f)) {
		log_error("%s", f.text);
		return EXIT_SYSTEM;
	}
	for (size_t i = 0; i < n; i++)
		printf("%s: %s\n", t[i].dropin.path, t[i].state == DROPIN_SAME ? "is there already" : "written");
	for (size_t i = 0; i < n; i++) {
		int status = check_effect(&t[i].dropin, t[i].unit->is[UNIT_ID]);

		if (status)
			return status;
	}
	if (strcmp(active, "inactive") == 0 || strcmp(active, "failed") == 0)
		printf("%s will be pinned when it starts\n", id);
	else if (t[0].state != DROPIN_SAME)
		printf("%s will be pinned from its next start on; to pin it now: systemctl restart %s\n", id, operand);
	return command_end_output();
}

static int show(const struct target *t, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("%s%s %s:\n\n%s", i ? "\n" : "", t[i].dropin.path,
		       t[i].state == DROPIN_SAME     ? "is there already"
		       : t[i].state == DROPIN_ABSENT ? "would be written"
						     : "would be written anew",
		       t[i].dropin.text);
	return command_end_output();
}

/* Pins an umbrella too: otherwise what moves into it would be unpinned, and nobody would notice. */
static int install(const struct options *o, const struct config *c, const struct unit *u)
{
	_cleanup_(unit_free) struct unit umbrella = { 0 };
	struct failure f = { "" };
	struct target t[2];
	bool named = false;
	int status, err;

	err = examine_target(u, false, c, &t[0], &f);
	if (!err)
		err = unit_find_umbrella(u, &umbrella, &f);
	if (!err && umbrella.is[UNIT_ID]) {
		named = config_find(c, umbrella.is[UNIT_ID]);
		err = named ? examine_target(&umbrella, true, c, &t[1], &f) : 0;
	}
	if (err) {
		log_error("%s", f.text);
		return command_cgroup_status(err);
	}
	print_findings(t, named ? 2 : 1, c);
	if (umbrella.is[UNIT_ID] && !named)
		warn_of_umbrella(&umbrella, u);
	status = o->dry_run ? show(t, named ? 2 : 1) : put_in_effect(t, named ? 2 : 1);
	if (!status)
		install_warn(u);
	return status;
}

static int install_service(const struct options *o)
{
	_cleanup_(policies_free) struct policies c = { 0 };
	_cleanup_(unit_free) struct unit u = { 0 };
	struct failure f = { "" };
	int status, err = unit_find(o->unit, &u, &f);

	if (err) {
		log_error("%s", f.text);
		return command_cgroup_status(err);
	}
	status = command_read_config(DEFAULT_CONFIG, &c);
	return status ? status : install(o, &c.config, &u);
}

int cmd_install(const struct options *o)
{
	if (!o->unit) {
		log_error("install needs --unit NAME");
		return EXIT_USAGE;
	}
	return slice_is(o->unit) ? slice_install(o) : install_service(o);
}
