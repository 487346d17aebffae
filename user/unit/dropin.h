/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The drop-in that makes systemd pin a unit at each start. It is a file of
 * ours below /etc/systemd/system; its first line marks it. A slice has two: it
 * runs no command, so a unit of ours does that for it. No other file is
 * touched.
 *
 * All functions return 0 or a negative errno with the sentence in F.
 */
#ifndef SRCPIN_DROPIN_H
#define SRCPIN_DROPIN_H

#include <limits.h>
#include <stdbool.h>

#include "base/failure.h"

struct dropin {
	char path[PATH_MAX];
	char folder[PATH_MAX];   /* of that path */
	char name[NAME_MAX + 1]; /* of the file in there */
	char text[9 * PATH_MAX]; /* what belongs into the file, for this srcpin */
	char binary[PATH_MAX];   /* the path of this srcpin, as in the lines */
};

/*
 * UNIT is a valid name. UMBRELLA: it has no process of its own so far. WAIT:
 * seconds for load --wait. -EINVAL: the path of this program cannot be written
 * in a unit.
 */
int dropin_describe(const char *unit, bool umbrella, unsigned int wait, struct dropin *ret, struct failure *f);

/* The unit that pins SLICE: its name, to be freed. */
char *dropin_loader(const char *slice);

/*
 * For a slice, whose cgroup will have this path: RET is the unit that pins it,
 * and the slice's drop-in, which requires that. OUTER: the slice that it is
 * in, or NULL.
 */
int dropin_describe_slice(const char *slice, const char *cgroup, const char *outer, unsigned int wait,
			  struct dropin ret[2], struct failure *f);

/* -EPERM: others than root could change the program that the unit would run. */
int dropin_check_program(const struct dropin *d, struct failure *f);

enum dropin_state {
	DROPIN_ABSENT,
	DROPIN_SAME,  /* ours, with that text, and root's alone */
	DROPIN_OTHER, /* ours, with another text */
};

/*
 * What is there? -EEXIST: a file that is not ours. This and the next functions
 * refuse a folder that is not root's alone.
 */
int dropin_examine(const struct dropin *d, enum dropin_state *ret, struct failure *f);

/* Writes the file as a whole or not at all, even through a crash. */
int dropin_write(const struct dropin *d, struct failure *f);

/* Removes the file; and its folder, if nothing else is in it. */
int dropin_remove(const struct dropin *d, struct failure *f);

#endif
