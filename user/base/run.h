/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What another program says. */
#ifndef SRCPIN_RUN_H
#define SRCPIN_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/rights.h"

struct program {
	const char *const
		*paths; /* absolute, where distributions put it; NULL is the last: the first that is there is run */
	const char *const *argv;  /* of which NULL is the last, without its name */
	const struct account *as; /* whom it runs as; NULL: as the caller */
	uint64_t keep;            /* capabilities, of the caller's */
	unsigned int seconds;     /* that it may take */
	bool errors;              /* its standard error is wanted, too */
};

/*
 * Runs a program, if it is a file of root's that nobody else can exchange (trust.h), with an environment that does not
 * depend on ours, as a child of child.h: RET, to be freed, is what it says, STATUS its exit status as of waitpid(2).
 * A script is none. 0, or a negative errno with the sentence in F.
 */
int run_program(const struct program *p, char **ret, int *status, struct failure *f);

#endif
