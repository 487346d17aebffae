/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The commands, and what they share: exit statuses, and the way to a policy. */
#ifndef SRCPIN_COMMAND_H
#define SRCPIN_COMMAND_H

#include <stdbool.h>

#include "cli/options.h"
#include "dns/destination.h"
#include "kernel/loaded.h"
#include "kernel/unheld.h"
#include "policy/policies.h"

enum {
	EXIT_OK = 0,
	EXIT_USAGE = 1,        /* also: errors in the config */
	EXIT_SYSTEM = 2,       /* the system refused */
	EXIT_NOTHING = 3,      /* status: nothing is loaded */
	EXIT_DEGRADED = 4,     /* status: loaded, but not all is well; doctor: there is a finding */
	EXIT_NOT_RUN = 125,    /* run: the command was not started; as env(1) has these three */
	EXIT_NO_PROGRAM = 126, /* run: what the command names cannot be run */
	EXIT_NOT_FOUND = 127,  /* run: there is no such program */
	EXIT_CONDITION = 255,  /* load --exec-condition: instead of EXIT_USAGE and EXIT_SYSTEM */
};

/* X(name, synopsis, summary, destinations). A command takes the options that its synopsis names. */
#define COMMANDS(X)                                                                                                \
	X(load, "--cgroup NAME [-c FILE] [--wait SECONDS] [-n] [--close-stale] [--exec-condition]",                \
	  "put the policy for NAME in force, or replace it", false)                                                \
	X(reload, "[--cgroup NAME]", "read the config again for what is loaded", false)                            \
	X(unload, "--cgroup NAME [--if-empty] | --all", "take it out again", false)                                \
	X(status, "[--cgroup NAME] [--json | --prometheus | --reset]", "what is in force, and is it well", false)  \
	X(watch, "[--cgroup NAME] [--json] [--only VERDICT] [--to PREFIX]", "each decision, as it is made", false) \
	X(install, "--unit NAME [-n]", "have the service or slice pinned at each start, by a drop-in", false)      \
	X(uninstall, "--unit NAME [-n]", "take that drop-in away again", false)                                    \
	X(doctor, "[--cgroup NAME] [-c FILE] [--online | --dns SERVERS] [--domain DOMAIN] [--json]",               \
	  "what is wrong with the host, a service or its sources", false)                                          \
	X(check, "[-c FILE]", "show all errors of the config", false)                                              \
	X(explain, "--cgroup NAME [-c FILE] [--port PORT] [--mx] [--dns SERVERS] [--json] DEST...",                \
	  "what the config says for a destination, and which line", true)                                          \
	X(probe, "--cgroup NAME [--port PORT] [--mx] [--dns SERVERS] [--json] DEST...",                            \
	  "what really happens to a socket of the service; sends nothing", true)                                   \
	X(run,                                                                                                     \
	  "[--cgroup NAME | --source ADDRESS [--source4 ADDRESS] | [-c FILE] --section NAME] [--user USER] "       \
	  "-- COMMAND...",                                                                                         \
	  "run a command pinned: as the service, or with a policy of its own", false)

#define X(name, synopsis, summary, destinations) int cmd_##name(const struct options *o);
COMMANDS(X)
#undef X

struct command {
	const char *name;
	const char *synopsis; /* the options, as --help shows them */
	const char *summary;
	int (*run)(const struct options *o);
	bool destinations; /* it takes DEST..., and needs at least one and --cgroup */
};

extern const struct command command_table[]; /* the last one has no name */

/*
 * Reads and checks the whole file, and prints all errors. EXIT_OK, or the exit
 * status to end with. RET is set in any case.
 */
int command_read_config(const char *path, struct policies *ret);

/*
 * PATH from the root on. Leaves symbolic links in it: they may later lead to
 * another file, and that must be noticed. To be freed; aborts if memory is out.
 */
char *command_absolute_path(const char *path);

/*
 * Lists what is loaded: for --cgroup, or everything without it. Prints errors.
 * Clears first what ended commands of "srcpin run" have left.
 * EXIT_OK, or the exit status to end with.
 */
int command_list_loaded(const struct options *o, struct loaded_list *ret);

/*
 * If nothing is loaded, programs of ours may still be attached: to the cgroup
 * of --cgroup, or anywhere without it. The first function finds where, the
 * second also says so; true: there are some.
 */
void command_find_unheld(const struct options *o, struct unheld *ret);
bool command_say_unheld(const struct options *o);

/*
 * Finds the addresses of the words after the command; prints which have none.
 * EXIT_OK, or the exit status to end with unless another error follows. RET is
 * to be freed in any case.
 */
int command_find_destinations(const struct options *o, struct destinations *ret);

/* Ends the output to stdout. EXIT_OK, or EXIT_SYSTEM with a message if it could not be written. */
int command_end_output(void);

/* The exit status for an error of cgroup_resolve(): a bad name, or a host that cannot tell. */
int command_cgroup_status(int err);

#endif
