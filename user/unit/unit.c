// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/quote.h"
#include "host/cgroup.h"
#include "host/cgroup_procs.h"
#include "host/cgroup_resolve.h"
#include "unit/systemctl.h"
#include "unit/unit.h"

static const char *const property_name[N_UNIT_PROPERTIES] = {
	[UNIT_ID] = "Id",
	[UNIT_LOAD_STATE] = "LoadState",
	[UNIT_ACTIVE_STATE] = "ActiveState",
	[UNIT_TYPE] = "Type",
	[UNIT_REMAIN_AFTER_EXIT] = "RemainAfterExit",
	[UNIT_CONTROL_GROUP] = "ControlGroup",
	[UNIT_SLICE] = "Slice",
	[UNIT_CONSISTS_OF] = "ConsistsOf",
	[UNIT_PART_OF] = "PartOf",
	[UNIT_SUCCESS_EXIT_STATUS] = "SuccessExitStatus",
	[UNIT_TIMEOUT_START] = "TimeoutStartUSec",
	[UNIT_ROOT_DIRECTORY] = "RootDirectory",
	[UNIT_ROOT_IMAGE] = "RootImage",
	[UNIT_ROOT_DIRECTORY_START_ONLY] = "RootDirectoryStartOnly",
	[UNIT_PAM_NAME] = "PAMName",
	[UNIT_PRIVATE_NETWORK] = "PrivateNetwork",
	[UNIT_NETWORK_NAMESPACE] = "NetworkNamespacePath",
	[UNIT_BIND_INTERFACE] = "BindNetworkInterface",
	[UNIT_TRIGGERED_BY] = "TriggeredBy",
	[UNIT_EXEC_START] = "ExecStart",
	[UNIT_EXEC_CONDITION] = "ExecCondition",
	[UNIT_EXEC_RELOAD] = "ExecReload",
	[UNIT_EXEC_STOP_POST] = "ExecStopPost",
};

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

char *unit_full_name(const char *name)
{
	char *full;

	full = xasprintf("%s%s", name, ends_with(name, ".service") ? "" : ".service");
	return full;
}

