/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The commands, and what they have in common: exit statuses, options, the way to a policy. */
#ifndef SRCPIN_COMMAND_H
#define SRCPIN_COMMAND_H

#include <stdbool.h>

#include "config/config.h"
#include "dns/destination.h"
#include "kernel/loader.h"
#include "kernel/unheld.h"

enum {
	EXIT_OK = 0,
	EXIT_USAGE = 1,       /* also: errors in the config */
	EXIT_SYSTEM = 2,      /* the system refused */
	EXIT_NOTHING = 3,     /* status: nothing is loaded */
	EXIT_DEGRADED = 4,    /* status: loaded, but not all is well; doctor: there is a finding */
	EXIT_CONDITION = 255, /* load --exec-condition, instead of EXIT_USAGE and EXIT_SYSTEM */
};

#define DEFAULT_CONFIG "/etc/srcpin.conf"
#define DEFAULT_PORT 25

struct options {
	const char *cgroup;
	const char *unit;
	const char *domain;
	const char *dns;
	const char *config; /* DEFAULT_CONFIG unless given */
	const char *only;
	const char *to;
	bool all;
	bool close_stale;
	bool dry_run;
	bool if_empty;
	bool json;
	bool prometheus;
	bool reset;
	bool online;
	bool verbose;
	int wait; /* seconds; negative: not given */
	int port; /* DEFAULT_PORT unless given */
	bool mx;
	char *const *destination; /* what stands behind the command */
	size_t n_destinations;
};

struct command {
	const char *name;
	const char *synopsis; /* the options, as --help shows them */
	const char *summary;
	const char *accepts; /* one letter for each option that it knows: see main.c */
	int (*run)(const struct options *o);
	bool destinations; /* it takes DEST..., and needs one and --cgroup */
};

extern const struct command command_table[];

int cmd_load(const struct options *o);
int cmd_reload(const struct options *o);
int cmd_unload(const struct options *o);
int cmd_status(const struct options *o);
int cmd_doctor(const struct options *o);
int cmd_watch(const struct options *o);
int cmd_check(const struct options *o);
int cmd_explain(const struct options *o);
int cmd_probe(const struct options *o);
int cmd_install(const struct options *o);
int cmd_uninstall(const struct options *o);

/* Reads and checks the whole file, and prints all errors. EXIT_OK, or the exit status to end with; RET is set anyway.
 */
int command_read_config(const char *path, struct config *ret);

/* What is loaded for --cgroup, or all without; prints what fails. EXIT_OK, or the exit status to end with. */
int command_list_loaded(const struct options *o, struct loaded_list *ret);

/* Where nothing is loaded: what is attached all the same to that of --cgroup, or to all without. Says it, and if any
 * is. */
void command_find_unheld(const struct options *o, struct unheld *ret);
bool command_say_unheld(const struct options *o);

/* The addresses of what stands behind the command; prints what has none. EXIT_OK, or the exit status to end with if not
 * an error comes later; RET is to be freed in any case. */
int command_find_destinations(const struct options *o, struct destinations *ret);

/* Ends the output to stdout: EXIT_OK, or EXIT_SYSTEM with a message if it could not be written. */
int command_end_output(void);

/* What a failure of cgroup_resolve() means for the exit status: a bad name, or a host that cannot. */
int command_cgroup_status(int err);

#endif
