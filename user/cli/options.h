/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The options of all commands: one table, of which the parser and --help are made. */
#ifndef SRCPIN_OPTIONS_H
#define SRCPIN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

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
	bool exec_condition;
	bool if_empty;
	bool json;
	bool prometheus;
	bool reset;
	bool online;
	bool mx;
	bool verbose;
	bool help;
	bool version;
	int wait;          /* seconds; negative: not given */
	int port;          /* DEFAULT_PORT unless given */
	char *const *word; /* the command, and what stands after it */
	size_t n_words;
	unsigned long used; /* a bit for each option of the table that is for some commands only */
};

/* Reads all of ARGV. False: it is wrong, and the message is printed. */
bool options_read(int argc, char **argv, struct options *ret);

/*
 * Of what was used, the first option that SYNOPSIS, as --help shows it, does
 * not name: "--wait"; NULL: it names all.
 */
const char *options_not_in(const struct options *o, const char *synopsis);

/* A line each, as --help shows them */
void options_print(void);

#endif
