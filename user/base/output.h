/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A stream of lines. It goes on until a signal ends it, or until nobody reads
 * it any more. It never blocks, so a signal is always heard.
 */
#ifndef SRCPIN_OUTPUT_H
#define SRCPIN_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"

struct output {
	int fd;
	int signals;
	size_t chunk; /* how much a write() takes without blocking, once poll() says that it takes anything */
	char *data;   /* to be written, from begin to end */
	size_t begin, end, size;
};

#define OUTPUT_NONE ((struct output){ .fd = -1, .signals = -1 })

/* From now on SIGINT, SIGTERM and SIGHUP are heard only here. The caller ignores SIGPIPE. */
int output_open(int fd, struct output *ret, struct failure *f);

/* Aborts if memory is out. */
void output_add(struct output *o, const char *text, size_t length);

/* Is more waiting than should be? Then wait for the reader. */
bool output_is_full(const struct output *o);

/*
 * Writes what is waiting, for so many milliseconds. UNTIL_WRITTEN: stops
 * earlier, when all is written. Also stops when the descriptor WAKE can be
 * read; -1: none. 1: go on; 0: it has been ended; or a negative errno.
 */
int output_wait(struct output *o, int wake, int milliseconds, bool until_written);

/* Writes what can be written without waiting. 0, or a negative errno; it is no error if nobody reads any more. */
int output_finish(struct output *o);

void output_close(struct output *o);

#endif
