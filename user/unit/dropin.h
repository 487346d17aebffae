/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The drop-in that has a unit pinned at each start: a file of ours below
 * /etc/systemd/system, which its first line marks. No other file is touched.
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
	char text[9 * PATH_MAX]; /* what belongs in there, for this srcpin */
	char binary[PATH_MAX];   /* this srcpin, as the lines call it */
};

/*
 * UNIT is a valid name; UMBRELLA: it has no process of its own, as yet; WAIT: seconds for load --wait. -EINVAL: the
 * path of this program cannot be written in a unit.
 */
int dropin_describe(const char *unit, bool umbrella, unsigned int wait, struct dropin *ret, struct failure *f);

/* -EPERM: somebody but root could change the program that the unit would run. */
int dropin_check_program(const struct dropin *d, struct failure *f);

enum dropin_state {
	DROPIN_ABSENT,
	DROPIN_SAME,  /* ours, with that text, and root's alone */
	DROPIN_OTHER, /* ours, with another text */
};

/* What is there? -EEXIST: something that is not ours. This and what follows refuse a folder that is not root's alone.
 */
int dropin_examine(const struct dropin *d, enum dropin_state *ret, struct failure *f);

/* Writes it as a whole or not at all, through crashes too. */
int dropin_write(const struct dropin *d, struct failure *f);

/* And its folder, if nothing else is in there. */
int dropin_remove(const struct dropin *d, struct failure *f);

#endif
