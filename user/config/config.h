/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The config file as sections of values with positions. Knows the syntax (INI
 * as systemd's users know it). policy.h knows what a key means.
 *
 * Every problem becomes a diagnostic, and parsing goes on, so that one run
 * shows all of them. Lines and columns count from 1, columns in bytes.
 */
#ifndef SRCPIN_CONFIG_H
#define SRCPIN_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/failure.h"

struct diagnostic {
	unsigned int line;
	unsigned int col;
	char *message;
};

struct diagnostics {
	struct diagnostic *item;
	size_t n;
};

struct config_value {
	char *key;
	char *text; /* without blanks around it, and without a comment; never NULL, may be empty */
	unsigned int line;
	unsigned int key_col; /* where an indented line continues a key: as col */
	unsigned int col;     /* of the text */
};

struct config_section {
	char *name; /* between the brackets; a glob (fnmatch) or the name of a cgroup */
	unsigned int line;
	unsigned int col;           /* of the opening bracket */
	struct config_value *value; /* in the order of the file; a key may come more than once */
	size_t n_values;
};

struct config {
	struct config_section *section; /* in the order of the file */
	size_t n_sections;
};

/* Adds a diagnostic. Aborts the process if memory is out, as do all functions below. */
void diagnose(struct diagnostics *d, unsigned int line, unsigned int col, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Sorts by position, so that the errors of syntax and meaning read in the order of the file. */
void diagnostics_sort(struct diagnostics *d);
void diagnostics_free(struct diagnostics *d);

/*
 * Reads a config from IN to its end. 0, or a negative errno if reading failed.
 * Errors in the text are only in D. RET is set in both cases; the caller frees
 * it with config_free().
 */
int config_parse(FILE *in, struct config *ret, struct diagnostics *d);

/*
 * Opens PATH and parses it, if it is root's alone: trust_open(). -EFBIG: too
 * large for a config. Other errors are those of read(2).
 */
int config_read(const char *path, struct config *ret, struct diagnostics *d, struct failure *f);

/* The section [doctor] is for srcpin doctor, and not for a service. Is S it? Returns that of C, or NULL. */
bool config_is_doctor(const struct config_section *s);
const struct config_section *config_doctor(const struct config *c);

/*
 * The section for a cgroup's last path component: the one with that name, else
 * the first glob that matches, else NULL.
 */
const struct config_section *config_find(const struct config *c, const char *name);

/*
 * The pattern before S that has all names of the pattern S, which is therefore
 * never used. NULL: there is none, as far as is known.
 */
const struct config_section *config_hiding(const struct config *c, const struct config_section *s);

/* The first value of KEY, or NULL. */
const struct config_value *config_first(const struct config_section *s, const char *key);

void config_free(struct config *c);

#endif
