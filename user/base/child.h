/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A child for what others name or say. It has the rights that it is given and
 * no more, a time limit, and a limit of what it says: what that is, is data.
 */
#ifndef SRCPIN_CHILD_H
#define SRCPIN_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/rights.h"

#define CHILD_BYTES ((size_t)1 << 20)
#define CHILD_FD 3 /* the one that it is given, within it */

struct child {
	const char *what;         /* for sentences: "cannot run /usr/sbin/postconf" */
	const struct account *as; /* NULL: the caller's */
	uint64_t keep;            /* capabilities, of the caller's; ALL_CAPABILITIES: it gives up nothing */
	unsigned int seconds;     /* until it is killed, and its process group with it */
	bool errors;              /* what it says on standard error counts, too */
	int fd;                   /* the only one that it has besides 0, 1, 2; -1: none */
	/* In the child: it ends with what this returns, 0 or a negative errno with the sentence in F. */
	int (*run)(const void *data, struct failure *f);
	const void *data;
};

/*
 * RET, to be freed, is what it printed, N bytes and a zero; STATUS how it ended, as of waitpid(2).
 * 0, or a negative errno: it could not be started, RUN failed, -ETIMEDOUT, -EFBIG (more than CHILD_BYTES).
 */
int child_run(const struct child *c, char **ret, size_t *n, int *status, struct failure *f);

/* All of it, to the parent. 0, or a negative errno. */
int child_say(const void *bytes, size_t n, struct failure *f);

#endif
