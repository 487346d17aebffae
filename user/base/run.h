/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Runs another program, and returns what it prints. */
#ifndef SRCPIN_RUN_H
#define SRCPIN_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/rights.h"

struct program {
	const char *const
		*paths; /* absolute, where distributions put it; NULL ends the list; the first that exists is run */
	const char *const *argv;  /* without its name; NULL ends it */
	const struct account *as; /* whom it runs as; NULL: as the caller */
	uint64_t keep;            /* the caller's capabilities that it keeps */
	unsigned int seconds;     /* it may take so long */
	bool errors;              /* its standard error is wanted, too */
};

/*
 * Runs a program in a child (child.h), if its file is root's and nobody else
 * can replace it (trust.h). Its environment does not depend on ours. RET, to
 * be freed, is what it prints; STATUS is its exit status as of waitpid(2).
 * Refuses scripts. 0, or a negative errno with the sentence in F.
 */
int run_program(const struct program *p, char **ret, int *status, struct failure *f);

#endif
