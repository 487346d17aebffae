/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The options of all commands. They are in one table: the parser and --help are made from it. */
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
	const char *source;
	const char *source4;
	const char *section;
	const char *user;
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
	int wait;    /* seconds; negative: not given */
	int port;    /* DEFAULT_PORT unless given */
	char **word; /* the command, and the words after it; then NULL */
	size_t n_words;
	size_t n_before;    /* of these, before "--" */
	unsigned long used; /* a bit for each option in the table that only some commands take */
};

/*
 * Reads all of ARGV, and moves the words in it to its front. False: something
 * is wrong, and the message is printed; RET has the words up to there.
 */
bool options_read(int argc, char **argv, struct options *ret);

/*
 * The first option that was used and that SYNOPSIS does not name: "--wait".
 * SYNOPSIS is as --help shows it. NULL: it names all of them.
 */
const char *options_not_in(const struct options *o, const char *synopsis);

/* Prints a line for each option, as --help shows it. */
void options_print(void);

#endif
