/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From what a user types to the service to be pinned, as systemd knows it. */
#ifndef SRCPIN_UNIT_H
#define SRCPIN_UNIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"

enum unit_property {
	UNIT_ID,
	UNIT_LOAD_STATE,
	UNIT_ACTIVE_STATE,
	UNIT_TYPE,
	UNIT_REMAIN_AFTER_EXIT,
	UNIT_CONTROL_GROUP, /* systemd 247 names one even after it has removed it */
	UNIT_SLICE,
	UNIT_CONSISTS_OF, /* the units that are PartOf= it, separated by blanks */
	UNIT_PART_OF,
	UNIT_SUCCESS_EXIT_STATUS,
	UNIT_TIMEOUT_START, /* "1min 30s" */
	UNIT_ROOT_DIRECTORY,
	UNIT_ROOT_IMAGE,
	UNIT_ROOT_DIRECTORY_START_ONLY,
	UNIT_PAM_NAME,
	UNIT_PRIVATE_NETWORK,
	UNIT_NETWORK_NAMESPACE,
	UNIT_BIND_INTERFACE,
	UNIT_TRIGGERED_BY,
	UNIT_EXEC_START, /* this and the next ones: a line for each command */
	UNIT_EXEC_CONDITION,
	UNIT_EXEC_RELOAD,
	UNIT_EXEC_STOP_POST,
	N_UNIT_PROPERTIES
};

struct unit {
	char *is[N_UNIT_PROPERTIES]; /* as systemctl show prints it; "" if it does not print it */
	char *umbrella;              /* the unit that was asked for, if that only stands for this one; or NULL */
};

/*
 * The service that NAME means: by its own name, by an alias, or, if NAME has
 * no process of its own, the service that is PartOf= it. 0, or with the
 * sentence in F: -ENOENT (no such unit; candidates are named), -ENOTUNIQ (it
 * stands for several), -EINVAL (not a service, a template, masked), or as
 * systemctl().
 */
int unit_find(const char *name, struct unit *ret, struct failure *f);

/*
 * The unit that only stands for U, or for U and others, even if it is not the
 * one that was asked for. RET has no UNIT_ID if there is none.
 */
int unit_find_umbrella(const struct unit *u, struct unit *ret, struct failure *f);

/* What systemd knows now about the unit with exactly this name. */
int unit_show(const char *name, struct unit *ret, struct failure *f);

/* Can a unit have this NAME? -EINVAL: it cannot, or it is a template's. */
int unit_refuse_name(const char *name, struct failure *f);

/* Is there a U that can be started? systemd knows it as NAME. If not, as unit_find(). */
int unit_refuse(const char *name, const struct unit *u, struct failure *f);

/*
 * The services whose names begin with the first N bytes of NAME, quoted and
 * separated by commas; to be freed. WHERE is "list-units" or
 * "list-unit-files"; WHICH is an option that selects some of them.
 */
char *unit_alike(const char *where, const char *which, const char *name, size_t n);

/*
 * How many services are PartOf= U. RET_LIST: they, separated by commas.
 * RET_LAST: the last one, or NULL. Both are to be freed.
 */
size_t unit_services(const struct unit *u, char **ret_list, char **ret_last);

/* NAME, with ".service" if its suffix was left out; to be freed. */
char *unit_full_name(const char *name);

/* May a unit have this NAME? Then it is also a file name without a slash. */
bool unit_name_is_valid(const char *name);

void unit_free(struct unit *u);

#endif
