/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A stream of lines that goes on until somebody ends it: by a signal, or by no
 * longer reading. Never blocks, so that a signal is always heard.
 */
#ifndef SRCPIN_OUTPUT_H
#define SRCPIN_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"

struct output {
	int fd;
	int signals;
	size_t chunk; /* that a write() takes without blocking, once poll() says that it takes anything */
	char *data;   /* what is to be written: from begin to end */
	size_t begin, end, size;
};

#define OUTPUT_NONE ((struct output){ .fd = -1, .signals = -1 })

/* From now on SIGINT, SIGTERM and SIGHUP are heard only here; SIGPIPE is to be ignored. */
int output_open(int fd, struct output *ret, struct failure *f);

/* Aborts if memory is out. */
void output_add(struct output *o, const char *text, size_t length);

/* Is more waiting than should be? Then it is for the reader's turn. */
bool output_is_full(const struct output *o);

/*
 * Writes for so many milliseconds what is waiting, or (UNTIL_WRITTEN) no longer than
 * that takes, or than until the descriptor WAKE can be read; -1: none.
 * 1: go on; 0: it has been ended; or a negative errno.
 */
int output_wait(struct output *o, int wake, int milliseconds, bool until_written);

/* What can be written without waiting. 0, or a negative errno; that nobody reads any more is no error. */
int output_finish(struct output *o);

void output_close(struct output *o);

#endif
