/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs in a child what deals with names or words of others. The child has the
 * rights that it is given and no more, a time limit, and a limit on its
 * output. Its output is only data.
 */
#ifndef SRCPIN_CHILD_H
#define SRCPIN_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/rights.h"

#define CHILD_BYTES ((size_t)1 << 20)
#define CHILD_FD 3 /* where the child finds the descriptor that it is given */

struct child {
	const char *what;         /* for sentences: "cannot run /usr/sbin/postconf" */
	const struct account *as; /* NULL: the caller's */
	uint64_t keep;            /* the caller's capabilities that it keeps; ALL_CAPABILITIES: it gives up nothing */
	unsigned int seconds;     /* until it and its process group are killed */
	bool errors;              /* its standard error counts as output, too */
	int fd;                   /* the only one that it has besides 0, 1, 2; -1: none */
	/* Runs in the child, which ends with the result: 0, or a negative errno with the sentence in F. */
	int (*run)(const void *data, struct failure *f);
	const void *data;
};

/*
 * RET is what it printed, N bytes and a zero, to be freed. STATUS: how it
 * ended, as of waitpid(2). 0, or a negative errno: it could not be started,
 * RUN failed, -ETIMEDOUT, -EFBIG (more than CHILD_BYTES).
 */
int child_run(const struct child *c, char **ret, size_t *n, int *status, struct failure *f);

/* In the child: writes all of it to the parent. 0, or a negative errno. */
int child_say(const void *bytes, size_t n, struct failure *f);

#endif