/* VALID_CHARS of systemd's unit-name.c: no slash, and nothing that systemctl takes for a pattern. */
bool unit_name_is_valid(const char *name)
{
	return *name && strlen(name) < 256 && *name != '-' && *name != '.' &&
	       name[strspn(name, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:-_.\\@")] == '\0';
}

/* Adds a line "Key=value" to its property. */
static void note(struct unit *u, char *line)
{
	char *value = strchr(line, '=');

	if (!value)
		return;
	*value++ = '\0';
	for (int i = 0; i < N_UNIT_PROPERTIES; i++) {
		char *old = u->is[i];

		if (strcmp(line, property_name[i]) != 0)
			continue;
		u->is[i] = xasprintf("%s%s%s", old, *old ? "\n" : "", value);
		free(old);
	}
}

int unit_show(const char *name, struct unit *ret, struct failure *f)
{
	_cleanup_free_ char *said = NULL, *wanted = NULL;
	char *next, *line;
	int err;

	*ret = (struct unit){ 0 };
	for (int i = 0; i < N_UNIT_PROPERTIES; i++) {
		char *list = wanted;

		wanted = xasprintf("%s%s%s", list ? list : "--property=", list ? "," : "", property_name[i]);
		free(list);
	}
	err = systemctl((const char *const[]){ "show", "--no-pager", wanted, "--", name, NULL }, &said, f);
	if (err)
		return err;
	for (int i = 0; i < N_UNIT_PROPERTIES; i++)
		ret->is[i] = xstrdup("");
	for (line = strtok_r(said, "\n", &next); line; line = strtok_r(NULL, "\n", &next))
		note(ret, line);
	return 0;
}

char *unit_alike(const char *where, const char *which, const char *name, size_t n)
{
	_cleanup_free_ char *said = NULL, *pattern = NULL;
	struct failure ignored = { "" };
	char *list = xstrdup(""), *next, *line;

	pattern = xasprintf("%.*s*.service", (int)n, name);
	if (systemctl((const char *const[]){ where, "--no-pager", "--no-legend", "--plain", "--full", which, "--",
					     pattern, NULL },
		      &said, &ignored))
		return list;
	for (line = strtok_r(said, "\n", &next); line; line = strtok_r(NULL, "\n", &next)) {
		line[strcspn(line, " ")] = '\0';
		quote_append(&list, line);
	}
	return list;
}

int unit_refuse_name(const char *name, struct failure *f)
{
	if (!unit_name_is_valid(name))
		return fail(f, -EINVAL, "cannot use %s: it is not a unit's name", name);
	if (ends_with(name, "@.service") || ends_with(name, "@")) {
		_cleanup_free_ char *instances = unit_alike("list-units", "--all", name, strcspn(name, "@") + 1);

		return fail(f, -EINVAL, "cannot use %s: it is a template (name an instance%s%s)", name,
			    *instances ? ": " : "", instances);
	}
	return 0;
}

int unit_refuse(const char *name, const struct unit *u, struct failure *f)
{
	const char *id = u->is[UNIT_ID], *state = u->is[UNIT_LOAD_STATE];
	_cleanup_free_ char *operand = quote_operand(id);

	if (strcmp(state, "not-found") == 0) {
		_cleanup_free_ char *candidates = unit_alike("list-unit-files", "--all", name, strcspn(name, "@."));

		if (*candidates)
			return fail(f, -ENOENT, "cannot find unit %s, did you mean: %s", id, candidates);
		return fail(f, -ENOENT, "cannot find unit %s (systemctl list-unit-files shows what there is)", id);
	}
	if (strcmp(state, "masked") == 0)
		return fail(f, -EINVAL, "cannot use %s: it is masked, and cannot start (systemctl unmask %s)", id,
			    operand);
	if (strcmp(state, "loaded") != 0)
		return fail(f, -EINVAL, "cannot use %s: systemd could not load it (systemctl status %s)", id, operand);
	return 0;
}

static int refuse_other(const char *name, const struct unit *u, struct failure *f)
{
	int err = unit_refuse(name, u, f);

	if (err || ends_with(u->is[UNIT_ID], ".service"))
		return err;
	return fail(f, -EINVAL, "cannot use %s: it is not a service", u->is[UNIT_ID]);
}

size_t unit_services(const struct unit *u, char **ret_list, char **ret_last)
{
	_cleanup_free_ char *all = xstrdup(u->is[UNIT_CONSISTS_OF]);
	char *list = xstrdup(""), *last = NULL, *next, *name;
	size_t n = 0;

	for (name = strtok_r(all, " ", &next); name; name = strtok_r(NULL, " ", &next)) {
		if (!ends_with(name, ".service"))
			continue;
		quote_append(&list, name);
		free(last);
		last = xstrdup(name);
		n++;
	}
	*ret_list = list;
	*ret_last = last;
	return n;
}

/* Looks into the cgroup: systemd 247 names one even after it has removed it. */
static bool has_processes(const struct unit *u)
{
	_cleanup_(cgroup_close) struct cgroup c = CGROUP_NONE;
	const char *path = u->is[UNIT_CONTROL_GROUP];
	struct failure ignored = { "" };

	return *path && !cgroup_resolve(path, &c, &ignored) && cgroup_has_processes(c.fd);
}

/* For example, Debian 12's postfix.service runs /bin/true, and has no process afterwards. */
static bool may_be_umbrella(const struct unit *u)
{
	return strcmp(u->is[UNIT_TYPE], "oneshot") == 0 && strcmp(u->is[UNIT_REMAIN_AFTER_EXIT], "yes") == 0 &&
	       !has_processes(u);
}

int unit_find(const char *name, struct unit *ret, struct failure *f)
{
	_cleanup_free_ char *services = NULL, *service = NULL;
	_cleanup_(unit_free) struct unit u = { 0 };
	size_t n;
	int err;

	*ret = (struct unit){ 0 };
	err = unit_refuse_name(name, f);
	if (!err)
		err = unit_show(name, &u, f);
	if (!err)
		err = refuse_other(name, &u, f);
	if (err)
		return err;
	n = may_be_umbrella(&u) ? unit_services(&u, &services, &service) : 0;
	if (n > 1)
		return fail(f, -ENOTUNIQ, "cannot choose for %s, which has no process of its own: name one of %s",
			    u.is[UNIT_ID], services);
	if (n == 1) {
		err = unit_show(service, ret, f);
		if (!err)
			ret->umbrella = steal_string(&u.is[UNIT_ID]);
		return err ? err : refuse_other(service, ret, f);
	}
	*ret = u;
	u = (struct unit){ 0 };
	return 0;
}

int unit_find_umbrella(const struct unit *u, struct unit *ret, struct failure *f)
{
	_cleanup_free_ char *all = xstrdup(u->is[UNIT_PART_OF]);
	char *next, *name;

	*ret = (struct unit){ 0 };
	for (name = strtok_r(all, " ", &next); name; name = strtok_r(NULL, " ", &next)) {
		int err = ends_with(name, ".service") ? unit_show(name, ret, f) : 0;

		if (err || (ret->is[UNIT_ID] && may_be_umbrella(ret)))
			return err;
		unit_free(ret);
	}
	return 0;
}

void unit_free(struct unit *u)
{
	for (int i = 0; i < N_UNIT_PROPERTIES; i++)
		free(u->is[i]);
	free(u->umbrella);
	*u = (struct unit){ 0 };
}
